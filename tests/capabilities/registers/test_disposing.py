"""What is cleared of records whose time is over: just those fields, everywhere, once, and of no other record."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from hienluong.capabilities.registers import actions, disposing, tasks
from hienluong.capabilities.registers.definition import problems
from hienluong.capabilities.registers.models import Change, Disposal, Record, Version
from hienluong.foundation.actions import InvalidInput, NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event

from .sample import wells
from .test_records import Wells

pytestmark = pytest.mark.django_db

SYSTEM = system("thử")
KEPT: dict[str, Any] = {"years": 5, "clears": ["owner_number", "note", "place"], "legal_basis": "QĐ thử"}
NUMBER = "045190001234"


@pytest.fixture
def well() -> Wells:
    """Records of all fates: two that ended, one void, one that goes on, one that says its owner only in the past."""
    well = Wells()
    actions.install(
        well.chief, spec=wells(version=2, effective_from=date(2026, 2, 1), retention=KEPT), owner=well.owner
    )
    for number in range(5):
        well.add(code=f"G{number:03}", owner_number=NUMBER, note=f"bí mật {number}")
    ended, corrected, void, _living, past = Record.objects.order_by("pk")
    actions.change(well.clerk, record=past, data={"owner_number": "", "note": "", "place": ""}, since=date(2026, 3, 1))
    for record in (ended, corrected, past):
        actions.end(well.clerk, record=record, at=date(2026, 4, 1))
    actions.end(well.clerk, record=void, void=True)
    return well


def in_years(years: int, days: int = 1) -> date:
    """A day so long after the records were written."""
    today = timezone.localdate() + timedelta(days=days)
    return today.replace(year=today.year + years)


def run(well: Wells, day: date) -> int:
    cleared, last = 0, 0
    while records := disposing.due(well.register, day, last):
        cleared += disposing.dispose(SYSTEM, register=well.register, day=day, records=records)
        last = records[-1]
    return cleared


def test_the_time_counts_from_the_end_or_the_last_writing(well: Wells) -> None:
    terms = disposing.terms_of(well.register, in_years(5))
    assert terms is not None
    assert terms.fields == ["note", "owner_number", "place"]
    assert disposing.count(well.register, terms, in_years(5, -1)) == 0
    assert disposing.count(well.register, terms, in_years(5)) == 4
    assert run(well, in_years(5, -1)) == 0
    assert not Disposal.objects.exists()


def test_only_these_fields_go_and_from_the_whole_history(well: Wells) -> None:
    before = {one.pk: one for one in Version.objects.filter(register=well.register)}
    assert run(well, in_years(5)) == 4
    living = Record.objects.get(key="G003")
    for version in Version.objects.filter(register=well.register):
        old = before[version.pk]
        if version.record_id == living.pk:
            assert (version.data, version.search_text, version.box) == (old.data, old.search_text, old.box)
            continue
        assert version.data == {name: value for name, value in old.data.items() if name not in KEPT["clears"]}
        assert (version.valid, version.known, version.box) == (old.valid, old.known, None)
        assert "mat" not in version.search_text
        assert version.key.lower() in version.search_text
    entries = Entry.objects.filter(verb="registers.dispose")
    assert {entry.target_label for entry in entries} == {"G000", "G001", "G002", "G004"}
    assert all(
        set(entry.after["fields"]) == set(KEPT["clears"]) and NUMBER not in str(entry.after) for entry in entries
    )
    told = Event.objects.filter(type="register.thu.gieng.dispose")
    assert {event.data["key"] for event in told} == {"G000", "G001", "G002", "G004"}
    assert run(well, in_years(5)) == 0, "done again, nothing is left"
    assert entries.count() == Disposal.objects.count() == 4


def test_parts_go_on_where_they_stopped_and_one_that_breaks_leaves_nothing(
    well: Wells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disposing, "AT_ONCE", 1)
    day = in_years(5)
    (first,) = disposing.due(well.register, day)
    assert disposing.dispose(SYSTEM, register=well.register, day=day, records=[first]) == 1
    (second,) = disposing.due(well.register, day, first)
    with monkeypatch.context() as broken:
        broken.setattr(disposing, "_let_files_go", lambda links: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            disposing.dispose(SYSTEM, register=well.register, day=day, records=[second])
    living = Record.objects.get(key="G003")
    assert disposing.dispose(SYSTEM, register=well.register, day=day, records=[first, living.pk]) == 0
    assert Disposal.objects.count() == 1
    assert run(well, day) == 3


def test_nobody_else_clears_and_nothing_comes_back(well: Wells) -> None:
    day = in_years(5)
    with pytest.raises(NotAllowed):
        disposing.dispose(well.clerk, register=well.register, day=day, records=[])
    run(well, day)
    record = Record.objects.get(key="G000")
    with pytest.raises(InvalidInput, match="hết thời hạn lưu"):
        actions.revert(well.clerk, record=record, change=Change.objects.filter(record=record).latest("pk"))
    version = Version.objects.filter(register=well.register, record=record).latest("pk")
    living = Version.objects.get(register=well.register, key="G003")
    for said, number in (
        ('data = data || \'{"note": "x"}\'', version.pk),
        ("data = data - 'name'", version.pk),  # not among the fields
        ("data = data - 'note'", living.pk),  # of a record for which nothing says so
        ("search_text = ''", living.pk),
    ):
        with pytest.raises(DatabaseError, match="only ends"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE registers_version SET {said} WHERE id = %s", [number])


def test_the_nightly_job_and_the_figure_for_operators(well: Wells, monkeypatch: pytest.MonkeyPatch) -> None:
    day = in_years(5)
    for module in (tasks, disposing):
        monkeypatch.setattr(f"{module.__name__}.timezone.localdate", lambda *given: day)
    out = StringIO()
    call_command("retention", stdout=out)
    said = "thu.gieng: lưu 5 năm (QĐ thử), rồi xóa: Ghi chú nội bộ, Số định danh chủ giếng, Vị trí. Đến hạn hôm nay: 4 bản ghi"
    assert said in out.getvalue()
    assert not Disposal.objects.exists()
    assert tasks.dispose(register_id=well.register.pk) == 4


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({"years": 5}, "xóa trường nào"),
        ({"clears": "*"}, "xóa sau mấy năm"),
        ({"years": 5, "clears": ["none"]}, "không có trường"),
        ({"years": 5, "clears": ["code"]}, "không xóa được"),
        ({"years": 5, "clears": ["agency"]}, "không xóa được"),
    ],
)
def test_a_declaration_that_cannot_be_acted_on_is_told(kept: dict[str, Any], words: str) -> None:
    assert any(words in message and place[0] == "retention" for place, message in problems(wells(retention=kept)))


def test_all_means_all_but_key_and_organisation_of_every_version() -> None:
    well = Wells()
    later = wells(version=2, effective_from=date(2026, 2, 1), retention={"years": 1, "clears": "*"})
    assert later.cleared == set(later.fields) - {"code", "agency"}
    assert wells().digest == wells(retention={"years": None}).digest
    record = well.add()
    actions.end(well.clerk, record=record, at=date(2026, 3, 1))
    actions.install(well.chief, spec=later, owner=well.owner)
    assert run(well, in_years(1)) == 1
    assert all(set(one.data) == {"code", "agency"} for one in Version.objects.filter(register=well.register))
