"""Dossiers of the household business pack write a register that equals the fold of the filings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import queries
from hienluong.capabilities.registers.models import Register, Version
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.people.models import Party
from hienluong.sectors.business.household import checks, filings
from hienluong.sectors.business.household.filings import Filing, Kind
from hienluong.services.dossiers import actions, effects, heads, publishing, sectoral
from hienluong.services.dossiers.models import Dossier
from hienluong.services.procedures import packs
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.sector_checks import Matter
from tests.capabilities.registers.sample import official
from tests.clock import Clock, march
from tests.factories import make_citizen
from tests.services.dossiers.province import Province
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

FOLDER = next(folder for folder in packs.shipped_folders() if folder.name == "household")
CODES = ("1.001612", "2.000720", "1.001570", "1.001266", "2.000575")


class Town:
    """The small province with the pack's register and its five complete procedures, and two people."""

    def __init__(self) -> None:
        self.province = p = Province()
        pack = packs.load(FOLDER)
        assert not pack.faults
        chief = official(p.agency_one, "define", "read", "write")
        for _file, spec in sorted(pack.registers, key=lambda found: found[1].version):
            registers.install(chief, spec=spec, owner=p.agency_one)
        current = {item.spec.code: item.spec for item in pack.procedures if item.spec.effective_to is None}
        self.versions: dict[str, ProcedureVersion] = {}
        for code in CODES:
            spec = current[code].model_dump(mode="json", by_alias=True)
            kept = ("name", "form", "effects", "checks", "results", "papers", "ways")
            settled = {"agency": {"level": "commune", "key": "VHXH"}, "applicants": ["citizen"]}
            self.versions[code] = p.publish(code, **{name: spec[name] for name in kept}, **settled)
        self.other = make_citizen("Trần Đức Long")

    def founding(self, name: str, party: Party | None = None) -> dict[str, Any]:
        person = party or self.province.party
        return {
            "filer_name": person.name, "filer_pid": person.identifier, "filer_dob": "1987-03-08", "filer_sex": "Nữ",
            "filer_phone": "0905341872", "filer_address": "45 Lê Lợi, phường Đông Hà", "founder": "person",
            "business_name": name, "business_address": "45 Lê Lợi, phường Đông Hà", "business_phone": "0905341872",
            "main_line": "Bán lẻ tổng hợp", "main_code": "4711", "capital": 80000000, "workers": 2,
            "start_date": "2027-04-01", "tax_method": "declaration", "invoice_email": "yes", "not_member": True,
            "promise": True,
        }  # fmt: skip

    def file(self, code: str, data: dict[str, Any], party: Party | None = None) -> Dossier:
        return self.province.file(version=self.versions[code], data=data, papers=(), party=party)

    def at_the_leaders_desk(self, code: str, data: dict[str, Any], party: Party | None = None) -> Dossier:
        p, dossier = self.province, self.file(code, data, party)
        actions.receive(p.clerk, dossier=dossier)
        actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
        actions.submit_for_signature(p.head, dossier=dossier)
        return Dossier.objects.get(pk=dossier.pk)

    def granted(self, code: str, data: dict[str, Any], party: Party | None = None) -> Dossier:
        dossier = self.at_the_leaders_desk(code, data, party)
        actions.sign(self.province.leader, dossier=dossier)
        return dossier

    @property
    def about(self) -> dict[str, Any]:
        return {"household_code": self.province.party.identifier, "promise": True}

    def on(self, day: date) -> dict[str, Any] | None:
        """What the register says of the citizen's business at noon of a day."""
        noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
        register = Register.objects.get(code="business.household")
        found = queries.as_of(register, valid=noon).filter(key=self.province.party.identifier).first()
        return found.data if found else None


@pytest.fixture
def town(db: None) -> Town:
    return ready(Town)


