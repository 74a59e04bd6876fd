"""Conditions: from menus to CEL and back, and what the menus cannot say."""

from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas import expressions, lists
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.properties import properties
from hienluong.services.building.condition_form import ConditionForm
from hienluong.services.procedures import conditions
from hienluong.services.procedures.conditions import Clause, Condition

FIELDS = properties(
    expanded(
        {
            "type": "object",
            "properties": {
                "name": {"x-kind": "text", "title": "Tên"},
                "opened": {"x-kind": "date", "title": "Ngày mở"},
                "closed": {"x-kind": "date", "title": "Ngày đóng"},
                "stalls": {"x-kind": "integer", "title": "Số quầy"},
                "area": {"x-kind": "number", "title": "Diện tích"},
                "night": {"x-kind": "flag", "title": "Chợ đêm"},
                "grade": {
                    "type": "string",
                    "title": "Hạng",
                    "enum": ["1", "2"],
                    "x-enum-labels": {"1": "Một", "2": "Hai"},
                },
                "goods": {"type": "array", "title": "Hàng", "items": {"type": "string", "enum": ["fish", "rice"]}},
                "place": {"x-kind": "point", "title": "Vị trí"},
                "depth": {"x-kind": "quantity", "title": "Chiều sâu", "x-units": ["m"]},
                "height": {"x-kind": "quantity", "title": "Chiều cao", "x-units": ["m"]},
                "load": {"x-kind": "quantity", "title": "Tải trọng", "x-units": ["kg", "tấn"]},
            },
        }
    )
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
DAYS = st.dates().map(lambda day: day.isoformat())
VALUES = {
    "name": TEXTS.map(str.strip).filter(lambda text: bool(text) and not text.startswith("=")),
    "opened": DAYS | st.just("=closed") | st.just("=today"),
    "closed": DAYS,
    "stalls": st.integers(-(10**9), 10**9).map(str),
    "area": st.decimals(-1000, 1000, places=2).map(lambda number: f"{number:f}"),
    "night": st.sampled_from(("true", "false")),
    "grade": st.sampled_from(("1", "2")),
    "goods": st.sampled_from(("fish", "rice")),
    "place": st.just(""),
    "depth": st.decimals(-1000, 1000, places=2).map(lambda number: f"{number:f}") | st.just("=height"),
    "height": st.integers(-1000, 1000).map(str),
    "load": st.integers(0, 1000).map(str),
}


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    """A comparison that the menus offer."""
    name = draw(st.sampled_from(sorted(FIELDS)))
    comparison = draw(st.sampled_from(conditions.comparisons(FIELDS[name])))
    if comparison in ("given", "empty"):
        return Clause(name, comparison)
    if comparison in ("older", "younger"):
        return Clause(name, comparison, str(draw(st.integers(0, 130))))
    return Clause(name, comparison, draw(VALUES[name]))


@given(st.lists(clauses(), min_size=1, max_size=4), st.sampled_from(("and", "or")))
@settings(max_examples=30, deadline=None)
def test_what_menus_say_is_cel_that_comes_back_as_the_same_menus(found: list[Clause], join: conditions.Join) -> None:
    condition = Condition(tuple(found), join if len(found) > 1 else "and")
    text = conditions.written(condition, FIELDS)
    assert expressions.check(text, FIELDS) == ""
    again = conditions.read(text, FIELDS)
    assert again is not None
    assert again.join == condition.join
    assert conditions.written(again, FIELDS) == text  # 2.50 may come back as it was typed, 3.0 as 3


@given(st.text(st.sampled_from("abxy name=!<>&|'\"(). 0123456789age\\"), max_size=30))
@settings(max_examples=30, deadline=None)
def test_what_is_read_from_any_text_means_what_the_text_says(text: str) -> None:
    found = conditions.read(text, FIELDS)
    if found is not None and found.clauses:
        again = conditions.written(found, FIELDS)
        for answers in ({}, {"name": "a", "stalls": 3, "night": True, "area": 2.5}):
            assert expressions.evaluate(again, answers) == expressions.evaluate(text, answers)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("grade == '2'", Clause("grade", "eq", "2")),
        ('grade=="2"', Clause("grade", "eq", "2")),
        ("!name.contains('công ty')", Clause("name", "lacks", "công ty")),
        ("'fish' in goods", Clause("goods", "has", "fish")),
        ("opened >= closed", Clause("opened", "ge", "=closed")),
        ("age(opened) >= 18", Clause("opened", "older", "18")),
        ("name == null", Clause("name", "empty")),
        ("depth.value>30", Clause("depth", "gt", "30")),
        ("depth.value >= height.value", Clause("depth", "ge", "=height")),
        ("depth != null", Clause("depth", "given")),
    ],
)
def test_what_engineers_write_is_understood(text: str, clause: Clause) -> None:
    assert conditions.read(text, FIELDS) == Condition((clause,))


@pytest.mark.parametrize(
    "text",
    [
        "stalls + 1 > 3",
        "night",
        "name == '1' && stalls > 1 || night == true",
        "grade == '7'",
        "stalls == 'x'",
        "other == 1",
        "depth > 30",
        "stalls.value > 30",
        "depth.value > 'sâu'",
        "depth.value != null",
        "depth.value > load.value",
        "depth.unit == 'm'",
    ],
)
def test_other_cel_stays_a_text(text: str) -> None:
    assert conditions.read(text, FIELDS) is None


