"""The register's way of writing filings agrees with what they mean, on every day."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.sectors.business.household import filings
from hienluong.sectors.business.household.filings import Filing, Kind
from tests.thorough import examples

pytestmark = pytest.mark.once

START = date(2026, 1, 5)
FOUNDED = Filing(Kind.REGISTER, START, {"name": "Tạp hóa", "capital": 10})


def days(number: int) -> date:
    return START + timedelta(days=number)


@st.composite
def stories(draw: st.DrawFn) -> list[Filing]:
    """Filings that the law grants: pauses do not overlap, nothing follows the end, going on early is within a pause."""
    told, day = [FOUNDED], 0
    for _ in range(draw(st.integers(0, 7))):
        day += draw(st.integers(0, 40))
        kind = draw(st.sampled_from([Kind.CHANGE, Kind.PAUSE, Kind.RESUME, Kind.DISSOLVE]))
        ahead = [(first, last) for first, last in _pauses(told) if last > days(day)]
        if kind == Kind.CHANGE:
            name = draw(st.sampled_from(["name", "capital", "address"]))
            told.append(Filing(kind, days(day), {name: draw(st.integers(0, 9))}))
        elif kind == Kind.PAUSE:
            first = max([days(day), *(last for _first, last in ahead)]) + timedelta(days=draw(st.integers(1, 20)))
            told.append(Filing(kind, days(day), since=first, through=first + timedelta(days=draw(st.integers(14, 90)))))
        elif kind == Kind.RESUME and ahead:
            first, last = ahead[0]
            earliest = max(first, days(day)) + timedelta(days=1)
            told.append(Filing(kind, days(day), since=draw(st.dates(min(earliest, last), last))))
        elif kind == Kind.DISSOLVE:
            told.append(Filing(kind, days(day)))
            break
    return told


def _pauses(told: list[Filing]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for one in filings.history(told):
        if one.data["status"] == "suspended" and one.until:
            found.append((one.since, one.until - timedelta(days=1)))
    return found


@settings(max_examples=examples(100, 400), deadline=None)
@given(stories())
def test_the_history_equals_the_fold_on_every_day(told: list[Filing]) -> None:
    stretches = filings.history(told)
    assert [one.since for one in stretches] == sorted({one.since for one in stretches})
    assert all(one.until == after.since for one, after in itertools.pairwise(stretches))
    turns = {one.since for one in stretches} | {one.until for one in stretches if one.until} | {START}
    for day in {turn + timedelta(days=step) for turn in turns for step in (-1, 0, 1)}:
        standing = next((s for s in stretches if s.since <= day and (s.until is None or day < s.until)), None)
        assert (standing.data if standing else None) == filings.fold(told, day), day


def test_a_name_changed_during_a_pause_stays_when_the_pause_is_over() -> None:
    told = [
        FOUNDED,
        Filing(Kind.PAUSE, days(1), since=days(10), through=days(40)),
        Filing(Kind.CHANGE, days(20), {"name": "Tạp hóa Mới"}),
        Filing(Kind.RESUME, days(25), since=days(30)),
    ]
    before, during, after = (filings.fold(told, days(day)) or {} for day in (9, 25, 30))
    assert (before["name"], before["status"]) == ("Tạp hóa", "active")
    assert (during["name"], during["status"]) == ("Tạp hóa Mới", "suspended")
    assert (after["name"], after["status"], after["suspended"]) == ("Tạp hóa Mới", "active", None)
    assert filings.fold(told, START - timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("first", "last", "notice", "field"),
    [
        (10, 40, 3, ""),
        (10, 24, 3, ""),
        (10, 23, 3, "suspend_to"),
        (10, 374, 3, ""),
        (10, 375, 3, "suspend_to"),
        (10, 40, 2, "suspend_from"),
        (10, 5, 3, "suspend_to"),
        (100, 130, 9, "suspend_from"),
        (121, 160, 9, ""),
    ],
)
def test_how_long_and_when_one_may_pause(first: int, last: int, notice: int, field: str) -> None:
    known = [(days(95), days(120))] if first >= 100 else []
    found = filings.pause_faults(since=days(first), through=days(last), notice=notice, status="active", pauses=known)
    assert [finding.field for finding in found] == ([field] if field else [])


@pytest.mark.parametrize(("day", "notice", "refused"), [(50, 3, False), (50, 2, True), (40, 5, True), (61, 5, True)])
def test_when_one_may_go_on_early(day: int, notice: int, refused: bool) -> None:
    found = filings.resume_faults(since=days(day), notice=notice, pauses=[(days(40), days(60))])
    assert bool(found) is refused


def test_a_year_is_counted_by_the_calendar() -> None:
    assert filings.a_year_after(date(2028, 2, 29)) == date(2029, 3, 1)
    assert filings.a_year_after(date(2026, 2, 28)) == date(2027, 2, 28)
