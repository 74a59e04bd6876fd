"""The pages of composed services, and the address at which systems start them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import System
from hienluong.services.flows import actions, engine
from hienluong.services.flows.models import Flow, FlowVersion, Run, Step
from tests.factories import TESTER, actor_for_role, make_org
from tests.foundation.sso.system import basic
from tests.services.bus.sample import system_of
from tests.services.flows.sample import Answer, Office, Provider, settled, until
from tests.services.test_wrong_user import browser_of

BASE = "/quan-tri/truc-du-lieu/phoi-hop"


@pytest.mark.django_db
def test_declared_with_faults_at_their_lines_changed_published_and_stopped() -> None:
    office = Office()
    head = browser_of(actor_for_role("head", office.place))
    good = office.source({"name": "b1", "call": office.call("look")})
    form = {"system": str(office.system.pk), "code": "thue-dat", "title": "Căn cứ tính thuế", "source": "input: 1\n"}
    assert "Khai báo dịch vụ phối hợp" in head.get(BASE, secure=True).content.decode()
    refused = head.post(f"{BASE}/khai-bao", form, secure=True)
    assert refused.status_code == 422
    assert "Dòng 1" in refused.content.decode()
    assert "Căn cứ tính thuế" in refused.content.decode()
    made = head.post(f"{BASE}/khai-bao", {**form, "source": good}, secure=True)
    one = f"{BASE}/dich-vu/thue-dat"
    assert made["Location"] == one
    wrong = good.replace("operation: look", "operation: khac")
    assert head.post(f"{one}/sua", {"source": wrong}, secure=True).status_code == 302
    refused = head.post(f"{one}/cong-bo", secure=True)
    assert refused.status_code == 422
    assert "không có thao tác “khac”" in refused.content.decode()
    assert head.post(f"{one}/sua", {"source": good}, secure=True).status_code == 302
    assert head.get(f"{one}/chay", secure=True).status_code == 404
    assert head.post(f"{one}/cong-bo", secure=True).status_code == 302
    assert head.get(f"{one}/cong-bo", secure=True).status_code == 404
    assert head.post(f"{one}/phien-ban", {"source": good}, secure=True).status_code == 302
    assert head.post(f"{one}/phien-ban", {"source": good}, secure=True).status_code == 422
    page = head.get(one, secure=True).content.decode()
    assert "v2" in page
    assert "operation: look" in page
    assert head.get(f"{one}?phien-ban=1&trang-thai=done&page=2", secure=True).status_code == 200
    for bad in ({"given": "{", "purpose": "x"}, {"given": '{"so": "chữ"}', "purpose": "x"}, {"given": '{"so": 1}'}):
        assert head.post(f"{one}/chay", bad, secure=True).status_code == 422
    tried = head.post(f"{one}/chay", {"given": '{"so": 5}', "purpose": "Thử"}, secure=True)
    assert tried.status_code == 302
    assert head.get(tried["Location"], secure=True).status_code == 200
    assert head.post(f"{one}/ngung", {"reason": " "}, secure=True).status_code == 422
    assert head.post(f"{one}/ngung", {"reason": "Thôi"}, secure=True).status_code == 302
    assert FlowVersion.objects.get(flow__code="thue-dat", number=1).state == FlowVersion.State.RETIRED
    other = browser_of(actor_for_role("head", office.here.owner))
    for path in (one, f"{one}/sua", f"{one}/ngung", tried["Location"]):
        assert other.get(path, secure=True).status_code == 404
    assert browser_of(actor_for_role("officer", office.place)).get(BASE, secure=True).status_code == 403


@pytest.mark.django_db
def test_other_organisations_are_permitted_and_that_ends_with_a_reason() -> None:
    office = Office()
    flow = office.published(office.source({"name": "a", "map": "1"}))
    place = make_org("Sở Thuế", parent=office.here.province)
    head = browser_of(actor_for_role("head", office.place))
    one = f"{BASE}/dich-vu/{flow.code}"
    assert head.post(f"{one}/cho-phep", {"consumer": place.code, "purpose": ""}, secure=True).status_code == 422
    assert head.post(f"{one}/cho-phep", {"consumer": place.code, "purpose": "Thu thuế"}, secure=True).status_code == 302
    assert "Thu thuế" in head.get(one, secure=True).content.decode()
    given = flow.permits.get()
    head.post(f"{one}/cho-phep", {"thoi": given.pk, "reason": ""}, secure=True)
    assert flow.permits.filter(ended_at=None).exists()
    head.post(f"{one}/cho-phep", {"thoi": given.pk, "reason": "Thôi"}, secure=True)
    assert not flow.permits.filter(ended_at=None).exists()
    assert head.post(f"{one}/cho-phep", {"thoi": "x", "reason": "Thôi"}, secure=True).status_code == 404


@pytest.mark.django_db
def test_what_waits_is_shown_with_its_contents_and_decided() -> None:
    office = Office()
    flow = office.published(office.source({"name": "dat", "call": office.call("order")}, answer="dat.so"))
    run = office.start(flow, 6789)
    engine.advance(run.pk)
    engine.advance(run.pk)  # whoever began the call is gone
    head = browser_of(actor_for_role("head", office.place))
    assert "Chờ bạn quyết định" in head.get(BASE, secure=True).content.decode()
    page = f"{BASE}/lan-chay/{run.uid}"
    shown = head.get(page, secure=True).content.decode()
    assert "Máy dừng đúng lúc đang gọi" in shown
    assert "6789" in shown
    step = Step.objects.get(run=run, state=Step.State.WAITING)
    said: dict[str, Any] = {"buoc": step.pk, "decision": "done", "reason": "Đã hỏi Sở", "answer": '{"so": 9}'}
    for change in ({"reason": ""}, {"decision": ""}, {"answer": "{"}):
        refused = head.post(page, {**said, **change}, secure=True)
        assert refused.status_code == 422
        assert "govuk-error-summary" in refused.content.decode()
    assert head.post(page, {**said, "buoc": "x"}, secure=True).status_code == 409
    assert head.post(page, said, secure=True).status_code == 302
    assert head.post(page, said, secure=True).status_code == 409
    engine.advance(run.pk)
    run.refresh_from_db()
    assert run.answer == {"value": 9}
    shown = head.get(page, secure=True).content.decode()
    assert "6789" not in shown, "what nobody needs to know any more is not shown"
    assert "Đã hỏi Sở" in shown
    assert run.answer_digest in shown


def writing(office: Office) -> str:
    """A token of a system of the office that may write."""
    system, secret = sso.register(
        TESTER,
        owner=office.place,
        name="Hệ thống ghi",
        purpose="Kiểm thử",
        contact_name="Lê An",
        contact_email="an@example.gov.vn",
        scopes=["api.read", "api.write"],
        redirect_uris=[],
        proof=System.Proof.BASIC,
        for_itself=True,
    )
    return token_of(system, secret, "api.read api.write")


def token_of(system: System, secret: str, scope: str = "api.read") -> str:
    told = {"grant_type": "client_credentials", "scope": scope}
    headers = {"authorization": basic(system.client_id, secret)}
    return str(Client().post("/sso/ma", told, headers=headers, secure=True).json()["access_token"])


def asked(token: str, flow: Flow | str, given: Any, **headers: str) -> Any:
    code = flow if isinstance(flow, str) else flow.code
    return Client().post(
        f"/api/v1/flows/{code}/runs",
        {"input": given, "purpose": "Thử"},
        content_type="application/json",
        headers={**({"authorization": f"Bearer {token}"} if token else {}), **headers},
        secure=True,
    )


def looked(token: str, address: str) -> Any:
    return Client().get(address, headers={"authorization": f"Bearer {token}"}, secure=True)


def test_a_system_starts_a_run_and_has_its_answer(worker: None, provider: Provider) -> None:
    office = Office()
    flow = office.published(office.source({"name": "xem", "call": office.call("look")}, answer="xem.so + 1"))
    token = writing(office)
    told = asked(token, flow, {"so": 4}, **{"idempotency-key": "a1", "prefer": "respond-async, wait=5"})
    assert told.status_code == 200, told.content
    body = told.json()
    assert (body["state"], body["answer"], body["fault"]) == ("done", 5, "")
    assert told["Location"] == f"/api/v1/flows/{flow.code}/runs/{body['id']}"
    assert looked(token, told["Location"]).json() == body
    assert asked(token, flow, {"so": 4}, **{"idempotency-key": "a1"}).json()["id"] == body["id"]
    assert asked(token, flow, {"so": 5}, **{"idempotency-key": "a1"}).json()["code"] == "flows.key_reused"
    assert len(provider.came) == 1
    provider.seconds = 0.6
    later = asked(token, flow, {"so": 8}, prefer="wait=0")
    assert later.status_code == 202
    run = Run.objects.get(uid=later.json()["id"])
    until(lambda: settled(run))
    assert looked(token, later["Location"]).json()["answer"] == 9


def test_why_it_failed_is_told_without_what_was_asked(worker: None, provider: Provider) -> None:
    office = Office()

    def refuse(method: str, number: str) -> Any:
        raise Answer(403)

    provider.answer = refuse
    flow = office.published(office.source({"name": "xem", "call": office.call("look")}))
    told = asked(writing(office), flow, {"so": 987654}, prefer="wait=5")
    assert told.status_code == 200
    body = told.json()
    assert (body["state"], body["fault_step"], body["fault"]) == ("failed", "xem", "HTTP 403, thu.loi")
    assert "987654" not in told.content.decode()


@pytest.mark.django_db
def test_nobody_else_starts_or_sees_it() -> None:
    office = Office()
    flow = office.published(office.source({"name": "a", "map": "input.so"}))
    token = writing(office)
    started = asked(token, flow, {"so": 1}, prefer="wait=0")
    assert started.status_code == 202
    reading = token_of(office.system, office.here.secret)
    assert asked(reading, flow, {"so": 1}).status_code == 403
    assert asked("", flow, {"so": 1}).status_code == 401
    stranger, secret = system_of(make_org(parent=office.here.province))
    assert looked(token_of(stranger, secret), started["Location"]).status_code == 404
    assert looked(reading, started["Location"]).status_code == 404, "another system of the same office"
    assert looked(token, started["Location"].replace(flow.code, "khac")).status_code == 404
    assert asked(token, "khong-co", {"so": 1}).status_code == 404
    assert asked(token, flow, {"so": "chữ"}).status_code == 422
    assert asked(token, flow, {"so": 1, "la": "\ud800"}).status_code == 422
    assert asked(token, flow, {"so": 1}, **{"idempotency-key": "x" * 201}).status_code == 422
    actions.retire(office.manager, version=flow.versions.get(), reason="Thôi")
    assert asked(token, flow, {"so": 1}).status_code == 404
