"""Filing: for whom, under which version, with which answers and papers; drafts that lose nothing."""

from __future__ import annotations

import threading
import uuid
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.people.actions import find_or_register, name_represented
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions, requirements
from hienluong.services.dossiers.checklist import lines_of
from hienluong.services.dossiers.models import CounterDraft, Dossier, Draft
from hienluong.services.procedures.models import ProcedureVersion, Suspension
from tests.factories import make_citizen, make_enterprise
from tests.services.dossiers.province import SPEC, Province

pytestmark = pytest.mark.django_db


def for_enterprises(p: Province, *kinds: str) -> None:
    p.versions["single_agency"] = p.publish("8.000912", applicants=list(kinds) or ["enterprise"])


def new_version(p: Province, **how: Any) -> ProcedureVersion:
    """Yesterday the version before ended; since today another one holds."""
    today = timezone.localdate()
    old = p.versions["single_agency"]
    ProcedureVersion.objects.filter(pk=old.pk).update(valid=DateRange(old.valid.lower, today))
    return ProcedureVersion.objects.create(
        procedure=old.procedure,
        number=2,
        state="published",
        valid=DateRange(today, None),
        spec_json={**old.spec_json, "effective_from": today.isoformat(), **how},
        digest="",
    )


# For whom


def test_a_procedure_for_enterprises_takes_no_person_at_any_door(province: Province) -> None:
    for_enterprises(province)
    for file in (
        lambda: province.file(),
        lambda: actions.file_online(province.citizen, draft=province.draft(), filing=province.online()),
    ):
        with pytest.raises(InvalidInput, match="doanh nghiệp") as refused:
            file()
        assert refused.value.code == "dossiers.wrong_applicant"
    assert not Dossier.objects.exists()


def test_an_enterprise_is_filed_for_by_who_is_known_to_represent_it(province: Province) -> None:
    for_enterprises(province)
    company = make_enterprise("Công ty TNHH Sông Hiếu", representative=province.party)
    director = actor_of(province.account)
    draft = actions.start_draft(director, version=province.versions["single_agency"], subject=company)
    assert draft.relation == "Giám đốc"
    filing = province.online(subject=company, relation=draft.relation)
    dossier = actions.file_online(director, draft=draft, filing=filing)
    assert (dossier.subject, dossier.filer, dossier.representative) == (company, province.party, province.party)
    assert (dossier.subject_name, dossier.relation) == (company.name, "Giám đốc")


def test_nobody_files_for_an_enterprise_they_do_not_represent(province: Province) -> None:
    for_enterprises(province)
    company = make_enterprise()
    with pytest.raises(NotAllowed):
        actions.start_draft(province.citizen, version=province.versions["single_agency"], subject=company)
    with pytest.raises(NotAllowed, match="người đại diện"):
        actions.file_online(
            province.citizen, draft=province.draft(), filing=province.online(subject=company, relation="Giám đốc")
        )


def test_filing_for_another_person_needs_the_relation_and_a_paper_of_authority(province: Province) -> None:
    draft = province.draft()
    actions.name_subject(province.citizen, draft=draft, name="Trần Văn Con", identifier="045212004321", relation="mẹ")
    child = Party.objects.get(pk=draft.subject_id)
    plain = province.online(subject=child, relation="mẹ")
    with pytest.raises(InvalidInput) as refused:
        actions.file_online(province.citizen, draft=draft, filing=plain)
    assert refused.value.field == requirements.AUTHORITY
    shown = actions.PaperIn(code=requirements.AUTHORITY, name="Giấy khai sinh", file_id=province.picture().pk)
    whole = replace(plain, papers=(*plain.papers, shown))
    with pytest.raises(InvalidInput, match="bạn là gì"):
        actions.file_online(province.citizen, draft=draft, filing=replace(whole, relation=" "))
    dossier = actions.file_online(province.citizen, draft=draft, filing=whole)
    assert (dossier.subject, dossier.filer, dossier.representative) == (child, province.party, province.party)
    assert dossier.relation == "mẹ"


def test_naming_somebody_tells_nothing_about_them(province: Province) -> None:
    known = make_citizen("Lê Thị Kín", identifier="045190007777")
    Party.objects.filter(pk=known.pk).update(address="Thôn Kín", phone="0977777777")
    draft = province.draft()
    with pytest.raises(InvalidInput, match="không khớp") as refused:
        name_represented(province.citizen, name="Trần Văn Đoán", identifier="045190007777")
    assert "Kín" not in str(refused.value.message)
    named = actions.name_subject(
        province.citizen, draft=draft, name="Le Thi Kin", identifier="045 190 007 777", relation="con"
    )
    assert named.subject_id == known.pk
    assert "Thôn Kín" not in str(named.data)


