"""Who may: the procedure's own table, told before sending, refused by the actions, as it was on the day of filing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.capabilities.decisions import DecisionSpec
from hienluong.foundation.actions import InvalidInput, system
from hienluong.services.dossiers import actions, eligibility, sectoral
from hienluong.services.dossiers.models import Dossier, Draft
from hienluong.services.procedures import packs
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.spec import ProcedureSpec
from tests.services.dossiers.province import SPEC, Province
from tests.services.procedures.samples import spec, write_pack

pytestmark = pytest.mark.django_db

TABLE = DecisionSpec.model_validate(
    {
        "title": "Điều kiện hưởng trợ cấp",
        "hit": "first",
        "inputs": {"born": {"type": "date"}, "income": {"type": "integer", "minimum": 0}},
        "rows": [
            {
                "when": "age(born) < 60",
                "then": {"eligible": False, "reason": "Chưa đủ 60 tuổi.", "field": "born"},
                "legal_basis": "Điều 5 Nghị định thử",
            },
            {"when": {"income": "> 1500000"}, "then": {"eligible": False, "reason": "Thu nhập quá mức chuẩn."}},
            {"when": {"income": "== 1500000"}, "then": {"reason": "Thu nhập vừa bằng mức chuẩn."}},
        ],
        "default": {"eligible": True, "reason": "Đủ tuổi và dưới mức chuẩn."},
        "legal_basis": ["Nghị định thử"],
    }
)
FORM = {
    "code": "don",
    "title": "Đơn",
    "schema": {
        "type": "object",
        "required": ["born", "income"],
        "properties": {
            "born": {"x-kind": "date", "title": "Ngày sinh"},
            "income": {"x-kind": "money", "title": "Thu nhập"},
        },
    },
    "pages": [
        {"id": "ngay-sinh", "title": "Ngày sinh", "fields": ["born"]},
        {"id": "thu-nhap", "title": "Thu nhập", "fields": ["income"]},
    ],
}
OLD = {"born": "1950-01-01", "income": 1_000_000}
YOUNG = {**OLD, "born": "2000-01-01"}


def put(province: Province, table: DecisionSpec = TABLE) -> ProcedureVersion:
    named = {"table": table.table("who_may"), "title": table.title, "legal_basis": table.legal_basis}
    province.versions["single_agency"] = province.publish("8.000960", form=FORM, eligibility=named)
    return province.versions["single_agency"]


def test_every_way_to_file_refuses_by_the_table_and_says_why(province: Province) -> None:
    put(province)
    draft = Draft(
        account=province.account, procedure_version=province.versions["single_agency"], subject=province.party
    )
    draft = actions.save_draft(province.citizen, draft=draft, data=YOUNG)
    portal = province.filing(data=YOUNG, national_code="QG-1", channel="online", received_at_org=None)
    for file in (
        lambda: province.file(data=YOUNG),
        lambda: actions.file_online(province.citizen, draft=draft, filing=province.online(data=YOUNG)),
        lambda: actions.take_from_national_portal(system("đồng bộ"), filing=portal),
    ):
        with pytest.raises(InvalidInput, match="Chưa đủ 60 tuổi") as refused:
            file()
        assert (refused.value.code, refused.value.field) == ("dossiers.form_faults", "born")
        assert "Điều 5 Nghị định thử" in str(refused.value.message)
    assert not Dossier.objects.exists()
    taken = province.file(data=OLD)
    found = eligibility.of(taken)
    assert found is not None
    assert (found.eligible, found.basis) == (True, "Nghị định thử")
    assert sectoral.findings_of(taken) == []


def test_what_the_table_does_not_decide_is_for_the_official(province: Province) -> None:
    put(province)
    taken = province.file(data={**OLD, "income": 1_500_000})
    (finding,) = sectoral.findings_of(taken)
    assert (finding.refuses, "vừa bằng mức chuẩn" in finding.message) == (False, True)
    sectoral.require_of(taken)


def test_the_table_in_force_at_filing_decides_also_when_answers_are_corrected(province: Province) -> None:
    version = put(province)
    taken = province.file(data=OLD)
    today = timezone.localdate()
    stricter = TABLE.model_copy(update={"default": {"eligible": False, "reason": "Đã ngừng trợ cấp."}})
    named = {"table": stricter.table("who_may"), "title": "", "legal_basis": []}
    ProcedureVersion.objects.filter(pk=version.pk).update(valid=DateRange(version.valid.lower, today))
    newer = ProcedureVersion.objects.create(
        procedure=version.procedure,
        number=2,
        state="published",
        valid=DateRange(today, None),
        spec_json={**version.spec_json, "effective_from": today.isoformat(), "eligibility": named},
        digest="",
    )
    with pytest.raises(InvalidInput, match="ngừng trợ cấp"):
        actions.file_at_counter(province.clerk, filing=replace(province.filing(data=OLD), version=newer))
    sectoral.require_of(taken)
    taken.data = YOUNG
    with pytest.raises(InvalidInput, match="Chưa đủ 60 tuổi"):
        sectoral.require_of(taken, signing=True)
    assert [one.refuses for one in sectoral.findings_of(taken)] == [True]


def test_ages_are_counted_on_the_day_of_filing() -> None:
    named = {"table": TABLE.table("who_may")}
    whole = ProcedureSpec.model_validate({**SPEC, "code": "8.000961", "form": FORM, "eligibility": named})

    def on(day: date, **answers: Any) -> bool | None:
        found = eligibility.verdict(whole, {**OLD, **answers}, channel="online", applicant="citizen", day=day)
        assert found is not None
        return found.eligible

    assert on(date(2026, 6, 1), born="1966-06-01") is True
    assert on(date(2026, 5, 31), born="1966-06-01") is False


def test_the_person_is_told_before_sending_and_after(province: Province) -> None:
    put(province)
    client = Client()
    client.force_login(province.account)
    made = Draft(account=province.account, procedure_version=province.versions["single_agency"], subject=province.party)
    draft = actions.save_draft(province.citizen, draft=made, data=YOUNG, organization=province.commune)
    actions.save_draft(province.citizen, draft=draft, papers={"CC": [str(province.picture().pk)]})

    def page(name: str, *args: Any) -> str:
        return str(client.get(reverse(f"portal:{name}", args=(draft.pk, *args))).content.decode())

    for text in (page("check"), page("draft_page", "thu-nhap")):
        assert "Không đủ điều kiện. Chưa đủ 60 tuổi." in text
    answer = client.post(reverse("portal:check", args=(draft.pk,)), {"cam-ket": "1"})
    assert answer.status_code == 422
    assert not Dossier.objects.exists()
    actions.save_draft(province.citizen, draft=draft, data=OLD)
    assert "Đủ điều kiện. Đủ tuổi và dưới mức chuẩn." in page("check")
    assert "Không đủ điều kiện" not in page("draft_page", "thu-nhap")
    answer = client.post(reverse("portal:check", args=(draft.pk,)), {"cam-ket": "1"}, follow=True)
    assert "Đủ tuổi và dưới mức chuẩn." in answer.content.decode()
    assert Dossier.objects.count() == 1


WHO_MAY = """\
title: Ai được hưởng
inputs:
  born: {type: date}
  income: {type: integer, minimum: 0}
