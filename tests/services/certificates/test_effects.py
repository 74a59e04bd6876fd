"""A granted dossier issues, suspends and revokes a certificate; its signed result is the certificate's paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from pydantic import ValidationError

from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.models import CertificateAct, Record
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.services.dossiers import actions, effects, publishing
from hienluong.services.dossiers.models import Dossier, Result
from hienluong.services.procedures.spec import Effect
from tests.snapshots import ready

from .sample import WHY, Food, paper_says

pytestmark = pytest.mark.django_db

ISSUE: dict[str, Any] = {
    "register": "thu.co_so",
    "kind": "issue",
    "set": {"code": "'C900'", "name": "reason", "agency": "competent"},
}
RENEW: dict[str, Any] = {"register": "thu.co_so", "kind": "renew", "key": "'C001'", "set": {"name": "reason"}}
SUSPEND: dict[str, Any] = {
    "register": "thu.co_so",
    "kind": "suspend",
    "key": "'C001'",
    "since": "today",
    "through": "reason",
    "reason": "'Tạm ngừng theo đề nghị'",
}


@pytest.fixture
def food(db: None) -> Food:
    return ready(Food)


def signed(food: Food, *written: dict[str, Any], reason: str) -> Dossier:
    """A dossier whose procedure has these effects, signed by the leader."""
    p = food.province
    code = f"8.{951 + Dossier.objects.count():06d}"
    version = p.publish(code, process={"model": "single_agency", "params": {}}, effects=list(written))
    dossier = p.file(version=version, data={"reason": reason})
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    actions.sign(p.leader, dossier=Dossier.objects.get(pk=dossier.pk))
    return Dossier.objects.get(pk=dossier.pk)


def test_the_result_is_the_paper_of_the_certificate(food: Food) -> None:
    dossier = signed(food, ISSUE, reason="Quán mới")
    result = publishing.produce(Result.objects.get(dossier=dossier))
    done = CertificateAct.objects.get(record=Record.objects.get(key="C900"))
    assert (done.number, done.token, done.file_id) == (result.number, result.token, result.file_id)
    assert result.valid_until == done.expires
    assert food.stands(done.record) == "valid"
    certificates.perform(food.leader, kind="revoke", record=done.record, provenance=WHY)
    assert paper_says(done) == "revoked"


def test_revoking_the_result_takes_the_renewal_back(food: Food) -> None:
    first = food.issued(on=timezone.localdate() - timedelta(days=9))
    dossier = signed(food, RENEW, reason="Tên mới")
    result = publishing.produce(Result.objects.get(dossier=dossier))
    renewed = CertificateAct.objects.get(kind="renew")
    assert (paper_says(first), paper_says(renewed)) == ("superseded", "in_force")
    assert food.data()["name"] == "Tên mới"
    actions.revoke_result(food.leader, result=result, reason="Ký nhầm", legal_basis="Quyết định 1")
    assert (paper_says(first), paper_says(renewed)) == ("in_force", "revoked")
    assert food.data()["number"] == first.number


def test_a_certificate_is_named_by_the_number_printed_on_it(food: Food) -> None:
    by_number = {**RENEW, "key": "reason"}
    first = food.issued(on=timezone.localdate() - timedelta(days=9))
    signed(food, by_number, reason=first.number)
    renewed = CertificateAct.objects.get(kind="renew")
    assert renewed.record == first.record
    assert renewed.number != first.number
    with pytest.raises(effects.EffectFailed, match="không có đúng một giấy"):
        signed(food, by_number, reason=first.number)


@pytest.mark.parametrize("is_issued", [True, False])
def test_a_suspension_by_dossier_needs_a_certificate(food: Food, is_issued: bool) -> None:
    until = (timezone.localdate() + timedelta(days=20)).isoformat()
    if not is_issued:
        with pytest.raises(effects.EffectFailed, match="Chưa cấp"):
            signed(food, SUSPEND, reason=until)
        return
    first = food.issued()
    signed(food, SUSPEND, reason=until)
    assert (food.stands(), paper_says(first)) == ("suspended", "suspended")
    assert food.data()["suspended"]["to"] == until


@pytest.mark.once
@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "renew"},
        {"kind": "suspend", "key": "'x'", "number": "'1'"},
        {"kind": "revoke", "key": "'x'", "set": {"name": "'x'"}},
        {"kind": "issue"},
        {"kind": "change", "key": "'x'", "set": {"name": "'x'"}, "reason": "'x'"},
    ],
)
def test_an_effect_that_says_too_much_or_too_little_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Effect.model_validate({"register": "thu.co_so", **wrong})


PAPER = (
    '{% extends "sectors/results/base.html" %}{% block body %}<p>Cấp cho: {{ subject.name }} ({{ subject.identifier }})</p>'
    "{% endblock %}"
)


def draft_and_paper(food: Food, effect: dict[str, Any], reason: str) -> tuple[str, list[dict[str, str]]]:
    """Whom the draft and the paper name alike, and what the verification page compares."""
    p = food.province
    result = {"code": "kq", "name": "Giấy chứng nhận", "template": "results/x.html", "body": PAPER}
    code = f"8.{951 + Dossier.objects.count():06d}"
    process = {"model": "single_agency", "params": {}}
    version = p.publish(code, process=process, effects=[effect], results=[result])
    dossier = p.file(version=version, data={"reason": reason})
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    draft = _names(publishing.draft_context(Result.objects.get(dossier=dossier)))
    actions.sign(p.leader, dossier=Dossier.objects.get(pk=dossier.pk))
    signed = publishing.produce(Result.objects.get(dossier=dossier))
    assert _names(publishing.result_context(signed, signed.token or "")) == draft
    return draft, IssuedFile.objects.get(pk=signed.token).facts


def _names(context: dict[str, Any]) -> str:
    subject = context["subject"]
    return f"{subject.name} ({subject.identifier})"


def test_the_paper_names_whom_the_register_names(food: Food) -> None:
    said, facts = draft_and_paper(food, ISSUE, "Công ty Yến Đông Hà")
    assert said == "Công ty Yến Đông Hà ()", "the number of who filed is not the company's"
    compared = {fact["code"]: fact["value"] for fact in facts}
    assert (compared["granted_to"], compared.get("identifier")) == ("C. T. Y. Đ. H.", None)


def test_the_number_of_whom_the_register_names_is_printed_where_it_is_known(food: Food) -> None:
    with_number = {**ISSUE, "set": {**ISSUE["set"], "owner_number": "'045085000321'"}}
    said, facts = draft_and_paper(food, with_number, "Trần Văn Thu")
    assert said == "Trần Văn Thu (045085000321)"
    assert {"code": "identifier", "value": "•••••••••321"} in facts
    party = food.province.party
    owners = {**ISSUE, "set": {**ISSUE["set"], "code": "'C901'", "owner_number": "party_number"}}
    assert draft_and_paper(food, owners, "Trần Văn Thu")[0] == "Trần Văn Thu ()"
    same = {**ISSUE, "set": {**ISSUE["set"], "code": "'C902'", "name": "party_name", "owner_number": "party_number"}}
    assert draft_and_paper(food, same, "x")[0] == f"{party.name} ({party.identifier})"


def test_a_renewal_names_whom_the_record_names(food: Food) -> None:
    food.issued(on=timezone.localdate() - timedelta(days=9))
    assert (
        draft_and_paper(food, {key: value for key, value in RENEW.items() if key != "set"}, "x")[0] == "Quán cơm Thu ()"
    )


def test_the_paper_is_dated_from_the_commune(food: Food) -> None:
    dossier = signed(food, ISSUE, reason="Quán mới")
    result = Result.objects.get(dossier=dossier)
    context = publishing.result_context(result, "")
    place = context["place"]
    assert dossier.competent.name.endswith(place)
    assert place not in ("", dossier.competent.name, "Quảng Trị")
    for template in ("sectors/results/base.html", "dossiers/results/general.html", "certificates/paper.html"):
        html = render_to_string(template, context)
        assert f"{place}, ngày {timezone.localtime(result.signed_at):%d}" in html