def test_what_was_known_of_the_one_before_goes_and_what_was_typed_stays(province: Province) -> None:
    form = deepcopy(SPEC["form"])
    form["schema"]["properties"]["who"] = {"type": "string", "title": "Tên", "x-prefill": "party.name"}
    form["pages"][0]["fields"].append("who")
    version = province.publish("8.000913", form=form, applicants=["citizen", "enterprise"])
    company = make_enterprise("Công ty Một", representative=province.party)
    director = actor_of(province.account)
    draft = actions.start_draft(director, version=version, subject=province.party)
    actions.save_draft(director, draft=draft, data={"reason": "Lý do của tôi"})
    assert draft.data["who"] == province.party.name
    actions.choose_subject(director, draft=draft, subject=company)
    assert draft.data == {"who": "Công ty Một", "reason": "Lý do của tôi"}


def test_at_the_counter_the_filer_is_a_person_and_says_what_they_are_to_the_subject(province: Province) -> None:
    for_enterprises(province, "enterprise", "citizen")
    company = make_enterprise()
    with pytest.raises(InvalidInput) as refused:
        province.file(subject=company, filer=company)
    assert refused.value.field == "filer"
    with pytest.raises(InvalidInput) as refused:
        province.file(subject=company, filer=province.party)
    assert refused.value.field == "relation"
    dossier = province.file(subject=company, filer=province.party, relation="Người được ủy quyền")
    assert (dossier.subject, dossier.filer, dossier.representative) == (company, province.party, province.party)


def test_numbers_are_checked_where_a_party_is_registered(province: Province) -> None:
    for kind, number in (("citizen", "12345"), ("enterprise", "3200123456"), ("household", "99")):
        with pytest.raises(InvalidInput) as refused:
            find_or_register(province.clerk, name="A", identifier=number, kind=kind)
        assert refused.value.field == "identifier"
    assert find_or_register(province.clerk, name="Cty", identifier="0100 233 488", kind="enterprise").identifier == (
        "0100233488"
    )


# Under which version


def test_an_old_draft_is_not_filed_under_a_version_that_ended(province: Province) -> None:
    draft, filing = province.draft(), province.online()
    current = new_version(province)
    with pytest.raises(requirements.VersionOutdated):
        actions.file_online(province.citizen, draft=draft, filing=filing)
    actions.carry_draft_over(province.citizen, draft=draft)
    assert draft.procedure_version == current
    assert draft.data == {"reason": "Bổ túc hồ sơ"}
    dossier = actions.file_online(province.citizen, draft=draft, filing=province.online(version=current))
    assert dossier.procedure_version == current


@pytest.mark.parametrize("door", ["online", "counter"])
def test_nothing_is_filed_while_the_procedure_is_suspended(province: Province, door: str) -> None:
    draft, filing = province.draft(), province.online()
    procedure = province.versions["single_agency"].procedure
    Suspension.objects.create(procedure=procedure, reason="Chờ luật", valid=DateRange(timezone.localdate(), None))
    with pytest.raises(requirements.ProcedureClosed):
        actions.file_online(province.citizen, draft=draft, filing=filing) if door == "online" else province.file()
    with pytest.raises(requirements.ProcedureClosed):
        actions.carry_draft_over(province.citizen, draft=draft)


def test_a_version_that_begins_tomorrow_takes_nothing_today(province: Province) -> None:
    version = province.versions["single_agency"]
    begins = timezone.localdate() + timedelta(days=1)
    ProcedureVersion.objects.filter(pk=version.pk).update(valid=DateRange(begins, None))
    with pytest.raises(requirements.ProcedureClosed):
        province.file()


# With which answers and papers


@pytest.mark.parametrize("data", [{}, {"reason": ""}, {"reason": "x" * 201}, {"other": "y"}])
def test_answers_that_are_wrong_are_refused_at_every_door(province: Province, data: dict[str, str]) -> None:
    for file in (
        lambda: province.file(data=data),
        lambda: actions.file_online(province.citizen, draft=province.draft(), filing=province.online(data=data)),
    ):
        with pytest.raises(InvalidInput) as refused:
            file()
        assert (refused.value.code, refused.value.field) == ("dossiers.form_faults", "reason")
    assert not Dossier.objects.exists()


