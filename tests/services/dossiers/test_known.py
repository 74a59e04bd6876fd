"""A person never types what a register holds: filled in, kept with its origin, under a right or an agreement, contested."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import agreements
from hienluong.capabilities.registers.models import Agreement
from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.services.corrections.models import Correction
from hienluong.services.dossiers import actions, prefilling
from hienluong.services.dossiers.models import Dossier, Draft
from hienluong.services.dossiers.presentation import data_rows
from tests.capabilities.registers.sample import official
from tests.snapshots import ready

from .askonce import CODE, Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Town:
    return ready(Town)


def file(town: Town, draft: Draft, **answers: Any) -> Dossier:
    p = town.province
    actions.save_draft(p.citizen, draft=draft, data={"reason": "Sửa giếng", **answers})
    papers = tuple(
        actions.PaperIn(code=code, name=code, file_id=p.picture(f"{code}.png").pk, copies=1) for code in ("GP", "XN")
    )
    filing = p.online(version=draft.procedure_version, data=dict(draft.data), papers=papers)
    return actions.file_online(p.citizen, draft=draft, filing=filing)


def test_what_a_register_holds_is_filled_in_and_keeps_its_origin(town: Town) -> None:
    well = town.well(fee=500_000)
    draft = town.draft()
    assert {name: draft.data[name] for name in ("well_code", "well_name", "fee")} == {
        "well_code": "G001",
        "well_name": "Giếng chợ Đông Hà",
        "fee": 500_000,
    }
    look = PersonalDataRead.objects.latest("pk")
    assert (look.party_id, look.fields, look.organization_id) == (
        town.person.pk,
        ["code", "fee", "name"],
        town.province.commune.pk,
    )
    assert look.purpose == "Điền sẵn đơn: Xác nhận tình trạng nhà ở"
    assert prefilling.locked(draft) == {"well_name": "Giếng chợ Đông Hà"}
    dossier = file(town, draft, well_name="Tên tôi thích", fee=1)
    assert (dossier.data["well_name"], dossier.data["fee"]) == ("Giếng chợ Đông Hà", 1)
    origin = dossier.origins["well_name"]
    assert (origin["register"], origin["record"], origin["key"]) == ("thu.gieng", well.pk, "G001")
    rows = {row.name: row for row in data_rows(dossier)}
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert rows["well_name"].origin == f"Lấy từ Giếng khoan (G001), cập nhật {today}."
    assert (rows["well_name"].warning, rows["reason"].origin) == ("", "")
    assert rows["fee"].warning == "Người nộp đã sửa khác với cơ sở dữ liệu."
    registers.change(official(town.province.commune, "write", "read"), record=well, data={"name": "Tên mới"})
    rows = {row.name: row for row in data_rows(dossier)}
    assert rows["well_name"].warning == "Cơ sở dữ liệu đã thay đổi từ khi lấy."


def test_of_several_records_the_person_chooses_and_only_of_their_own(town: Town) -> None:
    p = town.province
    first, second = town.well(), town.well("G002", name="Giếng vườn")
    others = town.well("G003", owner_number=p.filing(party=None).subject.identifier[:-3] + "999")
    draft = town.draft()
    assert ("well_name" not in draft.data, draft.origins) == (True, {})
    (question,) = prefilling.questions(draft)
    assert [record for record, _called in question.options] == [first.pk, second.pk]
    with pytest.raises(InvalidInput):
        actions.choose_record(p.citizen, draft=draft, register="thu.gieng", record=others.pk)
    with pytest.raises(NotAllowed):
        actions.choose_record(p.stranger, draft=draft, register="thu.gieng", record=first.pk)
    actions.choose_record(p.citizen, draft=draft, register="thu.gieng", record=second.pk)
    assert (draft.data["well_name"], prefilling.questions(draft)) == ("Giếng vườn", [])
    actions.choose_record(p.citizen, draft=draft, register="thu.gieng", record=first.pk)
    assert (draft.data["well_name"], draft.data["well_code"]) == ("Giếng chợ Đông Hà", "G001")
    actions.choose_record(p.citizen, draft=draft, register="thu.gieng", record=0)
    assert ("well_name" in draft.data, draft.origins) == (False, {})


def test_a_field_names_the_record_by_its_key(town: Town) -> None:
    town.well()
    town.well("G002", name="Giếng vườn")
    form = town.version.spec_json["form"]
    props = {**form["schema"]["properties"], "well_code": {"type": "string", "title": "Số giấy phép"}}
    for name in ("well_name", "fee"):
        props[name] = {**props[name], "x-prefill-key": "well_code"}
    version = town.province.publish("8.000961", form={**form, "schema": {**form["schema"], "properties": props}})
    draft = town.draft(version)
    assert (draft.origins, prefilling.questions(draft)) == ({}, [])
    for typed, name in (("G002", "Giếng vườn"), ("G001", "Giếng chợ Đông Hà"), ("G999", None)):
        actions.save_draft(town.province.citizen, draft=draft, data={"well_code": typed})
        assert draft.data.get("well_name") == name


def test_another_agency_reads_only_under_an_agreement_for_this_procedure(town: Town) -> None:
    town.well()
    version, other = town.elsewhere(), town.province.agency_two
    code = version.spec.code

    def filled() -> tuple[bool, str]:
        """Whether the form was filled, and who said no to it, and why."""
        last = Entry.objects.latest("seq").seq
        draft = town.draft(version)
        said = Entry.objects.filter(
            seq__gt=last, verb__in=("dossiers.register_refused", "registers.agreement.turn_away")
        )
        return "well_name" in draft.data, " ".join(f"{one.verb.rpartition('.')[2]}: {one.note}" for one in said)

    none = "register_refused: Sở Hai không có thỏa thuận chia sẻ còn hiệu lực cho thủ tục này."
    assert filled() == (False, none)
    town.agreement(other, CODE)  # for another purpose
    assert filled() == (False, none)
    agreement = town.agreement(other, CODE, code)
    assert filled() == (True, "")
    look = PersonalDataRead.objects.latest("pk")
    assert (look.agreement, look.fields, look.purpose) == (
        agreement.code,
        ["fee", "name"],
        "Giải quyết thủ tục về giếng",
    )
    assert Draft.objects.latest("updated_at").origins["well_name"]["agreement"] == agreement.code
    chief = official(town.owner, "share")
    for close, words in (
        (lambda: agreements.suspend(chief, agreement=agreement, reason="Kiểm tra"), "đang tạm dừng"),
        (lambda: agreements.end(chief, agreement=agreement, reason="Hết mục đích"), "đã chấm dứt"),
    ):
        close()
        done, said = filled()
        assert (done, words in said, none in said) == (False, True, True), said
    expired = town.agreement(other, code, days=0)
    before = timezone.localdate() - timedelta(days=3)
    Agreement.objects.filter(pk=expired.pk).update(valid=type(expired.valid)(date(2026, 1, 1), before))
    done, said = filled()
    assert (done, "đã hết hạn" in said) == (False, True)


def test_only_the_person_concerned_contests_and_the_dossier_goes_on_marked(town: Town) -> None:
    p, well = town.province, town.well()
    draft = town.draft()
    with pytest.raises(NotAllowed):
        actions.contest(p.stranger, draft=draft, field="well_name", wrong="Sai", right="Của tôi")
    refused = Entry.objects.filter(verb="corrections.turn_away").get()
    assert (refused.target_id, refused.after, refused.actor_id) == (
        str(well.pk),
        {"field": "well_name"},
        p.stranger.account_id,
    )
    request = actions.contest(p.citizen, draft=draft, field="well_name", wrong="Sai tên", right="Giếng Lành")
    assert (request.organization, request.said, request.right, request.about) == (
        p.commune,
        "Giếng chợ Đông Hà",
        "Giếng Lành",
        "Xác nhận tình trạng nhà ở",
    )
    assert (draft.data["well_name"], prefilling.locked(draft)) == ("Giếng Lành", {})
    dossier = file(town, draft)
    row = next(row for row in data_rows(dossier) if row.name == "well_name")
    assert (row.value, request.code in row.warning) == ("Giếng Lành", True)
    assert Correction.objects.count() == 1