rows:
  - when: "age(born) < 60"
    then: {eligible: false, reason: Chưa đủ 60 tuổi., field: born}
default: {eligible: true}
"""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("", "", ""),
        ("who_may", "ai_do", "gói không có bảng quyết định “ai_do” (decisions/ai_do.yaml)"),
        ("income: {", "wages: {", "biểu mẫu không có trường “wages” mà bảng điều kiện xét"),
        ("age(born)", "age(birth)", "không có trường birth"),
        ("field: born", "field: birth", "dòng 1: biểu mẫu không có trường “birth”"),
        ("reason: Chưa đủ 60 tuổi., ", "", "dòng 1: không đủ điều kiện thì phải nói lý do ở reason"),
        ("default: {eligible: true}", "default: {eligible: được}", "default: phải có eligible là true hoặc false"),
        ("title: Ai", "hit: collect\ntitle: Ai", "điều kiện không cộng dồn"),
    ],
)
def test_pack_check_tells_what_is_wrong_with_a_table_of_who_may(tmp_path: Path, old: str, new: str, fault: str) -> None:
    write_pack(tmp_path, spec(form=FORM))
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions/who_may.yaml").write_text(WHO_MAY.replace(old, new) if old else WHO_MAY, "utf-8")
    file = tmp_path / "procedures/1.000001.yaml"
    text = f"{file.read_text('utf-8')}eligibility: {new if old == 'who_may' else 'who_may'}\n"
    file.write_text(text, "utf-8")
    line = len(text.splitlines())
    found = [str(one) for one in packs.load(tmp_path).faults]
    if not fault:
        assert found == []
        assert packs.load(tmp_path).procedures[0].spec.eligibility is not None
        return
    assert any(fault in one for one in found), found
    assert any(one.startswith((f"procedures/1.000001.yaml:{line}:", "decisions/who_may.yaml:")) for one in found), found


def test_a_table_of_who_may_needs_a_form(tmp_path: Path) -> None:
    named = {"table": TABLE.table("who_may")}
    write_pack(tmp_path, spec(eligibility=named))
    assert ["cần biểu mẫu" in str(one) for one in packs.load(tmp_path).faults] == [True]
