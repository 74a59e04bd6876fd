"""Records taken out as files: what goes out, to whom, what is written down, and that it can come in again."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from python_calamine import load_workbook

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import queries
from hienluong.capabilities.registers.models import Record, Version
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.actions import Actor, Grant, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations.models import Position
from hienluong.foundation.people.models import Party
from hienluong.services.records import reading, tasks
from hienluong.services.records.exporting import actions
from hienluong.services.records.exporting.actions import Order
from hienluong.services.records.importing import actions as importing
from hienluong.services.records.models import Export, Import
from tests.capabilities.registers.sample import official, wells

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

NUMBER = "045190001234"
FULL: dict[str, Any] = {
    "name": "=1+1 Giếng “chợ”, Đông Hà",
    "depth": 120.25,
    "fee": 1_500_000,
    "owner_number": NUMBER,
    "licence": {"from": "2026-01-02", "to": "2031-01-01"},
    "note": "dòng một\ndòng hai; -3",
    "tests": [{"day": "2026-01-05", "iron": 0.2}, {"day": "2026-02-05"}],
}
FIELDS = list(wells().fields)


def taken(kept: Kept, format: str, fields: list[str] = FIELDS, **wish: Any) -> bytes:
    order = Order(reading.OWN, Wish(**wish), fields, format)
    out, _count = actions.make(kept.officer, register=kept.register, order=order)
    with out:
        return out.read()


def now(kept: Kept) -> dict[str, Any]:
    return dict(queries.as_of(kept.register).values_list("key", "data"))


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "geojson"])
def test_what_goes_out_comes_in_again_as_it_was(kept: Kept, format: str) -> None:
    kept.add("G001", **FULL)
    kept.add("G002", name="Giếng nhỏ", depth=0.0000001, place={"type": "Point", "coordinates": [107.123456, 16.8]})
    kept.add("G003", name="@Giếng", depth=None, flow=None, place=None, tests=[])
    before = now(kept)
    content = taken(kept, format)
    for record in Record.objects.all():
        registers.change(kept.officer, record=record, data={"name": "Tên khác", "depth": 7, "note": "khác"})
    batch = importing.take_in(kept.officer, register=kept.register, name=f"gieng.{format}", content=content)
    importing.start(kept.officer, batch=batch, mapping=batch.mapping, updates=True)
    tasks.go_on(batch_id=str(batch.pk))
    done = Import.objects.get(pk=batch.pk)
    assert (done.changed, done.faulty, done.state) == (3, 0, "done"), list(done.faults.values())
    after = now(kept)
    for key, data in before.items():
        for name in ("name", "fee", "licence", "owner_number", "place", "flow", "agency", "tests"):
            assert after[key].get(name) == data.get(name), (key, name)
    assert after["G001"]["depth"] == 120.25
    assert after["G001"]["note"] == FULL["note"]


def test_csv_is_for_spreadsheets_and_harmless(kept: Kept) -> None:
    kept.add("G001", **FULL)
    content = taken(kept, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    heads, line = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    row = dict(zip(heads, line, strict=True))
    assert row["Tên giếng"] == "'=1+1 Giếng “chợ”, Đông Hà"
    assert row["Tiền cấp quyền"] == "1500000"
    assert row["Thời hạn: Từ ngày"] == "2026-01-02"
    assert row["Số định danh chủ giếng"] == NUMBER, "a file is not masked"
    assert row["Vị trí: vĩ độ"] == "16.8"
    assert row["Cơ quan quản lý (tên)"] == kept.here.name
    assert row["Giếng sâu"] == "Có"


def test_excel_holds_texts_numbers_and_days(kept: Kept) -> None:
    kept.add("G001", **FULL)
    heads, line = load_workbook(io.BytesIO(taken(kept, "xlsx"))).get_sheet_by_index(0).to_python()
    row = dict(zip(heads, line, strict=True))
    assert row["Tên giếng"] == FULL["name"], "a text, no formula that was run"
    assert row["Độ sâu (m)"] == 120.25
    assert row["Thời hạn: Từ ngày"] == date(2026, 1, 2)
    assert row["Số định danh chủ giếng"] == NUMBER


def test_only_what_the_list_holds_goes_out(kept: Kept) -> None:
    kept.add("G001", name="Giếng chợ")
    kept.add("G002", name="Giếng chùa", depth=20)
    kept.add("G003", name="Giếng đình", depth=300)
    found = json.loads(taken(kept, "json", ["code", "depth"], filters={"deep": "true"}, sort="-depth"))
    assert found["records"] == [{"code": "G003", "depth": 300}, {"code": "G001", "depth": 120.5}]


def test_a_map_goes_out_as_features(kept: Kept) -> None:
    kept.add("G001")
    found = json.loads(taken(kept, "geojson", ["code", "name", "place"]))
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [107.1, 16.8]}
    assert found["features"][0]["properties"] == {"code": "G001", "name": "Giếng chợ Đông Hà"}


def test_the_log_says_what_left_and_whose_data_were_read(kept: Kept) -> None:
    person = Party.objects.exclude(identifier="").first()
    assert person is not None
    kept.add("G001", owner_number=person.identifier, fee=1)
    taken(kept, "csv", ["code", "owner_number"], text="gieng 045190001234", filters={"deep": "true"})
    assert not PersonalDataRead.objects.exists(), "nothing fitted, nothing was read"
    taken(kept, "csv", ["code", "owner_number"], filters={"deep": "true"})
    empty, said = Entry.objects.filter(verb="registers.export").order_by("pk")
    assert empty.after["text"] == "gieng …"
    assert said.target_id == str(kept.register.pk)
    assert said.after["count"] == 1
    assert said.after["fields"] == ["code", "owner_number"]
    assert said.after["filters"] == {"deep": "true"}
    read = PersonalDataRead.objects.get()
    assert (read.party_id, read.fields) == (person.pk, ["code", "owner_number"])
    assert read.purpose.startswith("Xuất dữ liệu")


def test_who_may_not_export_gets_nothing(kept: Kept) -> None:
    kept.add("G001")
    clerk = kept.province.clerk  # reads and writes, but takes nothing out
    order = Order(reading.OWN, Wish(), ["code"], "csv")
    with pytest.raises(NotAllowed):
        actions.make(clerk, register=kept.register, order=order)
    with pytest.raises(NotAllowed):
        actions.order_file(clerk, register=kept.register, order=order)
    browser = browser_of(clerk)
    assert "Xuất danh sách này" not in browser.get(kept.address()).content.decode()
    assert browser.get(kept.address(page="xuat")).status_code == 403
    assert browser.post(kept.address(page="xuat"), {"format": "csv", "which": "all"}).status_code == 403
    assert not Entry.objects.filter(verb="registers.export").exists()


def test_only_fields_of_the_scope_go_out(kept: Kept) -> None:
    kept.add("G001", note="chỉ nội bộ", name="Giếng làng")
    other = official(kept.there, "read", "export")
    assert set(actions.scopes(other, reading.register_for(other, kept.register.code))) == {reading.OWN, reading.WHOLE}
    for fields, wish, fault in (
        (["name", "note"], Wish(), NotAllowed),
        (["name", "nothing"], Wish(), NotAllowed),
        (["name"], Wish(filters={"depth": "120.5"}), InvalidInput),
        (["name"], Wish(sort="-depth"), InvalidInput),
        ([], Wish(), InvalidInput),
    ):
        order = Order(reading.WHOLE, wish, fields, "json")
        with pytest.raises(fault):
            actions.make(other, register=kept.register, order=order)
    out, count = actions.make(
        other, register=kept.register, order=Order(reading.WHOLE, Wish(), ["code", "name"], "json")
    )
    with out:
        assert json.load(out)["records"] == [{"code": "G001", "name": "Giếng làng"}]
    assert count == 1
    _out, count = actions.make(other, register=kept.register, order=Order(reading.OWN, Wish(), ["note"], "csv"))
    assert count == 0, "none of its own"


def test_to_read_is_not_to_take_out(kept: Kept) -> None:
    """Who reads everywhere and may export at one place takes out what that place keeps, and what everybody may read."""
    kept.add("G001")
    reads = Grant(frozenset({"registers.read"}), kept.owner.pk, kept.owner.path, "Sở")
    keeps = Grant(frozenset({"registers.read"}), kept.here.pk, kept.here.path, "Phòng")
    takes = Grant(frozenset({"registers.read", "registers.export"}), kept.there.pk, kept.there.path, "Xã")
    actor = Actor(kind="account", label="Cán bộ", organization_id=kept.owner.pk, grants=(reads, keeps, takes))
    found = actions.scopes(actor, reading.register_for(actor, kept.register.code))
    assert found[reading.WHOLE].fields == {"code", "name", "place"}
    assert not queries.narrow(kept.register, wells(), found[reading.OWN], Wish()).exists()


def test_the_page_says_what_will_leave_and_gives_the_file(kept: Kept) -> None:
    kept.add("G001", owner_number=NUMBER, fee=1)
    kept.add("G002", depth=20)
    browser = browser_of(kept.officer)
    address = f"{kept.address(page='xuat')}?loc-deep=true&cot=owner_number"
    page = browser.get(address).content.decode()
    assert "1 bản ghi sẽ ra khỏi hệ thống" in page
    assert "không che: Số định danh chủ giếng" in page
    answer = browser.post(address, {"format": "csv", "which": "listed"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines() == ["Tên giếng,Số định danh chủ giếng", f"Giếng chợ Đông Hà,{NUMBER}"]
    wrong = browser.post(address, {"format": "exe", "which": "listed"})
    assert wrong.status_code == 422
    assert browser.get(f"{kept.address(page='xuat')}?loc-depth__from=x&ngay=hôm+qua").status_code == 422


def test_a_long_list_is_made_meanwhile_and_its_owner_told(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 1)
    kept.add("G001")
    kept.add("G002")
    browser = browser_of(kept.officer)
    assert browser.post(kept.address(page="xuat"), {"format": "xlsx", "which": "all"}).status_code == 302
    ordered = Export.objects.get()
    assert (ordered.state, ordered.file) == ("waiting", None)
    tasks.make_export(export_id=str(ordered.pk))
    tasks.make_export(export_id=str(ordered.pk))  # again, as after a crash
    made = Export.objects.get()
    assert (made.state, made.count) == ("done", 2)
    assert StoredFile.objects.filter(purpose="registers.export").count() == 1
    assert Notification.objects.filter(account_id=kept.officer.account_id, kind="registers.export").count() == 1
    link = f"/tep/{made.file_id}"
    assert link in browser.get(kept.address(page="xuat")).content.decode()
    answer = browser.get(link)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    for wrong in (kept.province.clerk, kept.province.other_clerk, kept.province.citizen):
        assert browser_of(wrong).get(link).status_code == 404
    posts = Position.objects.filter(official_id=kept.officer.official_id)
    posts.update(organization=kept.province.other_division)
    assert browser_of(kept.officer).get(link).status_code == 404, "the same role elsewhere does not open it"


def test_what_may_no_longer_go_out_is_told(kept: Kept) -> None:
    kept.add("G001")
    order = Order(reading.OWN, Wish(), ["code"], "csv")
    export = actions.order_file(kept.officer, register=kept.register, order=order)
    for who in (kept.owner_officer, kept.province.citizen):
        with pytest.raises(NotFound):
            actions.refuse(who, export=export, why="Không cho")
    Export.objects.filter(pk=export.pk).update(asked={**order.packed(), "fields": ["gone"]})
    tasks.make_export(export_id=str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.file) == ("failed", None)
    assert "không được xuất" in export.fault
    assert Notification.objects.filter(title="Không xuất được dữ liệu").exists()
    actions.refuse(kept.officer, export=export, why="Lý do khác")
    Export.objects.filter(pk=export.pk).update(state="done", fault="")
    assert actions.refuse(kept.officer, export=export, why="Muộn").state == "done", "what is made stays made"


def test_old_files_go(kept: Kept) -> None:
    kept.add("G001")
    order = Order(reading.OWN, Wish(), ["code"], "csv")
    export = actions.order_file(kept.officer, register=kept.register, order=order)
    tasks.make_export(export_id=str(export.pk))
    tasks.forget_exports(0)
    assert Export.objects.exists()
    Export.objects.update(created_at="2026-01-01T00:00:00Z")
    tasks.forget_exports(0)
    assert not Export.objects.exists()
    assert not StoredFile.objects.filter(purpose="registers.export").exists()


def test_a_list_of_a_day_goes_out_as_it_was(kept: Kept) -> None:
    record = kept.add("G001", name="Tên cũ")
    registers.change(kept.officer, record=record, data={"name": "Tên mới"}, since=date(2026, 6, 1))
    answer = browser_of(kept.officer).post(
        f"{kept.address(page='xuat')}?ngay=01/03/2026", {"format": "json", "which": "listed"}
    )
    assert "Tên cũ" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert Version.objects.filter(known__upper_inf=True).count() == 2


def test_an_order_keeps_all_that_the_list_was_narrowed_by() -> None:
    wish = Wish(text="chợ", filters={"deep": "true"}, standing="expired", sort="-depth", valid=timezone.now())
    order = Order(reading.OWN, wish, ["name"], "csv")
    assert Order.unpacked(json.loads(json.dumps(order.packed()))) == order
