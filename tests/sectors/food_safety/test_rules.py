"""The pure rules of food safety: which decree governs, the figures of an outbreak, the plan of inspections."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.sectors.health.food_safety import law, outbreaks, planning
from hienluong.sectors.health.food_safety.inspected import Inspection, latest
from hienluong.sectors.health.food_safety.law import Instrument, Suspension
from hienluong.sectors.health.food_safety.outbreaks import Case
from hienluong.sectors.health.food_safety.planning import Premises

pytestmark = pytest.mark.once

NOON = datetime(2026, 11, 20, 12, 20)


@pytest.mark.parametrize(
    ("day", "number", "way"),
    [
        (date(2017, 5, 1), "38/2012/NĐ-CP", "confirmation"),
        (date(2018, 2, 2), "15/2018/NĐ-CP", "self_declaration"),
        (date(2026, 1, 25), "15/2018/NĐ-CP", "self_declaration"),
        (date(2026, 1, 26), "46/2026/NĐ-CP", "conformity"),
        (date(2026, 2, 3), "46/2026/NĐ-CP", "conformity"),
        (date(2026, 2, 4), "15/2018/NĐ-CP", "self_declaration"),
        (date(2026, 4, 6), "15/2018/NĐ-CP", "self_declaration"),
        (date(2026, 11, 26), "15/2018/NĐ-CP", "self_declaration"),
    ],
)
def test_what_was_replaced_applies_again_while_its_successor_is_suspended(day: date, number: str, way: str) -> None:
    found = law.governing(law.instruments(), day)
    assert found is not None
    assert (found.number, found.way) == (number, way)


def test_before_the_first_decree_none_applies_and_a_suspension_says_by_what() -> None:
    assert law.governing(law.instruments(), date(2000, 1, 1)) is None
    decree = next(one for one in law.instruments() if one.number == "46/2026/NĐ-CP")
    assert decree.suspended_by(date(2026, 3, 1)) == "09/2026/NQ-CP"
    assert decree.suspended_by(date(2026, 11, 26)) == "15/2026/NQ-CP"
    assert law.state(law.instruments(), decree, date(2026, 11, 26)) == "suspended"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)))), max_size=5))
def test_at_most_one_of_a_line_of_decrees_applies(line: list[tuple[int, list[tuple[int, int]]]]) -> None:
    start = date(2020, 1, 1)
    chain, day = [], start
    for number, (later, stops) in enumerate(line):
        day += timedelta(days=later)
        held = tuple(Suspension(start + timedelta(s), start + timedelta(s + n), "NQ") for s, n in stops)
        chain.append(Instrument(str(number), "", day, "", str(number - 1) if number else "", held))
    for probe in range(0, 90, 3):
        on = start + timedelta(days=probe)
        begun = [one for one in chain if one.effective_from <= on and not one.suspended_by(on)]
        applying = [one for one in chain if law.state(chain, one, on) == "in_force"]
        assert applying == begun[-1:]


def people(ill_ate: int, well_ate: int, ill_left: int, well_left: int) -> list[Case]:
    groups = ((True, True, ill_ate), (False, True, well_ate), (True, False, ill_left), (False, False, well_left))
    return [Case(ill, NOON if ill else None, {"Gỏi": ate}) for ill, ate, count in groups for _ in range(count)]


def test_attack_rates_are_those_of_the_oswego_church_supper() -> None:
    """Vanilla ice cream at Oswego, 1940 (CDC training case): 43 of 54 against 3 of 21."""
    (table,) = outbreaks.attacks(people(43, 11, 3, 18))
    assert (table.rate_ate, table.rate_left) == (Fraction(43, 54), Fraction(3, 21))
    assert table.ratio == Fraction(43, 54) / Fraction(1, 7)
    assert round(float(table.ratio), 2) == 5.57


def test_a_food_that_all_the_ill_ate_comes_first_and_has_no_ratio() -> None:
    cases = [Case(True, NOON, {"Gỏi": True, "Cơm": True}), Case(False, None, {"Gỏi": False, "Cơm": True})]
    first, second = outbreaks.attacks(cases)
    assert (first.food, first.unbounded, first.ratio) == ("Gỏi", True, None)
    assert (second.rate_left, second.ratio, second.difference) == (None, None, None)


def test_the_curve_begins_at_the_meal_and_its_labels_are_hours_of_the_clock_and_dates() -> None:
    meal = datetime(2026, 11, 20, 11, 30)
    late = (5, 6, 6, 13, 29)
    cases = [Case(True, meal + timedelta(hours=hours)) for hours in late]
    drawn = outbreaks.curve(cases, meal)
    assert drawn.bars[0] == outbreaks.Bar(datetime(2026, 11, 20, 11), 0)
    assert (drawn.place_of(meal), drawn.place_of(meal - timedelta(hours=1))) == (0, None)
    assert list(drawn.ticks.values()) == ["12h", "18h", "21/11", "6h", "12h"]
    found = outbreaks.incubation([*cases, Case(True, meal - timedelta(hours=2)), Case(False)], meal)
    assert found == outbreaks.Incubation(timedelta(hours=5), timedelta(hours=6), timedelta(hours=29), 5)
    assert outbreaks.incubation([Case(False)], meal) is None
    long = outbreaks.curve([*cases, Case(True, meal + timedelta(days=40))], meal)
    assert long.step == outbreaks.DAY
    assert len(long.ticks) <= outbreaks.MOST_TICKS
    assert long.ticks[0] == "20/11"
    before = outbreaks.curve(cases, meal - timedelta(days=9))
    assert before.bars[0].count, "a meal long before is not drawn"


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20_000), st.sampled_from(["a", "b"]), st.booleans()), max_size=30)
)
def test_nobody_is_lost_between_the_cases_and_the_figures(told: list[tuple[bool, int, str, bool]]) -> None:
    cases = [Case(ill, NOON + timedelta(minutes=late) if ill else None, {food: ate}) for ill, late, food, ate in told]
    drawn = outbreaks.curve(cases)
    assert sum(bar.count for bar in drawn.bars) + drawn.left_out == sum(case.ill for case in cases)
    assert len(drawn.bars) <= outbreaks.MOST_BARS
    assert all(after.start - one.start == drawn.step for one, after in zip(drawn.bars, drawn.bars[1:], strict=False))
    if drawn.bars:
        assert drawn.bars[0].count
        assert drawn.bars[-1].count
    for table in outbreaks.attacks(cases):
        counts = table.ill_ate + table.well_ate + table.ill_left + table.well_left
        assert counts == sum(table.food in case.foods for case in cases)


RULES = planning.rules()
DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("changes", "by"),
    [
        ({"risk": "high"}, date(2026, 9, 10)),
        ({"risk": "medium"}, date(2027, 3, 10)),
        ({"risk": "medium", "violations": 2}, date(2026, 6, 10)),
        ({"risk": "low", "violations": 1, "certified_until": date(2029, 1, 1)}, date(2026, 9, 10)),
        ({"risk": "low", "certified_until": date(2027, 6, 1)}, date(2026, 12, 1)),
        ({"risk": "low", "last_inspected": None}, date(2026, 1, 31)),
    ],
)
def test_when_an_inspection_is_due(changes: dict[str, object], by: date) -> None:
    base = {"key": "CS", "name": "Bếp", "opened": date(2024, 1, 31), "last_inspected": date(2026, 3, 10)}
    due = planning.due_of(Premises(**{**base, **changes}), RULES, DAY)  # type: ignore[arg-type]
    assert due.by == by
    assert due.overdue is (by < DAY)
    assert due.reasons


def test_the_last_inspection_counts_and_of_one_day_the_graver() -> None:
    told = [("a", 3, 0), ("a", 9, 1), ("a", 9, 0), ("b", 2, 5), ("a", 4, 7)]
    found = latest(Inspection(key, date(2026, 11, day), serious) for key, day, serious in told)
    assert {key: (one.day.day, one.serious) for key, one in found.items()} == {"a": (9, 1), "b": (2, 5)}


def test_the_plan_holds_what_is_due_in_the_quarter_and_before_the_most_urgent_first() -> None:
    opened = date(2020, 1, 1)
    kitchens = [
        Premises("later", "", "medium", opened, date(2026, 1, 2)),
        Premises("now", "", "high", opened, date(2026, 6, 1)),
        Premises("late", "", "high", opened, date(2025, 1, 1)),
    ]
    assert [due.premises.key for due in planning.plan(kitchens, DAY, RULES)] == ["late", "now"]
    assert planning.quarter(date(2026, 12, 31)) == (date(2026, 10, 1), date(2027, 1, 1))
    assert planning.months_after(date(2028, 2, 29), 12) == date(2029, 2, 28)
