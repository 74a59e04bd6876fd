"""Many records by a few statements hold what one record by its action holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers import actions, bulk
from hienluong.capabilities.registers.bulk import NothingWritten
from hienluong.capabilities.registers.certificates import numbers
from hienluong.capabilities.registers.models import CertificateNumber, Change, Record, Version
from hienluong.capabilities.registers.row import Row
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from tests.thorough import examples

from .certified import premises
from .sample import GOOD, official, wells
from .test_records import Wells

pytestmark = pytest.mark.django_db

SINCE = date(2026, 1, 1)


@pytest.fixture
def well() -> Wells:
    return Wells()


def rows(well: Wells, numbers: Iterable[int], **data: Any) -> list[Row]:
    return [Row({**GOOD, "agency": well.here.code, "code": f"G{n:03}", **data}, SINCE) for n in numbers]


def test_each_row_is_what_the_action_would_have_written(well: Wells) -> None:
    one = well.add(code="G000", note="Ghi chú")
    (outcome,) = bulk.create_many(well.clerk, well.register, rows(well, [1], note="Ghi chú"))
    pair = [Version.objects.get(record=number) for number in (one.pk, outcome.record)]
    for name in ("valid", "definition_id", "organization_id", "box", "closed_by"):
        assert getattr(pair[0], name) == getattr(pair[1], name), name
    assert pair[1].data == {**pair[0].data, "code": "G001"}
    assert pair[1].search_text == pair[0].search_text.replace("g000", "g001")
    change = Change.objects.get(pk=outcome.change)
    assert (change.kind, change.source, change.record_id) == ("create", "import", outcome.record)
    assert (pair[1].known.lower, pair[1].known.upper, pair[1].opened_by_id) == (change.at, None, change.pk)


def test_what_is_wrong_is_said_by_row_and_field_and_the_rest_is_written(well: Wells) -> None:
    well.add(code="G002")
    given = rows(well, [1, 2, 3, 3, 4, 5])
    given[4] = Row({**given[4].data, "depth": 501, "fee": -1, "strange": 1}, SINCE)
    given[5] = Row({**given[5].data, "agency": "H50.77"}, SINCE)
    found = bulk.create_many(well.clerk, well.register, given)
    assert [outcome.position for outcome in found] == list(range(6))
    assert [bool(outcome.record) for outcome in found] == [True, False, True, False, False, False]
    assert "G002" in str(found[1].errors["code"])
    assert "G003" in str(found[3].errors["code"])
    assert set(found[4].errors) == {"depth", "fee", "strange"}
    assert "H50.77" in str(found[5].errors["agency"])
    assert set(Record.objects.values_list("key", flat=True)) == {"G001", "G002", "G003"}


def test_whole_or_nothing(well: Wells) -> None:
    well.add(code="G002")
    for wrong in (rows(well, [1, 2]), rows(well, [1], depth=501), rows(well, [1, 1])):
        with pytest.raises(NothingWritten) as refused:
            bulk.create_many(well.clerk, well.register, wrong, whole=True)
        assert len(refused.value.outcomes) == 1
    assert Record.objects.count() == 1
    assert not Entry.objects.filter(verb="registers.create_many").exists()
    assert len(bulk.create_many(well.clerk, well.register, rows(well, [1, 3]), whole=True)) == 2


def test_rights_are_those_of_each_row(well: Wells) -> None:
    here, there = rows(well, [1, 2])
    there = Row({**there.data, "agency": well.there.code}, SINCE)
    found = bulk.create_many(well.clerk, well.register, [here, there])
    assert found[0].record
    assert isinstance(found[1].refused, NotAllowed)
    reader = official(well.here, "read", "import")
    (refused,) = bulk.create_many(reader, well.register, rows(well, [3]))
    assert isinstance(refused.refused, NotAllowed)
    narrow = wells(code="thu.hep", access={"responsible": {"read": "*", "write": ["code", "name", "agency"]}})
    register = actions.install(well.chief, spec=narrow, owner=well.owner).register
    (refused,) = bulk.create_many(well.clerk, register, rows(well, [1]))
    assert "depth" in str(refused.refused)


def test_one_audit_entry_names_how_many_and_the_first_and_the_last(well: Wells) -> None:
    bulk.create_many(
        well.clerk, well.register, rows(well, [3, 1, 2], note="bí mật"), Provenance("import", "N-7", "Sổ giấy năm 2019")
    )
    entry = Entry.objects.get(verb="registers.create_many")
    assert entry.after == {
        "count": 3, "refused": 0, "source": "import", "ref": "N-7", "first": "G003", "last": "G002",
    }  # fmt: skip
    assert (entry.note, entry.organization_id) == ("Sổ giấy năm 2019", well.owner.pk)
    assert set(Change.objects.values_list("source", "source_ref", "reason")) == {("import", "N-7", "Sổ giấy năm 2019")}


def test_events_are_those_that_the_definition_asks_for(well: Wells) -> None:
    well.add(code="G000")
    found = bulk.create_many(well.clerk, well.register, rows(well, [1, 2]))
    one, *many = Event.objects.filter(type="register.thu.gieng.create").order_by("pk")
    assert one.subject.startswith("registers.record:")
    assert [event.subject for event in many] == [f"registers.record:{outcome.record}" for outcome in found]
    assert [event.data for event in many] == [{"key": outcome.key, "change": outcome.change} for outcome in found]
    assert len({event.uid for event in many}) == 2
    quiet = wells(code="thu.lang", events=["end"])
    register = actions.install(well.chief, spec=quiet, owner=well.owner).register
    bulk.create_many(well.clerk, register, rows(well, [1]))
    assert not Event.objects.filter(type__startswith="register.thu.lang.").exists()


def test_a_series_numbers_the_sound_rows_without_gaps_by_their_year(well: Wells) -> None:
    spec = wells(code="thu.so", key={"series": "G-{year}-{n:04}"})
    register = actions.install(well.chief, spec=spec, owner=well.owner).register
    data = {**GOOD, "agency": well.here.code}
    given = [Row(data, date(2025, 5, 1)), Row({**data, "depth": -1}, SINCE), Row(data, SINCE), Row(data, SINCE)]
    found = bulk.create_many(well.clerk, register, given)
    assert [outcome.key for outcome in found] == ["G-2025-0001", "", "G-2026-0001", "G-2026-0002"]
    assert actions.create(well.clerk, register=register, data=data, since=SINCE).key == "G-2026-0003"


def test_each_row_obeys_the_definition_of_its_day(well: Wells) -> None:
    schema = wells().model_dump(by_alias=True)["schema"]
    schema["properties"]["colour"] = {"x-kind": "text", "title": "Màu"}
    actions.install(well.chief, spec=wells(version=2, effective_from=date(2026, 6, 1), schema=schema), owner=well.owner)
    given = [Row({**row.data, "colour": "đỏ"}, day) for row, day in
             zip(rows(well, [1, 2, 3]), (date(2026, 5, 31), date(2026, 6, 1), date(1999, 1, 1)), strict=True)]  # fmt: skip
    found = bulk.create_many(well.clerk, well.register, given)
    assert [sorted(outcome.errors) for outcome in found] == [["colour"], [], ["colour"]]
    assert Version.objects.get(record=found[1].record).definition.version == 2


def test_a_preview_says_the_same_and_writes_nothing(well: Wells) -> None:
    well.add(code="G002")
    given = [*rows(well, [1, 2, 3, 3]), *rows(well, [4], depth=501), Row({}, date(1, 1, 1))]
    said = bulk.preview(well.clerk, well.register, given)
    assert Record.objects.count() == 1
    done = bulk.create_many(well.clerk, well.register, given)
    assert [outcome.errors for outcome in said] == [outcome.errors for outcome in done]
    assert [bool(outcome.errors) for outcome in said] == [False, True, False, True, True, True]


def test_it_asks_the_database_as_often_for_many_as_for_few(well: Wells) -> None:
    def asked(numbers: Iterable[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            bulk.create_many(well.clerk, well.register, rows(well, numbers))
        return len(captured)

    asked([0])  # the register and its owner are read by now
    assert asked(range(100, 160)) == asked(range(200, 320))


def test_nothing_given_is_nothing_written(well: Wells) -> None:
    assert bulk.create_many(well.clerk, well.register, []) == []
    assert not Record.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    well = Wells()
    before = Entry.objects.count(), Event.objects.count()
    monkeypatch.setattr(bulk, "_told", lambda *given: (_ for _ in ()).throw(InterruptedError))
    with pytest.raises(InterruptedError):
        bulk.create_many(well.clerk, well.register, rows(well, range(5)))
    assert (Entry.objects.count(), Event.objects.count()) == before
    assert not Record.objects.exists()
    assert not Change.objects.exists()
    assert not Version.objects.exists()


_VALUES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Giếng", " Giếng  Đông Hà", "", "Gie\u0302\u0301ng", "a\x00b", "x" * 501]),
        "depth": st.sampled_from([1, 120.5, "12,5", 501, "sâu", None]),
    },
    optional={
        "code": st.sampled_from(["G001", "G002", "X1"]),
        "fee": st.sampled_from([0, "1.500.000", 500_000]),
        "flow": st.sampled_from([{"value": 1, "unit": "xô"}, {"value": "2", "unit": "l/s"}]),
        "strange": st.just(1),
        "agency": st.sampled_from(["H50.90.01", "H50.90.02", "H50.77"]),
    },
)


# The database is put back inside the test.
@settings(max_examples=examples(40, 160), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(_VALUES, min_size=1, max_size=5))
def test_a_batch_is_as_its_rows_one_after_the_other(well: Wells, values: list[dict[str, Any]]) -> None:
    """Two worlds: one writes row by row by the action, the other all at once; both refuse and hold the same."""
    given = [{**GOOD, "agency": well.here.code, **value} for value in values]

    def world(batch: bool) -> Any:
        refused: list[Any] = []
        with transaction.atomic():
            if batch:
                found = bulk.create_many(well.clerk, well.register, [Row(data, SINCE) for data in given])
                refused = [type(outcome.refused) for outcome in found]
            else:
                for data in given:
                    refused.append(_refusal(well, data))
            held = list(Version.objects.order_by("key").values_list("key", "data", "search_text", "organization"))
            transaction.set_rollback(True)
        return refused, held

    assert world(batch=False) == world(batch=True)


def _refusal(well: Wells, data: dict[str, Any]) -> type[DomainError | None]:
    try:
        actions.create(well.clerk, register=well.register, data=data, since=SINCE)
    except DomainError as error:
        return InvalidInput if isinstance(error, InvalidInput) else type(error)
    return type(None)


def test_a_number_of_a_certificate_is_held_for_many_as_for_one(well: Wells, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = well.register.owner
    definition = actions.install(official(owner, "define"), spec=premises(owner=owner.code), owner=owner)
    register, clerk = definition.register, official(owner, "read", "write", "import", "certify")

    def shop(code: str, number: str = "") -> Row:
        data = {"code": code, "name": f"Quán {code}"}
        return Row({**data, **({"number": number, "issued_on": "2026-01-05", "status": "active"} if number else {})})

    actions.create(clerk, register=register, data={**shop("C001", "01/2026/ATTP").data})
    given = [shop("C002", "02/2026/ATTP"), shop("C003", "01/2026/ATTP"), shop("C004", "02/2026/ATTP"), shop("C005")]
    for found in (bulk.preview(clerk, register, given), bulk.create_many(clerk, register, given)):
        assert [bool(one.refused) for one in found] == [False, True, True, False]
        assert "đã có ở một bản ghi khác" in found[1].errors["number"][0]
        assert "đã có ở một dòng trước" in found[2].errors["number"][0]
    with pytest.raises(NothingWritten):
        bulk.create_many(clerk, register, [shop("C006", "02/2026/ATTP"), shop("C007")], whole=True)
    with pytest.raises(InvalidInput, match="đã có ở một bản ghi khác"):
        actions.create(clerk, register=register, data=shop("C008", "02/2026/ATTP").data)
    held = {one.number: one.record.key for one in CertificateNumber.objects.select_related("record")}
    assert held == {"01/2026/ATTP": "C001", "02/2026/ATTP": "C002"}

    # Somebody writes the same number between the look and the write: found when it is held.
    early, taken = [set[numbers.Wanted]()], numbers.taken
    monkeypatch.setattr(numbers, "taken", lambda *asked: early.pop() if early else taken(*asked))
    late, sound = bulk.create_many(clerk, register, [shop("C009", "02/2026/ATTP"), shop("C010", "03/2026/ATTP")])
    assert (late.key, late.record, "đã có ở" in late.errors["number"][0]) == ("C009", None, True)
    assert sound.record
    assert list(Record.objects.filter(register=register).order_by("key").values_list("key", flat=True)) == [
        "C001",
        "C002",
        "C005",
        "C010",
    ]
    record = Record.objects.get(key="C002")
    actions.change(clerk, record=record, data={"number": "04/2026/ATTP"}, correction=True)
    actions.end(clerk, record=record, void=True)
    (again,) = bulk.create_many(clerk, register, [shop("C011", "02/2026/ATTP")])
    assert again.record, "what its record says no more is free"
    assert CertificateNumber.objects.get(number="02/2026/ATTP").record_id == again.record
