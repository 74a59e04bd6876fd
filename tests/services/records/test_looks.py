"""Reads of personal data, on the pages of a register and through its API, are written down for the person: also where
the number that says whose data they are is not among what the reader may see."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.naming import Records
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.schemas import references
from hienluong.services.records import reading
from hienluong.services.records.exporting import actions as exporting
from hienluong.services.records.exporting.actions import Order
from tests.capabilities.registers.sample import GOOD, WELLS, official, wells
from tests.factories import make_citizen
from tests.snapshots import ready

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

BASE = "/api/v1/registers/thu.gieng"


def test_reads_by_ones_own_right_are_written_down(db: None) -> None:
    kept = ready(Kept)
    person = kept.province.party
    record = kept.add(owner_number=person.identifier)
    officer, owner = browser_of(kept.officer), browser_of(kept.owner_officer)
    written = PersonalDataRead.objects.count()
    for browser, path, field in (
        (officer, f"{BASE}/records?scope=own", "note"),
        (officer, f"{BASE}/records/{record.pk}", "depth"),
        (owner, f"{BASE}/records", "depth"),
        (owner, f"{BASE}/records/by-key/{record.key}", "depth"),
    ):
        assert browser.get(path).status_code == 200
        written += 1
        assert PersonalDataRead.objects.count() == written
        look = PersonalDataRead.objects.latest("pk")
        assert (look.party_id, look.subject, look.purpose) == (person.pk, "thu.gieng", "Đọc qua API: Giếng khoan")
        assert field in look.fields
    tag = officer.get(f"{BASE}/records/{record.pk}")["ETag"]
    written += 1
    officer.get(f"{BASE}/records/{record.pk}", headers={"If-None-Match": tag})
    Client().get(f"{BASE}/records")
    assert PersonalDataRead.objects.count() == written, "nothing was shown, or nothing that is not public"


class Log:
    """The log of looks, read on from where it was read last."""

    def __init__(self) -> None:
        self.read: dict[int, int] = {}

    def told(self, about: int) -> list[tuple[list[str], str]]:
        """What was written down about a person since this was asked last: fields and purpose of each look."""
        found = PersonalDataRead.objects.filter(party_id=about, pk__gt=self.read.get(about, 0)).order_by("pk")
        rows = list(found.values_list("pk", "fields", "purpose"))
        self.read[about] = max([self.read.get(about, 0), *(row[0] for row in rows)])
        return [(sorted(fields), purpose) for _number, fields, purpose in rows]


def test_whose_number_may_not_be_read_is_told_of_every_page_all_the_same(db: None) -> None:
    kept, log = ready(Kept), Log()
    person, before = kept.province.party, make_citizen("Lê Thị Chủ Cũ")
    record = kept.add(owner_number=before.identifier, name="Giếng chợ")
    registers.change(kept.officer, record=record, data={"owner_number": person.identifier})
    keeping = "Quản lý cơ sở dữ liệu: Giếng khoan"
    owner, elsewhere = browser_of(kept.owner_officer), browser_of(kept.province.other_clerk)
    whole, shape = "?pham-vi=toan-tinh", ["name", "place"]
    for browser, address, fields in (
        (owner, f"{kept.address()}{whole}&cot=depth", ["depth", "name"]),
        (owner, f"{kept.address()}{whole}&loc-deep=true&cot=flow", ["flow", "name"]),
        (elsewhere, f"{kept.address()}{whole}&cot=depth&cot=note", ["code", "name"]),
        (elsewhere, f"{kept.address(page='ban-do')}{whole}", shape),
        (elsewhere, f"{kept.address(page='ban-do')}{whole}&khung=107,16.7,107.2,16.9", shape),
    ):
        page = browser.get(address).content.decode()
        assert "Giếng chợ" in page
        assert person.identifier not in page
        assert log.told(person.pk) == [(fields, keeping)], address
    assert log.told(before.pk) == [], "a list shows what is so now"
    assert elsewhere.get(kept.address(record)).status_code == 200
    assert [log.told(one.pk) for one in (person, before)] == [[(["code", *shape], keeping)]] * 2, (
        "its history is of both"
    )
    for nothing in (f"{kept.address()}{whole}&q=khong-co", kept.address()):
        elsewhere.get(nothing)
    chief = official(kept.owner, "read", "export")
    order = Order(reading.WHOLE, Wish(), ["code", "name"], "csv")
    exporting.make(chief, register=kept.register, order=order)[0].close()
    assert log.told(person.pk) == [(["code", "name"], "Xuất dữ liệu: Giếng khoan")]
    assert Client().get(f"/co-so-du-lieu/thu.gieng/{record.pk}").status_code == 200
    assert log.told(person.pk) == [(["code", *shape], "Tra cứu công khai: Giếng khoan")]
    assert Records().find(kept.officer, "thu.gieng", "cho", 5)
    assert log.told(person.pk) == [], "the name is open to everybody"
    owner.get(f"{kept.address()}{whole}&cot=depth")
    mine = browser_of(kept.province.citizen).get("/ai-da-xem-du-lieu-cua-toi").content.decode()
    for words in (kept.province.agency_one.name, keeping, "Tên giếng", "Độ sâu"):
        assert words in mine


def test_pages_of_writing_tell_whom_they_show(db: None) -> None:
    kept, log = ready(Kept), Log()
    person = kept.province.party
    one = kept.add("G001", name="Giếng chợ Đông Hà", owner_number=person.identifier)
    other = kept.add("G002", name="Giếng chùa", owner_number=make_citizen("Lê Thị Khác").identifier)
    officer = browser_of(kept.officer)
    ticked: dict[str, Any] = {"chon-ban-ghi": [one.pk, other.pk], "chon-truong": "depth"}
    for address, field in (
        (kept.address(one, "sua"), "owner_number"),
        (kept.address(one, "cham-dut"), "name"),
        (kept.address(other, "trung?kia=G001"), "owner_number"),
        (kept.address(other, "so-sanh"), ""),
    ):
        assert officer.get(address).status_code == 200
        assert [field in fields for fields, _purpose in log.told(person.pk)] == ([True] if field else []), address
    assert officer.post(kept.address(page="sua-nhieu"), ticked).status_code == 200
    assert [fields for fields, _purpose in log.told(person.pk)] == [["name"]]
    shown = {"depth": "7", "viec-reason": "Đo lại", "xem-truoc": "1"}
    assert "→ 7" in officer.post(kept.address(page="sua-nhieu"), {**ticked, **shown}).content.decode()
    assert [fields for fields, _purpose in log.told(person.pk)] == [["depth", "name"]]


def test_a_page_of_many_persons_is_written_down_in_one_statement(db: None) -> None:
    kept = ready(Kept)
    browser, address = browser_of(kept.owner_officer), f"{kept.address()}?pham-vi=toan-tinh&cot=depth"
    people = [make_citizen(f"Người thứ {number}") for number in range(9)]
    counts = []
    for number, person in enumerate(people):
        kept.add(f"G{number + 100}", owner_number=person.identifier)
        if number in (0, 8):
            browser.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(address).status_code == 200
            counts.append(len(asked))
            assert sum('INSERT INTO "audit_personaldataread"' in query["sql"] for query in asked) == 1
    assert counts[0] == counts[1]
    assert PersonalDataRead.objects.values("party_id").distinct().count() == len(people)


def test_a_record_that_a_page_names_is_one_look(db: None) -> None:
    kept, log = ready(Kept), Log()
    person = kept.province.party
    access = {"responsible": {"read": "*", "write": "*"}}
    chief = official(kept.owner, "define", "read", "write")
    closed = registers.install(
        chief, spec=wells(code="thu.kin", owner=kept.owner.code, access=access), owner=kept.owner
    )
    given = {**GOOD, "agency": kept.here.code, "owner_number": person.identifier}
    registers.create(kept.officer, register=closed.register, data=given)
    prop = {"x-register": "thu.kin", "title": "Giếng"}
    for reader, looks in ((kept.officer, 1), (kept.province.other_clerk, 0), (kept.province.stranger, 0)):
        with references.seen_by(reader):
            names = [references.label(prop, "G001"), references.shown(prop, "G001"), references.label(prop, "G999")]
            assert references.fault(prop, "G001") == "" or not looks
        assert (names[1] is not None) == bool(looks)
        assert log.told(person.pk) == [(["code", "name"], "Tra cứu: Giếng khoan")] * looks
    assert references.named(prop, "G001") is None, "nobody in particular"
    with references.seen_by(kept.officer):
        assert references.find(prop, "G001")
    assert len(log.told(person.pk)) == 1


def test_the_page_of_a_record_names_what_it_is_bound_to_and_tells_of_it_once(db: None) -> None:
    kept, log = ready(Kept), Log()
    person = kept.province.party
    well = kept.add(owner_number=person.identifier)
    schema: dict[str, Any] = deepcopy(WELLS["schema"])
    schema["properties"]["beside"] = {"x-kind": "reference", "title": "Giếng bên cạnh", "x-register": "thu.gieng"}
    access = {"responsible": {"read": "*", "write": "*"}}
    spec = wells(code="thu.be", title="Bể chứa", owner=kept.owner.code, schema=schema, access=access)
    tanks = registers.install(official(kept.owner, "define", "read", "write"), spec=spec, owner=kept.owner).register
    given = {"code": "G100", "name": "Bể đình", "agency": kept.here.code, "beside": well.key}
    tank = registers.create(kept.officer, register=tanks, data=given)
    officer = browser_of(kept.officer)
    page = officer.get(f"/lam-viec/co-so-du-lieu/thu.be/{tank.pk}").content.decode()
    assert f'<a class="govuk-link" href="{kept.address(well)}">Giếng chợ Đông Hà</a>' in page
    assert 'Giếng chợ Đông Hà</a> <span class="hl-muted hl-nowrap">G001</span>' in page
    assert [purpose for _fields, purpose in log.told(person.pk)] == ["Bản ghi liên quan của: Bể chứa"]
    page = officer.get(kept.address(well)).content.decode()
    assert 'Bể đình</a> <span class="hl-muted hl-nowrap">G100</span>' in page
    assert len(log.told(person.pk)) == 1


def test_who_is_refused_stands_in_the_log_of_the_run(db: None, caplog: pytest.LogCaptureFixture) -> None:
    kept = ready(Kept)
    page = kept.address(kept.add(), "sua")
    assert browser_of(kept.province.other_clerk).get(page).status_code == 403
    told = [line.getMessage() for line in caplog.records if line.name == "hienluong.refused"]
    assert [line.split(" was refused ")[1] for line in told] == [f"GET {page} (domain.not_allowed)"]
    assert told[0].startswith(f"account {kept.province.other_clerk.account_id} of organisation")
