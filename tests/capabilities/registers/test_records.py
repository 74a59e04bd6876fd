"""Records through their actions: checked, by right, with history, audit and event."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import actions, storage
from hienluong.capabilities.registers.access import Place, rights
from hienluong.capabilities.registers.models import Change, Definition, Record, Register, Version
from hienluong.capabilities.registers.queries import as_of
from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations.models import Organization

from .sample import GOOD, official, organization, wells

pytestmark = pytest.mark.django_db


class Wells:
    """The register of wells, its owner and two agencies below it."""

    def __init__(self) -> None:
        self.owner = organization("H50.90")
        self.here, self.there = organization("H50.90.01", self.owner), organization("H50.90.02", self.owner)
        self.chief = official(self.owner, "define", "read", "write")
        self.chief_of_all = official(self.owner, "read", "write")
        self.clerk, self.other = official(self.here, "read", "write"), official(self.there, "read", "write")
        self.definition = actions.install(self.chief, spec=wells(), owner=self.owner)
        self.register = self.definition.register

    def add(self, actor: Actor | None = None, since: date = date(2026, 1, 1), **data: Any) -> Record:
        given = {**GOOD, "agency": self.here.code, **data}
        return actions.create(actor or self.clerk, register=self.register, data=given, since=since)

    def said(self, valid: date | None = None, known: datetime | None = None) -> dict[str, Any]:
        moment = None if valid is None else timezone.make_aware(datetime(valid.year, valid.month, valid.day, 12))
        return {version.key: version.data for version in as_of(self.register, moment, known)}


@pytest.fixture
def well() -> Wells:
    return Wells()


def test_a_record_is_kept_checked_computed_and_found(well: Wells) -> None:
    well.add(name="  Giếng   chợ Đông Hà ")
    version = Version.objects.get(register=well.register)
    assert version.data["name"] == "Giếng chợ Đông Hà"
    assert version.data["deep"] is True
    assert version.search_text == "g001 gieng cho dong ha"
    assert version.organization == well.here
    assert version.definition == well.definition
    assert version.box == "(107.1,16.8),(107.1,16.8)"


def test_a_write_leaves_audit_and_event_without_values(well: Wells) -> None:
    record = well.add(note="bí mật")
    entry = Entry.objects.get(verb="registers.create")
    assert entry.target_id == str(record.pk)
    assert "bí mật" not in str(entry.after)
    assert "note" in entry.after["fields"]
    assert Event.objects.get(type="register.thu.gieng.create").data["key"] == "G001"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("code", "X1", "Số giấy phép"),
        ("name", "", "tên giếng"),
        ("depth", 501, "Độ sâu"),
        ("depth", "sâu", "số"),
        ("flow", {"value": 1, "unit": "xô"}, "Lưu lượng"),
        ("fee", -1, "Tiền cấp quyền"),
        ("fee", 500_000, "Có tiền thì phải có chủ."),
        ("licence", {"from": "2026-02-01", "to": "2026-01-01"}, "ngày kết thúc trước"),
        ("owner_number", "12345", "12 chữ số"),
        ("place", {"type": "Point", "coordinates": [200, 16]}, "kinh độ"),
        ("tests", [{"iron": 1}], "mục 1"),
        ("tests", [{"day": "2026-13-01"}], "ngày"),
        ("agency", "H50.77", "Không có cơ quan"),
        ("strange", 1, "strange"),
    ],
)
def test_bad_data_are_refused_in_words_and_nothing_is_written(well: Wells, field: str, value: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        well.add(**{field: value})
    assert words in str(refused.value.details.get("errors", {}).get(field, refused.value.message))
    assert not Record.objects.exists()


def test_a_key_is_taken_once(well: Wells) -> None:
    well.add()
    with pytest.raises(InvalidInput, match="G001"):
        well.add()


def test_a_series_numbers_records_without_gaps(well: Wells) -> None:
    spec = wells(code="thu.so", key={"series": "G-{year}-{n:04}"})
    register = actions.install(well.chief, spec=spec, owner=well.owner).register
    data = {**GOOD, "agency": well.here.code}
    first = actions.create(well.clerk, register=register, data=data, since=date(2025, 5, 1))
    with pytest.raises(InvalidInput):
        actions.create(well.clerk, register=register, data={**data, "depth": -1}, since=date(2025, 5, 1))
    second = actions.create(well.clerk, register=register, data=data, since=date(2025, 6, 1))
    other_year = actions.create(well.clerk, register=register, data=data, since=date(2026, 6, 1))
    assert [first.key, second.key, other_year.key] == ["G-2025-0001", "G-2025-0002", "G-2026-0001"]


def test_a_change_and_a_correction_are_told_apart_and_the_past_stays(well: Wells) -> None:
    record = well.add()
    before = timezone.now()
    actions.change(well.clerk, record=record, data={"depth": 150.0}, since=date(2026, 3, 1))
    actions.change(
        well.clerk,
        record=record,
        data={"depth": 110.0},
        since=date(2026, 1, 1),
        until=date(2026, 3, 1),
        correction=True,
    )
    assert well.said(date(2026, 2, 1))["G001"]["depth"] == 110.0
    assert well.said(date(2026, 4, 1))["G001"]["depth"] == 150.0
    assert well.said(date(2026, 2, 1), before)["G001"]["depth"] == 120.5
    assert well.said(date(2026, 4, 1), before)["G001"]["depth"] == 120.5
    assert well.said(date(2025, 12, 1)) == {}
    assert list(record.changes.order_by("pk").values_list("kind", flat=True)) == ["create", "change", "correct"]


def test_an_ended_record_is_history_and_a_void_one_never_was(well: Wells) -> None:
    ended, void = well.add(), well.add(code="G002")
    before = timezone.now()
    actions.end(well.clerk, record=ended, at=date(2026, 6, 1))
    actions.end(well.clerk, record=void, void=True)
    assert set(well.said(date(2026, 5, 1))) == {"G001"}
    assert well.said(date(2026, 7, 1)) == {}
    assert set(well.said(date(2026, 5, 1), before)) == {"G001", "G002"}


def test_who_saw_an_older_state_does_not_overwrite(well: Wells) -> None:
    record = well.add()
    seen = Change.objects.get(record=record).pk
    actions.change(well.clerk, record=record, data={"depth": 130.0}, expected=seen)
    with pytest.raises(InvalidInput, match="Người khác"):
        actions.change(well.clerk, record=record, data={"depth": 140.0}, expected=seen)


def test_an_agency_writes_its_own_and_neither_takes_nor_gives(well: Wells) -> None:
    record = well.add()
    with pytest.raises(NotAllowed):
        well.add(well.other, code="G002")
    with pytest.raises(NotAllowed):
        actions.change(well.other, record=record, data={"depth": 1.0})
    with pytest.raises(NotAllowed):
        actions.change(well.clerk, record=record, data={"agency": well.there.code})
    with pytest.raises(NotAllowed):
        actions.change(well.other, record=record, data={"agency": well.there.code})
    with pytest.raises(NotAllowed):
        actions.end(well.other, record=record)
    reader = official(well.here, "read")
    with pytest.raises(NotAllowed):
        actions.change(reader, record=record, data={"depth": 1.0})
    assert Change.objects.count() == 1


def test_each_standing_reads_its_fields(well: Wells) -> None:
    spec, place = wells(), Place(well.here.path, well.owner.path)
    public = {"code", "name", "place"}
    assert rights(Actor(), spec, place).read == public
    assert rights(well.other, spec, place).read == public
    assert rights(Actor(), spec, place, is_subject=True).read == public | {"licence", "fee"}
    assert rights(well.clerk, spec, place).read == set(spec.fields)
    assert rights(well.clerk, spec, place).write == set(spec.fields) - {"deep"}
    assert rights(official(well.here, "read"), spec, place).write == frozenset()


def test_a_new_version_begins_when_it_says_and_records_keep_theirs(well: Wells) -> None:
    record = well.add()
    schema = wells().model_dump(by_alias=True)["schema"]
    schema["properties"]["colour"] = {"x-kind": "text", "title": "Màu"}
    actions.install(well.chief, spec=wells(version=2, effective_from=date(2026, 6, 1), schema=schema), owner=well.owner)
    with pytest.raises(InvalidInput):
        actions.change(well.clerk, record=record, data={"colour": "đỏ"}, since=date(2026, 5, 1))
    actions.change(well.clerk, record=record, data={"colour": "đỏ"}, since=date(2026, 7, 1))
    versions = [
        version.definition.version for version in Version.objects.filter(known__upper_inf=True).order_by("valid")
    ]
    assert versions == [1, 2]
    assert list(Definition.objects.order_by("version").values_list("valid__startswith", "valid__endswith")) == [
        (date(2020, 1, 1), date(2026, 6, 1)),
        (date(2026, 6, 1), None),
    ]


def test_a_version_that_breaks_records_says_which_and_why(well: Wells) -> None:
    well.add()
    schema = wells().model_dump(by_alias=True)["schema"]
    del schema["properties"]["note"]
    schema["required"].append("depth")
    broken = wells(version=2, effective_from=date(2026, 6, 1), schema=schema, search=["name"])
    with pytest.raises(InvalidInput, match="depth") as refused:
        actions.install(well.chief, spec=broken, owner=well.owner)
    assert "note" in str(refused.value.message)
    carried = broken.model_copy(update={"migrate": {"depth": "depth == null ? 0.0 : depth", "note": "null"}})
    assert actions.install(well.chief, spec=carried, owner=well.owner).version == 2


def test_installing_again_changes_nothing_and_another_text_is_refused(well: Wells) -> None:
    assert actions.install(well.chief, spec=wells(), owner=well.owner) == well.definition
    with pytest.raises(InvalidInput, match="nội dung khác"):
        actions.install(well.chief, spec=wells(title="Khác"), owner=well.owner)
    with pytest.raises(InvalidInput, match="gói khác"):
        actions.install(well.chief, spec=wells(version=2), owner=well.owner, pack="goi.khac")
    with pytest.raises(NotAllowed):
        actions.install(well.clerk, spec=wells(version=2), owner=well.owner)
    assert Register.objects.count() == Definition.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_declared_indexes_are_built_and_used() -> None:
    well = Wells()
    for number in range(300):
        well.add(code=f"G{number:03}", depth=number / 10)
    wanted = [storage.Wanted(name, order) for name, order in wells().indexed.items()]
    assert storage.missing_indexes(well.register, wanted) == wanted
    for index in wanted:
        storage.build_index(well.register, index)
        storage.build_index(well.register, index)
    assert storage.missing_indexes(well.register, wanted) == []


def test_an_organisation_of_another_province_is_no_owner(well: Wells) -> None:
    stranger = Organization.objects.get(pk=organization("H51").pk)
    with pytest.raises(NotAllowed):
        actions.install(well.chief, spec=wells(code="thu.khac"), owner=stranger)


def test_a_key_never_changes(well: Wells) -> None:
    record = well.add()
    with pytest.raises(InvalidInput, match="Khóa"):
        actions.change(well.clerk, record=record, data={"code": "G009"})
    assert timezone.now() - timedelta(days=1) < Change.objects.get(record=record).at


def test_the_newest_change_can_be_taken_back_and_says_so(well: Wells) -> None:
    record = well.add(since=date(2026, 1, 1), depth=10)
    actions.change(well.clerk, record=record, data={"depth": 20}, since=date(2026, 3, 1), until=date(2026, 5, 1))
    newest = Change.objects.latest("pk")
    actions.revert(well.clerk, record=record, change=newest)
    for day in (date(2026, 2, 1), date(2026, 4, 1), date(2026, 6, 1)):
        assert well.said(day)["G001"]["depth"] == 10
    assert Change.objects.latest("pk").kind == "undo"
    with pytest.raises(InvalidInput, match="Người khác vừa thay đổi"):
        actions.revert(well.clerk, record=record, change=newest)


def test_taking_back_a_change_over_a_gap_leaves_the_gap(well: Wells) -> None:
    record = well.add(since=date(2026, 2, 1), depth=10)
    actions.change(
        well.clerk, record=record, data={**GOOD, "agency": well.here.code, "depth": 20}, since=date(2026, 1, 1)
    )
    assert well.said(date(2026, 1, 15))["G001"]["depth"] == 20
    for change in Change.objects.exclude(kind=Change.Kind.CREATE).order_by("-pk"):  # the gap, and what was there
        actions.revert(well.clerk, record=record, change=change, newest=Change.objects.latest("pk").pk)
    assert well.said(date(2026, 1, 15)) == {}
    assert well.said(date(2026, 2, 15))["G001"]["depth"] == 10


def test_an_end_can_be_taken_back(well: Wells) -> None:
    record = well.add(since=date(2026, 1, 1))
    actions.end(well.clerk, record=record, at=date(2026, 3, 1))
    assert well.said(date(2026, 4, 1)) == {}
    actions.revert(well.clerk, record=record, change=Change.objects.latest("pk"))
    assert well.said(date(2026, 4, 1))["G001"]["name"] == "Giếng chợ Đông Hà"
    with pytest.raises(NotAllowed):
        actions.revert(well.other, record=record, change=Change.objects.latest("pk"))


def test_the_fields_keep_the_order_of_the_definition(well: Wells) -> None:
    stored = Definition.objects.get(pk=well.definition.pk)
    assert list(stored.spec["schema"]["properties"]) == list(wells().fields)
    assert list(actions.spec_of(stored).fields) == list(wells().fields)