@pytest.mark.parametrize(
    ("clause", "field"),
    [
        (Clause("nothing", "eq", "1"), "field"),
        (Clause("place", "eq", "1"), "comparison"),
        (Clause("stalls", "gt", "ba"), "value"),
        (Clause("opened", "gt", "hôm qua"), "value"),
        (Clause("grade", "eq", "7"), "value"),
        (Clause("opened", "gt", "=stalls"), "value"),
        (Clause("opened", "older", "lâu"), "value"),
        (Clause("goods", "has", ""), "value"),
        (Clause("depth", "has", "3"), "comparison"),
        (Clause("depth", "gt", "sâu"), "value"),
        (Clause("depth", "gt", "=stalls"), "value"),
        (Clause("depth", "gt", "=load"), "value"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_box(clause: Clause, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        conditions.written(Condition((clause,)), FIELDS)
    assert refused.value.field == field


def test_a_condition_reads_as_one_says_it() -> None:
    clauses = (Clause("opened", "le", "=today"), Clause("closed", "gt", "2026-07-01"), Clause("stalls", "gt", "12"))
    said = conditions.in_words(Condition(clauses), FIELDS)
    assert said == "“Ngày mở” không sau hôm nay và “Ngày đóng” sau 01/07/2026 và “Số quầy” lớn hơn 12"


def test_a_choice_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InvalidInput, match="Có: Một; Hai"):
        conditions.written(Condition((Clause("grade", "eq", "Ba"),)), FIELDS)


@pytest.mark.parametrize(
    ("typed", "text"),
    [("30", "depth.value > 30"), ("30 m", "depth.value > 30"), ("30,5", "depth.value > 30.5"), ("1.250,5 m", "depth.value > 1250.5"), ("=Chiều cao", "depth.value > height.value")],
)  # fmt: skip
def test_a_number_with_its_unit_is_compared_by_its_number_as_people_write_it(typed: str, text: str) -> None:
    form = ConditionForm({"f0": "depth", "c0": "gt", "v0": typed}, known=FIELDS)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["when"] == text
    assert ("depth", "Chiều sâu (m)") in form.fields["f0"].choices
    again = ConditionForm(known=FIELDS, when=text)
    shown, other = str(again["v0"].value()), str(again["o0"].value())
    assert ConditionForm({"f0": "depth", "c0": "gt", "v0": shown, "o0": other}, known=FIELDS).is_valid()
    expected = {"30": "30 m", "1.250,5 m": "1.250,5 m", "30,5": "30,5 m", "=Chiều cao": ""}
    assert (shown, other, again["cel"].value()) == (
        expected.get(typed, shown),
        "height" if typed.startswith("=") else "",
        "",
    )


def test_what_cannot_be_compared_says_what_can() -> None:
    several = ConditionForm({"f0": "load", "c0": "gt", "v0": "30 tấn"}, known=FIELDS)
    assert "có nhiều đơn vị (kg, tấn)" in str(several.errors["v0"])
    one = ConditionForm({"f0": "depth", "c0": "gt", "v0": "sâu"}, known=FIELDS)
    assert "“Chiều sâu” so với một số, ví dụ 30 m." in str(one.errors["v0"])
    place = ConditionForm({"f0": "place", "c0": "gt", "v0": "30"}, known=FIELDS)
    assert "Có: đã được điền; chưa được điền." in str(place.errors["c0"])


def test_a_condition_on_a_number_with_its_unit_says_its_unit() -> None:
    read = conditions.read("depth.value > 30.5 && load.value >= 2", FIELDS)
    assert read is not None
    assert conditions.in_words(read, FIELDS) == "“Chiều sâu” lớn hơn 30,5 m và “Tải trọng” ít nhất 2"


@pytest.mark.parametrize(
    ("typed", "text", "said"),
    [
        ("Chiều sâu > 30", "depth.value > 30", ""),
        ("Số quầy > 10 && Hạng == '1'", "stalls > 10 && grade == '1'", ""),
        ("Chiều sau > 30", "", "không có trường “Chiều sau”. Có phải: “Chiều sâu”"),
        ("depth > 30", "", "“Chiều sâu” là số có đơn vị"),
    ],
)
def test_a_condition_that_is_written_may_call_fields_by_their_labels(typed: str, text: str, said: str) -> None:
    form = ConditionForm({"cel": typed}, known=FIELDS)
    assert form.is_valid() is (not said)
    assert (said in str(form.errors["cel"])) if said else form.cleaned_data["when"] == text


def test_codes_of_a_list_are_called_by_their_names_also_when_the_list_has_gone_on() -> None:
    today = timezone.localdate()
    before = lists.Edition("2020", "Cây", None, today, [lists.Item("G1", "Lim xanh"), lists.Item("T", "Tre nứa")])
    fields = properties(
        {
            "properties": {
                "tree": {"type": "string", "title": "Loài", "x-list": "trees"},
                "trees": {"type": "array", "title": "Các loài", "items": {"type": "string", "x-list": "trees"}},
            }
        }
    )
    with lists.besides({"trees": [before]}):
        one = conditions.expression_in_words("tree == 'G1'", fields)
        several = conditions.expression_in_words("tree != 'T' && (tree == 'G1' || 'T' in trees)", fields)
    assert one == "“Loài” là Lim xanh"
    assert several == "“Loài” != 'Tre nứa' && (“Loài” == 'Lim xanh' || 'Tre nứa' in “Các loài”)"
