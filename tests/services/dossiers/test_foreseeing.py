"""What a register would refuse at the signature is told when somebody files."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.foundation.actions import InvalidInput
from hienluong.services.dossiers import actions, foreseeing
from hienluong.services.dossiers.models import Dossier, Draft
from hienluong.services.procedures.models import ProcedureVersion
from tests.capabilities.registers.sample import official, wells
from tests.services.dossiers.province import Province
from tests.services.records.sample import browser_of
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

ASKED: dict[str, Any] = {
    "code": "don",
    "title": "Đơn",
    "schema": {
        "type": "object",
        "required": ["reason"],
        "properties": {
            "reason": {"type": "string", "title": "Tên giếng", "maxLength": 200},
            "how_deep": {"x-kind": "number", "title": "Sâu bao nhiêu mét?"},
            "paid": {"x-kind": "money", "title": "Đã trả bao nhiêu?"},
            "who": {"x-kind": "personal-id", "title": "Số định danh"},
        },
    },
    "pages": [{"id": "gieng", "title": "Giếng", "fields": ["reason", "how_deep", "paid", "who"]}],
}
WRITTEN: dict[str, Any] = {
    "register": "thu.gieng",
    "set": {
        "code": "'G123'",
        "name": "reason",
        "agency": "competent",
        "depth": "how_deep",
        "fee": "paid",
        "owner_number": "who",
    },
}


class Place:
    """The small province, the register of wells, and a procedure whose form asks less than the register does."""

    def __init__(self) -> None:
        self.province = p = Province()
        spec = wells(owner=p.agency_one.code)
        chief = official(p.agency_one, "define", "read", "write")
        self.register = registers.install(chief, spec=spec, owner=p.agency_one).register

    def version(self, **changes: Any) -> ProcedureVersion:
        model = {"model": "single_agency", "params": {}}
        return self.province.publish("8.000950", process=model, form=ASKED, effects=[{**WRITTEN, **changes}])


@pytest.fixture
def place(db: None) -> Place:
    return ready(Place)


def refusal(place: Place, version: ProcedureVersion, **answers: Any) -> tuple[str | None, str]:
    with pytest.raises(InvalidInput) as told:
        place.province.file(version=version, data={"reason": "Giếng mới", **answers})
    assert not Dossier.objects.filter(procedure_version=version).exists()
    return told.value.field, str(told.value.message)


def test_a_value_that_only_the_register_refuses_is_told_at_its_question(place: Place) -> None:
    field, message = refusal(place, place.version(), how_deep=900)
    assert field == "how_deep"
    assert "500" in message


def test_a_rule_of_the_register_is_told_in_its_words(place: Place) -> None:
    version = place.version()
    assert refusal(place, version, paid=1000) == ("who", "Có tiền thì phải có chủ.")
    assert place.province.file(version=version, data={"reason": "Giếng mới", "how_deep": 120}).pk


def test_what_is_not_written_is_not_judged(place: Place) -> None:
    version = place.version(when="how_deep < 500.0")
    assert place.province.file(version=version, data={"reason": "Giếng mới", "how_deep": 900}).pk


def test_what_only_officers_know_is_left_to_them(place: Place) -> None:
    written = {**WRITTEN["set"], "fee": "number == '' ? paid : paid", "owner_number": "party_number"}
    version = place.version(set=written)
    assert foreseeing.refused(version, {"reason": "Giếng mới", "paid": 1000}) == {}
    assert foreseeing.refused(version, {"reason": "Giếng mới", "how_deep": 900}).keys() == {"how_deep"}


def test_a_rule_that_reads_the_day_waits_for_the_day(place: Place) -> None:
    chief = official(place.province.agency_one, "define", "read", "write")
    rules = [
        {"when": "depth == null || string(today) < '2000-01-01'", "field": "depth", "message": "Chưa tới ngày."},
        {"when": "depth == null || depth != 13.0", "field": "depth", "message": "Không phải 13 mét."},
    ]
    spec = wells(owner=place.province.agency_one.code, version=2, effective_from=timezone.localdate(), rules=rules)
    registers.install(chief, spec=spec, owner=place.province.agency_one)
    version = place.version()
    assert foreseeing.refused(version, {"reason": "Giếng mới", "how_deep": 12}) == {}
    assert foreseeing.refused(version, {"reason": "Giếng mới", "how_deep": 13}) == {"how_deep": ["Không phải 13 mét."]}


def test_a_correction_is_held_against_the_register_too(place: Place) -> None:
    version = place.version()
    dossier = place.province.file(version=version, data={"reason": "Giếng mới", "how_deep": 120})
    with pytest.raises(InvalidInput, match="500"):
        actions.correct_answers(
            place.province.clerk, dossier=dossier, data={"how_deep": 900}, confirmed=True, how="Gọi điện."
        )


def test_who_files_online_reads_it_before_paying(place: Place) -> None:
    p = place.province
    draft = Draft(account=p.account, procedure_version=place.version(), subject=p.party)
    actions.save_draft(p.citizen, draft=draft, data={"reason": "Giếng mới", "paid": 1000}, organization=p.commune)
    browser, address = browser_of(p.citizen), f"/nop/{draft.pk}/kiem-tra"
    assert "Có tiền thì phải có chủ." in browser.get(address).content.decode()
    assert browser.post(address, {"cam-ket": "1"}).status_code == 422
    assert not Dossier.objects.exists()