def test_what_the_form_does_not_ask_is_not_kept(province: Province) -> None:
    assert province.file(data={"reason": "  Vay vốn ", "role": "admin"}).data == {"reason": "Vay vốn"}


def test_online_a_required_paper_must_be_there_as_a_file(province: Province) -> None:
    ticked = actions.PaperIn(code="CC", name="Bản sao căn cước", copies=1)
    for papers in ((), (ticked,)):
        with pytest.raises(InvalidInput, match="Bản sao căn cước") as refused:
            actions.file_online(province.citizen, draft=province.draft(), filing=province.online(papers=papers))
        assert refused.value.code == "dossiers.missing_papers"


def test_online_another_persons_file_is_no_paper(province: Province) -> None:
    file = province.picture()
    type(file).objects.filter(pk=file.pk).update(owner_id=province.clerk.account_id)
    stolen = actions.PaperIn(code="CC", name="Bản sao căn cước", file_id=file.pk, copies=1)
    with pytest.raises(NotAllowed):
        actions.file_online(province.citizen, draft=province.draft(), filing=province.online(papers=(stolen,)))


def test_at_the_counter_papers_are_taken_as_presented_and_what_lacks_is_known(province: Province) -> None:
    assert [line.code for line in lines_of(province.file(papers=())) if line.lacking] == ["CC"]
    assert not [line for line in lines_of(province.file()) if line.lacking]


def test_a_paper_the_procedure_does_not_know_is_refused(province: Province) -> None:
    with pytest.raises(InvalidInput) as refused:
        province.file(papers=(actions.PaperIn(code="LA", name="Giấy lạ"),))
    assert refused.value.code == "dossiers.unknown_paper"


# Drafts


def test_a_late_page_changes_its_own_answers_only(province: Province) -> None:
    draft = province.draft()
    stale = Draft.objects.get(pk=draft.pk)
    actions.save_draft(province.citizen, draft=draft, data={"second": "của thẻ kia"}, delivery="post")
    actions.save_draft(province.citizen, draft=stale, data={"reason": "của thẻ này"})
    kept = Draft.objects.get(pk=draft.pk)
    assert (kept.data, kept.delivery) == ({"reason": "của thẻ này", "second": "của thẻ kia"}, "post")


def test_a_late_save_does_not_open_a_filed_draft_again(province: Province) -> None:
    draft = province.draft()
    stale = Draft.objects.get(pk=draft.pk)
    dossier = actions.file_online(province.citizen, draft=draft, filing=province.online())
    with pytest.raises(DomainError, match="đã được nộp"):
        actions.save_draft(province.citizen, draft=stale, data={"reason": "muộn"})
    assert Draft.objects.get(pk=draft.pk).filed_as == dossier


def test_beginning_twice_goes_on_with_one_draft(province: Province) -> None:
    version = province.versions["single_agency"]
    first = actions.start_draft(province.citizen, version=version, subject=province.party)
    again = actions.start_draft(province.citizen, version=version, subject=province.party)
    assert first.pk == again.pk


def test_a_clerks_sheet_is_kept_filed_once_and_then_emptied(province: Province) -> None:
    key, procedure = uuid.uuid4(), province.versions["single_agency"].procedure
    actions.keep_counter_draft(
        province.clerk, draft_id=key, procedure=procedure, typed={"p-name": ["Lành"]}, label="Lành"
    )
    with pytest.raises(NotFound):
        actions.keep_counter_draft(province.other_clerk, draft_id=key, procedure=procedure, typed={})
    first = actions.file_at_counter(province.clerk, filing=province.filing(), draft_id=key)
    again = actions.file_at_counter(province.clerk, filing=province.filing(), draft_id=key)
    sheet = CounterDraft.objects.get()
    assert (first.pk, Dossier.objects.count()) == (again.pk, 1)
    assert (sheet.filed_as, sheet.typed, sheet.label) == (first, {}, "")


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_file_once() -> None:
    p = Province()
    draft, filing = p.draft(), p.online()
    gate, codes = threading.Barrier(2), []

    def press() -> None:
        try:
            gate.wait(10)
            codes.append(actions.file_online(p.citizen, draft=draft, filing=filing).code)
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for press_ in presses:
        press_.start()
    for press_ in presses:
        press_.join(60)
    assert len(codes) == 2
    assert codes[0] == codes[1]
    assert Dossier.objects.count() == 1