def test_the_register_equals_the_fold_of_what_was_granted(town: Town, at: Clock) -> None:
    at(march(1, 9))
    town.granted("1.001612", town.founding("Tạp hóa Thu Hà"))
    named = [(each.name, each.kind) for each in heads.household_businesses(town.province.party)]
    assert named == [("Tạp hóa Thu Hà", "household")], "its head may be written down as who represents it"
    assert not list(heads.household_businesses(town.other))
    at(march(2, 9))
    pause = {**town.about, "what": "suspend", "suspend_from": "2027-03-15", "suspend_to": "2027-05-14"}
    town.granted("1.001570", {**pause, "reason": "Sửa cửa hàng"})
    at(march(16, 9))
    change = {**town.about, "contact_phone": "0905341872", "changed_on": "2027-03-15"}
    renamed = town.granted("2.000720", {**change, "change_name": True, "new_name": "Thu Hà Mới"})
    at(march(17, 9))
    town.granted("1.001570", {**town.about, "what": "resume", "resume_on": "2027-03-29"})
    at(march(30, 9))
    end = {"why": "own", "reason": "Không tiếp tục kinh doanh", "debts": "none"}
    closed = town.at_the_leaders_desk("1.001266", {**town.about, **end})
    result = publishing.produce(actions.sign(town.province.leader, dossier=closed))
    assert not list(heads.household_businesses(town.province.party)), "nobody acts for what is no more"
    told = [
        Filing(Kind.REGISTER, date(2027, 3, 1), {"name": "Tạp hóa Thu Hà"}),
        Filing(Kind.PAUSE, date(2027, 3, 2), since=date(2027, 3, 15), through=date(2027, 5, 14)),
        Filing(Kind.CHANGE, date(2027, 3, 16), {"name": "Thu Hà Mới"}),
        Filing(Kind.RESUME, date(2027, 3, 17), since=date(2027, 3, 29)),
        Filing(Kind.DISSOLVE, date(2027, 3, 30)),
    ]

    turns = {day for one in told for day in (one.on, one.since, one.through) if day} | {date(2027, 5, 15)}

    def agrees(filings_: list[Filing]) -> None:
        for day in sorted({turn + timedelta(days=step) for turn in turns for step in (-1, 0)}):
            wanted, there = filings.fold(filings_, day), town.on(day)
            assert (there is None) == (wanted is None), day
            assert not wanted or {name: (there or {}).get(name) for name in wanted} == wanted, day

    agrees(told)
    assert effects.said_by(renamed)["business_household"]["name"] == "Thu Hà Mới"
    actions.revoke_result(town.province.leader, result=result, reason="Ký nhầm", legal_basis="Quyết định 1")
    agrees(told[:-1])  # each stretch that the dissolution wrote is taken back


def test_a_name_is_taken_within_the_commune_until_its_business_is_dissolved(town: Town, at: Clock) -> None:
    at(march(1, 9))
    waiting = town.at_the_leaders_desk("1.001612", town.founding("Tạp hóa Thu Hà", town.other), town.other)
    town.granted("1.001612", town.founding("Tạp hóa Thu Hà"))
    with pytest.raises(InvalidInput, match="trùng với hộ kinh doanh"):
        actions.sign(town.province.leader, dossier=waiting)  # free when it was reviewed, not any more
    with pytest.raises(InvalidInput) as refused:
        town.file("1.001612", town.founding("TẠP HÓA thu hà", town.other), town.other)
    assert refused.value.field == "business_name"
    near = town.file("1.001612", town.founding("Tạp hóa Thu Hạ", town.other), town.other)
    assert [finding.refuses for finding in sectoral.findings_of(near)] == [False]
    with pytest.raises(InvalidInput, match="khoản 1 Điều 83"):
        town.file("1.001612", town.founding("Tên khác"))
    end = {"why": "own", "reason": "Không tiếp tục kinh doanh", "debts": "none"}
    town.granted("1.001266", {**town.about, **end})
    assert not Version.objects.filter(key=town.other.identifier).exists()
    actions.sign(town.province.leader, dossier=Dossier.objects.get(pk=waiting.pk))
    assert Version.objects.get(key=town.other.identifier).data["name"] == "Tạp hóa Thu Hà"


def test_who_signs_holds_the_name_and_the_owner_until_it_is_written(town: Town, at: Clock) -> None:
    at(march(1, 9))
    dossier = town.file("1.001612", town.founding("Tạp hóa Thu Hà"))
    matter = Matter(dossier.data, dossier.competent, town.province.party.identifier, date(2027, 3, 1))
    held = []
    for signing in (False, True):
        assert not list(checks.founding(replace(matter, signing=signing)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            held.append(cursor.fetchone()[0])
    assert held[1] - held[0] == 2


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("1.001570", {"what": "suspend", "suspend_from": "2027-03-04", "suspend_to": "2027-05-01"}, "suspend_from"),
    ("1.001570", {"what": "suspend", "suspend_from": "2027-03-15", "suspend_to": "2027-03-20"}, "suspend_to"),
    ("1.001570", {"what": "resume", "resume_on": "2027-03-20"}, "resume_on"),
    ("2.000575", {"household_code": "045999999999", "contact_phone": "0905341872", "why": "lost"}, "household_code"),
]


def test_what_the_law_refuses_is_refused_at_filing(town: Town, at: Clock) -> None:
    at(march(1, 9))
    town.granted("1.001612", town.founding("Tạp hóa Thu Hà"))
    named = [(each.name, each.kind) for each in heads.household_businesses(town.province.party)]
    assert named == [("Tạp hóa Thu Hà", "household")], "its head may be written down as who represents it"
    assert not list(heads.household_businesses(town.other))
    at(march(2, 9))
    for code, data, field in WRONG:
        reason = {"reason": "Sửa cửa hàng"} if data.get("what") == "suspend" else {}
        with pytest.raises(InvalidInput) as refused:
            town.file(code, {**town.about, **data, **reason})
        assert refused.value.field == field
    with pytest.raises(InvalidInput, match="không phải của chủ hồ sơ"):
        town.file("2.000575", {**town.about, "contact_phone": "0905341872", "why": "lost"}, town.other)
