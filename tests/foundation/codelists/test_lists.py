"""Lists in the database: installed once, dated, trees without rings, what became of what, changed by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.codelists import actions, exporting, queries, reading
from hienluong.foundation.codelists.models import Code, CodeList, Edition, Mapping
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER, make_org
from tests.thorough import examples

from .sample import installed, keeper, loaded, trees, written

pytestmark = pytest.mark.django_db

BEFORE, AFTER = date(2024, 6, 1), date(2026, 1, 1)


def values(found: Any) -> list[str]:
    return [code.value for code in found]


def rows() -> list[tuple[Any, ...]]:
    """Everything that is kept of the list."""
    return list(Code.objects.order_by("pk").values_list()) + list(Mapping.objects.order_by("pk").values_list())


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    assert installed(tmp_path).new == ["trees/2020", "trees/2025"]
    before = rows()
    again = installed(tmp_path)
    assert (again.new, again.changed, again.same) == ([], [], ["trees/2020", "trees/2025"])
    assert rows() == before
    assert Event.objects.filter(type="codelist.changed").count() == 1


def test_the_codes_of_a_day_are_those_of_its_edition(tmp_path: Path) -> None:
    installed(tmp_path)
    assert values(queries.valid_on("trees", BEFORE)) == ["G", "G1", "G2", "T"]
    assert values(queries.valid_on("trees", date(2023, 12, 31))) == ["G", "G1", "G2", "T", "T1"]
    assert values(queries.valid_on("trees", date(2025, 6, 30))) == ["G", "G1", "G2", "T"]
    assert values(queries.valid_on("trees", date(2025, 7, 1))) == ["G", "G1", "G11", "G3", "T"]
    assert values(queries.valid_on("trees", date(2019, 12, 31))) == []
    assert queries.label("trees", "G", BEFORE) == "Cây gỗ"
    assert queries.label("trees", "G", AFTER) == "Cây lấy gỗ"
    assert queries.label("trees", "G2", AFTER) == "G2"


def test_the_tree_is_walked_down_and_up(tmp_path: Path) -> None:
    installed(tmp_path)
    edition = queries.edition("trees", "2025")
    top = queries.children(edition, AFTER)
    assert [(code.value, code.has_children) for code in top] == [("G", True), ("T", False)]  # type: ignore[attr-defined]
    assert values(queries.children(edition, AFTER, "G")) == ["G1", "G3"]
    deepest = Code.objects.get(edition=edition, value="G11")
    assert values(queries.path(deepest)) == ["G", "G1", "G11"]


def test_what_became_of_a_code(tmp_path: Path) -> None:
    installed(tmp_path)

    def became(value: str, old: str = "2020", new: str = "2025") -> list[tuple[str, str, bool]]:
        found = queries.successors("trees", value, old, new)
        return [(one.code.value, one.kind, one.is_primary) for one in found]

    assert became("G1") == [("G1", "split", True), ("G11", "split", False)]
    assert became("G2") == [("G3", "same", True)]
    assert became("T1") == [("T", "merged", True)]
    assert became("T", "2025", "2020") == [("T", "merged", True), ("T1", "merged", True)]
    assert became("G", "2020", "2020") == [("G", "same", True)]
    assert became("Z") == []


def test_the_way_goes_over_the_editions_between(tmp_path: Path) -> None:
    data = trees()
    data["editions"][1]["valid_to"] = date(2027, 1, 1)
    later = {"code": "2027", "title": "2027", "valid_from": date(2027, 1, 1), "source": "x"}
    data["editions"].append({**later, "codes": [{"code": "G", "name": "Gỗ"}, {"code": "K", "name": "Keo"}]})
    data["mappings"].append({"from": "2025", "to": "2027", "source": "x", "pairs": [{"from": "G3", "to": "K"}]})
    installed(tmp_path, data)
    (found,) = queries.successors("trees", "G2", "2020", "2027")
    assert (found.code.value, found.kind) == ("K", "same")
    assert queries.successors("trees", "T", "2020", "2027") == []


def test_search_takes_words_with_and_without_diacritics(tmp_path: Path) -> None:
    installed(tmp_path)
    edition = queries.edition("trees", "2025")
    assert values(queries.search(edition, "lim XANH", AFTER)) == ["G1", "G11"]
    assert values(queries.search(edition, "trong rung", AFTER)) == ["G11"]
    assert values(queries.search(edition, "g1", AFTER)) == ["G1", "G11"]
    assert values(queries.search(edition, "timber", AFTER)) == ["G"]
    assert values(queries.search(edition, "100%_", AFTER)) == []


def test_a_new_edition_ends_the_one_before(tmp_path: Path) -> None:
    first = trees(editions=[trees()["editions"][0]], mappings=[])
    first["editions"][0].pop("valid_to")
    installed(tmp_path, first)
    second = trees()
    second["editions"][0].pop("valid_to")
    done = installed(tmp_path, second)
    assert (done.new, done.same) == (["trees/2025"], ["trees/2020"])
    assert queries.edition("trees", "2020").valid == DateRange(date(2020, 1, 1), date(2025, 7, 1))
    assert installed(tmp_path, second).new == []


def test_an_edition_that_overlaps_is_refused_whole(tmp_path: Path) -> None:
    installed(tmp_path)
    other = trees(editions=[{**trees()["editions"][0], "code": "2022", "valid_from": date(2022, 1, 1)}], mappings=[])
    before = rows()
    with pytest.raises(InvalidInput, match="chồng"):
        installed(tmp_path, other)
    assert rows() == before
    assert not Edition.objects.filter(code="2022").exists()


def test_a_file_that_was_mended_mends_the_edition(tmp_path: Path) -> None:
    installed(tmp_path)
    data = trees()
    data["editions"][0]["codes"][1].update(name="Lim", parent="T")
    data["editions"][0]["codes"].append({"code": "T2", "parent": "T", "name": "Nứa"})
    done = installed(tmp_path, data)
    assert (done.new, done.changed, done.same) == ([], ["trees/2020"], ["trees/2025"])
    lim = Code.objects.get(edition__code="2020", value="G1")
    assert (lim.name, lim.search_text) == ("Lim", "g1 lim")
    assert values(queries.children(queries.edition("trees", "2020"), BEFORE, "T")) == ["G1", "T2"]


def test_a_code_does_not_vanish_with_a_file(tmp_path: Path) -> None:
    installed(tmp_path)
    data = trees(mappings=[])
    data["editions"][0]["codes"].pop()
    with pytest.raises(InvalidInput, match="T1"):
        installed(tmp_path, data)


def test_a_list_belongs_to_one_pack(tmp_path: Path) -> None:
    installed(tmp_path)
    with pytest.raises(InvalidInput, match="gói khác"):
        actions.install(TESTER, loaded=loaded(tmp_path), pack="thu.goi")


def test_a_faulty_file_installs_nothing(tmp_path: Path) -> None:
    data = trees()
    data["editions"][1]["codes"][0]["name"] = ""
    with pytest.raises(InvalidInput) as refused:
        installed(tmp_path, data)
    assert any("trees.yaml:" in fault for fault in refused.value.details["faults"])  # type: ignore[attr-defined]
    assert not CodeList.objects.exists()


# -- by hand


@pytest.fixture
def province() -> Organization:
    return make_org("UBND tỉnh", code="H50", kind="province")


def test_a_code_is_added_with_audit_and_event(tmp_path: Path, province: Organization) -> None:
    installed(tmp_path)
    edition = queries.edition("trees", "2025")
    since = date(2026, 1, 1)
    added = actions.add(
        keeper(province), edition=edition, value="G12", name=" Lim  đỏ ", parent="G1", since=since, legal_basis="QĐ 9"
    )
    assert values(queries.path(added)) == ["G", "G1", "G12"]
    assert values(queries.children(edition, since, "G1")) == ["G11", "G12"]
    assert values(queries.children(edition, since - timedelta(days=1), "G1")) == ["G11"]
    entry = Entry.objects.get(verb="codelists.add")
    assert (entry.after["value"], entry.after["name"], entry.note) == ("G12", "Lim đỏ", "QĐ 9")
    assert Event.objects.filter(type="codelist.changed").count() == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"value": ""}, "value"),
        ({"value": "G1"}, "value"),
        ({"value": "G11", "parent": ""}, "value"),
        ({"value": "x" * 41}, "value"),
        ({"name": " "}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"parent": "Z"}, "parent"),
        ({"value": "Q", "parent": "Q"}, "parent"),
        ({"legal_basis": " "}, "legal_basis"),
        ({"legal_basis": "x" * 201}, "legal_basis"),
        ({"since": date(2025, 6, 30)}, "since"),
    ],
)
def test_what_cannot_be_added(tmp_path: Path, typed: dict[str, Any], field: str) -> None:
    installed(tmp_path)
    before = rows()
    sound = {"value": "G4", "name": "Bạch đàn", "parent": "G", "legal_basis": "QĐ 9"}
    with pytest.raises(InvalidInput) as refused:
        actions.add(TESTER, edition=queries.edition("trees", "2025"), **{**sound, **typed})  # type: ignore[arg-type]
    assert refused.value.field == field
    assert rows() == before


def test_a_closed_code_is_of_the_past_only(tmp_path: Path) -> None:
    installed(tmp_path)
    edition = queries.edition("trees", "2025")
    day = date(2026, 5, 1)
    with pytest.raises(InvalidInput, match="mã con"):
        actions.close(TESTER, code=Code.objects.get(edition=edition, value="G1"), on=day, legal_basis="QĐ 9")
    actions.close(TESTER, code=Code.objects.get(edition=edition, value="G11"), on=day, legal_basis="QĐ 9")
    closed = actions.close(TESTER, code=Code.objects.get(edition=edition, value="G1"), on=day, legal_basis="QĐ 9")
    assert "G1" in values(queries.valid_on("trees", day - timedelta(days=1)))
    assert "G1" not in values(queries.valid_on("trees", day))
    with pytest.raises(InvalidInput, match="đã đóng"):
        actions.close(TESTER, code=closed, on=day + timedelta(days=1), legal_basis="QĐ 9")
    with pytest.raises(InvalidInput, match="hiệu lực"):
        actions.close(TESTER, code=closed, on=date(2025, 7, 1), legal_basis="QĐ 9")
    again = actions.add(TESTER, edition=edition, value="G1", name="Lim", parent="G", since=day, legal_basis="QĐ 10")
    assert queries.code_in(edition, "G1", day) == again
    assert queries.code_in(edition, "G1", AFTER) == closed


def test_what_was_changed_by_hand_stays_when_the_file_comes_again(tmp_path: Path) -> None:
    installed(tmp_path)
    edition = queries.edition("trees", "2025")
    actions.correct(TESTER, code=Code.objects.get(edition=edition, value="G3"), name="Keo lai", legal_basis="QĐ 9")
    actions.add(TESTER, edition=edition, value="G9", name="Sao đen", parent="G", legal_basis="QĐ 9")
    data = trees()
    data["editions"][1]["codes"][3]["name"] = "Keo các loại"
    data["editions"][1]["codes"][4]["name"] = "Tre, nứa"
    assert installed(tmp_path, data).changed == ["trees/2025"]
    names = dict(Code.objects.filter(edition=edition).values_list("value", "name"))
    assert (names["G3"], names["G9"], names["T"]) == ("Keo lai", "Sao đen", "Tre, nứa")
    entry = Entry.objects.get(verb="codelists.correct")
    assert (entry.before["name"], entry.after["name"]) == ("Keo", "Keo lai")


@pytest.mark.parametrize("verb", ["add", "close", "correct", "install"])
def test_who_does_not_manage_lists_changes_nothing(tmp_path: Path, province: Organization, verb: str) -> None:
    installed(tmp_path)
    commune = make_org("UBND xã", code="H50.101", kind="commune", parent=province)
    stranger = keeper(commune)  # manages lists there, and lists are the province's
    edition, code = queries.edition("trees", "2025"), Code.objects.get(edition__code="2025", value="G11")
    calls: dict[str, Any] = {
        "add": lambda: actions.add(stranger, edition=edition, value="X", name="x", legal_basis="x"),
        "close": lambda: actions.close(stranger, code=code, on=AFTER, legal_basis="x"),
        "correct": lambda: actions.correct(stranger, code=code, name="x", legal_basis="x"),
        "install": lambda: actions.install(stranger, loaded=loaded(tmp_path)),
    }
    before = rows()
    with pytest.raises(NotAllowed):
        calls[verb]()
    assert rows() == before


# -- what the database itself refuses


def _made(edition: Edition, value: str, parent: Code | None = None, **more: Any) -> Code:
    depth = parent.depth + 1 if parent else 0
    given = {"valid": DateRange(None, None), "order": 0, "search_text": value, "name": value, "depth": depth, **more}
    return Code.objects.create(edition=edition, value=value, parent=parent, **given)


@transaction.atomic
def _hang(code: Code, above: Code, depth: int) -> None:
    """Put a code below another, past every action."""
    Code.objects.filter(pk=code.pk).update(parent=above, depth=depth)
    connection.check_constraints()


@pytest.fixture
def edition() -> Edition:
    owner = CodeList.objects.create(code="thu", title="Thử")
    return Edition.objects.create(
        codelist=owner, code="1", title="1", valid=DateRange(date(2020, 1, 1), None), digest=""
    )


def test_two_editions_never_hold_on_one_day(edition: Edition) -> None:
    valid = DateRange(date(2025, 1, 1), date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="edition_no_overlap"):
        Edition.objects.create(codelist=edition.codelist, code="2", title="2", valid=valid, digest="")


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_ring_cannot_be_written(edition: Edition, steps: int) -> None:
    line = [_made(edition, "0")]
    for number in range(1, steps):
        line.append(_made(edition, str(number), line[-1]))
    for depth in range(5):
        with pytest.raises(IntegrityError):
            _hang(line[0], line[-1], depth)


def test_a_parent_is_of_the_same_edition(edition: Edition) -> None:
    ended = DateRange(date(2010, 1, 1), date(2011, 1, 1))
    other = Edition.objects.create(codelist=edition.codelist, code="0", title="0", valid=ended, digest="")
    above = _made(other, "a")
    with pytest.raises(IntegrityError):
        _hang(_made(edition, "b"), above, 1)


DAY = st.integers(0, 12).map(lambda days: date(2020, 1, 1) + timedelta(days=days))


@settings(max_examples=examples(60, 240), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DAY, DAY), max_size=6))
def test_a_code_is_what_it_was_on_each_day_and_never_two_things(
    edition: Edition, stretches: list[tuple[date, date]]
) -> None:
    """The rows of one code, written in any order, against a plain list of days."""
    Code.objects.all().delete()
    model: dict[date, str] = {}
    for number, (lower, upper) in enumerate(stretches):
        days = [lower + timedelta(days=at) for at in range((upper - lower).days)]
        fits = bool(days) and not set(days) & set(model)
        try:
            with transaction.atomic():
                _made(edition, "x", name=f"tên {number}", valid=DateRange(lower, upper) if days else "empty")
            assert fits
            model |= dict.fromkeys(days, f"tên {number}")
        except (IntegrityError, ValueError):
            assert not fits
    for at in range(-1, 14):
        day = date(2020, 1, 1) + timedelta(days=at)
        assert list(queries.valid_on("thu", day).values_list("name", flat=True)) == (
            [model[day]] if day in model else []
        )


def test_what_is_exported_goes_in_again_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    data = trees()
    data["editions"][1]["codes"][3]["name"] = "=HYPERLINK(1)"
    installed(tmp_path, data)
    edition = queries.edition("trees", "2025")
    text = exporting.to_csv(edition).decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "\n=" not in text
    assert ",=" not in text
    again = trees(code="copied", mappings=[], editions=[{**data["editions"][1], "codes": [], "table": "c.csv"}])
    copied = reading.load(written(tmp_path, again, c=text))
    original = reading.load(written(tmp_path, data))
    assert copied.faults == []

    def plain(found: reading.Loaded) -> list[tuple[str, str, str]]:
        return [(row.value, row.parent, row.name) for row in found.rows["2025"]]

    assert plain(copied) == plain(original)


def test_a_code_is_not_closed_over_one_below_it_that_begins_later(tmp_path: Path) -> None:
    installed(tmp_path)
    act, edition = TESTER, Edition.objects.get(code="2025")
    below = {"value": "T9", "name": "Nứa", "parent": "T", "legal_basis": "QĐ 9"}
    actions.add(act, edition=edition, since=date(2027, 1, 1), **below)
    code = Code.objects.get(edition=edition, value="T")
    with pytest.raises(InvalidInput, match="chưa đóng"):
        actions.close(act, code=code, on=date(2026, 6, 1), legal_basis="QĐ 9")
    actions.close(act, code=Code.objects.get(value="T9"), on=date(2027, 6, 1), legal_basis="QĐ 9")
    actions.close(act, code=code, on=date(2027, 6, 1), legal_basis="QĐ 9")
    with pytest.raises(InvalidInput, match="đóng từ ngày"):
        actions.add(act, edition=edition, **{**below, "value": "T8"})


def test_a_file_may_say_that_a_code_began_on_another_day(tmp_path: Path) -> None:
    installed(tmp_path)
    spec = trees()
    spec["editions"][1]["codes"][3]["valid_from"] = date(2025, 9, 1)
    assert installed(tmp_path, spec).changed == ["trees/2025"]
    assert Code.objects.get(edition__code="2025", value="G3").valid.lower == date(2025, 9, 1)
