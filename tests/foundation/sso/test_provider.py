"""The provider as a system meets it: codes, tokens, refusals, logout; raw HTTP, with the errors the standards name."""

from __future__ import annotations

import time
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import jwt
import pytest
from allauth.idp.oidc.models import Token
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.sso import actions, keys
from hienluong.foundation.sso.models import Consent, SigningKey, System
from tests.factories import make_account, make_citizen

from .conftest import signed_in
from .system import BACK, OUT, PASSWORD, ROOT, Flow, aged, basic, registered, told, userinfo, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(person: Account) -> Client:
    return signed_in()


def test_the_configuration_names_what_is_there() -> None:
    data = Client().get("/.well-known/openid-configuration", secure=True).json()
    assert data["issuer"] == settings.BASE_URL
    for name, address in data.items():
        if name.endswith(("_endpoint", "jwks_uri")):
            path = address.removeprefix(settings.BASE_URL)
            assert Client().get(path, secure=True).status_code in (200, 302, 400, 401, 405), name


def test_a_person_signs_in_at_a_system(flow: Flow, person: Account) -> None:
    page = flow.ask()
    assert page.status_code == 200
    assert "Kho tài liệu" in page.content.decode()
    assert "Họ và tên" in page.content.decode()
    tokens = flow.tokens()
    claims = verified(tokens["id_token"], flow.system.client_id)
    assert claims["nonce"] == flow.params["nonce"]
    assert (claims["acr"], claims["amr"]) == ("urn:hienluong:loa:1", ["pwd"])
    assert abs(claims["auth_time"] - time.time()) < 60
    assert "name" not in claims
    access = verified(tokens["access_token"], settings.BASE_URL)
    assert access["client_id"] == flow.system.client_id
    info = userinfo(tokens["access_token"])
    assert info.json()["sub"] == claims["sub"] == access["sub"]
    assert info.json()["name"] == person.display_name
    assert claims["sub"] != str(person.pk)
    assert told(flow.ask())["code"], "who has consented is not asked again"


def test_a_stranger_signs_in_first_and_comes_back(person: Account) -> None:
    flow = Flow(*registered(), Client())
    answer = flow.ask()
    assert answer["Location"].startswith("/dang-nhap?next=")
    again = flow.browser.post(answer["Location"], {"username": "binh", "password": PASSWORD}, secure=True)
    page = flow.browser.get(again["Location"], secure=True)
    assert "Kho tài liệu" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type unauthorized_client"),
        ({"response_type": "code id_token"}, "unsupported_response_type unauthorized_client"),
        ({"scope": "openid identity"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
    ],
)
def test_wrong_requests_go_back_with_the_error_of_the_standard(
    flow: Flow, changes: dict[str, str | None], error: str
) -> None:
    assert told(flow.ask(**changes))["error"] in error.split()


@pytest.mark.parametrize(
    "address",
    [
        "https://he-thong.example/quay-lai/",
        "https://he-thong.example/quay-lai?x=1",
        "https://he-thong.example/quay-lai/../ke-gian",
        "https://he-thong.example.ke-gian.example/quay-lai",
        "https://he-thong.example@ke-gian.example/quay-lai",
        "https://HE-THONG.example/quay-lai",
        "http://he-thong.example/quay-lai",
        "https://he-thong.example:8443/quay-lai",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(flow: Flow, address: str) -> None:
    answer = flow.ask(redirect_uri=address)
    assert answer.status_code == 400
    assert "Không đăng nhập được" in answer.content.decode()


def test_an_unknown_system_gets_nothing(flow: Flow) -> None:
    assert flow.ask(client_id="khong-co").status_code == 400
    actions.disable(ROOT, system=flow.system, reason="Hết dùng")
    assert flow.ask().status_code == 400


def test_who_says_no_is_not_signed_in(flow: Flow) -> None:
    flow.ask()
    assert told(flow.allow("deny"))["error"] == "access_denied"
    assert not Consent.objects.exists()


def test_the_decision_comes_from_our_page(person: Account) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    flow = Flow(*registered(), browser)
    assert flow.allow().status_code == 403
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "x" * 50}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "https://ke-gian.example/"}, "invalid_request invalid_grant"),
        ({"code": "doan"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type unauthorized_client"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
def test_a_code_is_exchanged_only_by_who_asked(flow: Flow, changes: dict[str, str | None], error: str) -> None:
    answer = flow.exchange(changes.pop("code", None) or flow.code(), **changes)
    assert answer.status_code == 400
    assert answer.json()["error"] in error.split()


def test_a_code_is_good_once_and_ends_what_came_of_it(flow: Flow, django_capture_on_commit_callbacks: Any) -> None:
    code = flow.code()
    tokens = flow.exchange(code).json()
    with django_capture_on_commit_callbacks(execute=True):
        assert flow.exchange(code).json()["error"] == "invalid_grant"
    assert userinfo(tokens["access_token"]).status_code == 401


def test_another_system_cannot_use_the_code(flow: Flow, browser: Client) -> None:
    other, secret = registered(name="Hệ thống khác")
    thief = Flow(other, secret, browser)
    thief.verifier = flow.verifier
    assert thief.exchange(flow.code()).json()["error"] == "invalid_grant"


def test_refresh_tokens_turn_and_notice_theft(browser: Client, person: Account) -> None:
    flow = Flow(*registered(), browser, scope="openid profile offline_access")
    first = flow.tokens()
    second = flow.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert flow.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.refresh(second["refresh_token"]).json()["error"] == "invalid_grant", (
        "the thief's or the owner's: both end"
    )
    assert not Token.objects.filter(type__in=("at", "rt")).exists()
    assert Notification.objects.filter(account=person, title__contains="đáng ngờ").count() == 1


@pytest.mark.parametrize("proof", [System.Proof.POST, System.Proof.NONE, System.Proof.KEY, System.Proof.CERTIFICATE])
def test_a_system_proves_itself_in_its_own_way_only(browser: Client, settings: Any, proof: str) -> None:
    settings.CLIENT_CERTIFICATES, settings.TRUSTED_PROXIES = True, (ip_network("127.0.0.1/32"),)
    private = ec.generate_private_key(ec.SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())
    system, secret = registered(proof=proof, keys=public, certificate_subject="CN=kho,O=So", scopes=["profile"])
    flow = Flow(system, "", browser)
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code_verifier": flow.verifier,
        "client_id": system.client_id,
    }

    def assertion(**changes: Any) -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": system.client_id, "sub": system.client_id, "aud": settings.BASE_URL, "exp": now + 60}
        claims = {**claims, "jti": f"{now}{changes}", **changes}
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, private, algorithm="ES256"),
        }

    wrong: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"client_secret": "đoán"}, {}),
        ({}, {"authorization": basic(system.client_id, "đoán")}),
        (assertion(aud="https://khac.example"), {}),
        (assertion(exp=int(time.time()) - 60), {}),
        (assertion(exp=int(time.time()) + 7200), {}),
        (assertion(sub="khac"), {}),
        ({}, {"x-client-certificate-subject": "CN=khac"}),
    ]
    right: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        System.Proof.POST: ({"client_secret": secret}, {}),
        System.Proof.NONE: ({}, {}),
        System.Proof.KEY: (assertion(), {}),
        System.Proof.CERTIFICATE: ({}, {"x-client-certificate-subject": "CN=kho,O=So"}),
    }
    code = flow.code()
    if proof != System.Proof.NONE:
        for more, headers in [*wrong, ({}, {})]:
            answer = Client(headers=headers).post("/sso/ma", {**form, "code": code, **more}, secure=True)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), (more, headers)
    more, headers = right[proof]
    answer = Client(headers=headers).post("/sso/ma", {**form, "code": code, **more}, secure=True)
    assert answer.status_code == 200, answer.content
    if proof == System.Proof.KEY:
        again = Client().post("/sso/ma", {**form, "code": flow.code(), **more}, secure=True)
        assert again.json()["error"] == "invalid_client", "an assertion counts once"


@pytest.mark.parametrize(
    ("writes", "proxies"), [(False, ("127.0.0.1/32",)), (True, ("10.0.0.1/32",)), (True, ()), (False, ())]
)
def test_nobody_brings_a_certificate_by_saying_so(
    browser: Client, settings: Any, writes: bool, proxies: tuple[str, ...]
) -> None:
    settings.CLIENT_CERTIFICATES = writes
    settings.TRUSTED_PROXIES = tuple(map(ip_network, proxies))
    system, _secret = registered(
        proof=System.Proof.CERTIFICATE, certificate_subject="CN=kho", for_itself=True, redirect_uris=[]
    )
    form = {"grant_type": "client_credentials", "client_id": system.client_id}
    answer = Client(headers={"x-client-certificate-subject": "CN=kho"}).post("/sso/ma", form, secure=True)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_system_acts_for_itself(browser: Client) -> None:
    system, secret = registered(for_itself=True, redirect_uris=[], scopes=["profile"])
    answer = Flow(system, secret, browser).post("/sso/ma", {"grant_type": "client_credentials"})
    claims = verified(answer.json()["access_token"], settings.BASE_URL)
    assert claims["client_id"] == system.client_id
    assert "sub" not in claims


def test_pushed_requests_count_once(flow: Flow) -> None:
    assert Client().post("/sso/yeu-cau", flow.params, secure=True).status_code == 401
    pushed = flow.post("/sso/yeu-cau", flow.params).json()
    by_name = {"client_id": flow.system.client_id, "request_uri": pushed["request_uri"]}
    page = flow.browser.get("/sso/dang-nhap", by_name, secure=True)
    assert page.status_code == 200
    address = f"/sso/dang-nhap?client_id={by_name['client_id']}&request_uri={by_name['request_uri']}"
    assert told(flow.browser.post(address, {"decision": "allow"}, secure=True))["code"]
    assert flow.browser.get("/sso/dang-nhap", by_name, secure=True).status_code == 400
    other, _secret = registered(name="Khác")
    pushed = flow.post("/sso/yeu-cau", flow.params).json()
    stolen = {"client_id": other.client_id, "request_uri": pushed["request_uri"]}
    assert flow.browser.get("/sso/dang-nhap", stolen, secure=True).status_code == 400
    assert flow.post("/sso/yeu-cau", {**flow.params, "redirect_uri": "https://ke.example"}).status_code == 400


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "5"}])
def test_a_fresh_proof_is_asked_for(flow: Flow, changes: dict[str, str]) -> None:
    flow.code()
    aged(flow.browser, 30)
    flow.params.update(changes)
    answer = flow.ask()
    assert answer["Location"].startswith("/tai-khoan/xac-nhan?next=")
    back = flow.browser.post(answer["Location"], {"password": PASSWORD}, secure=True)
    said = told(flow.browser.get(back["Location"], secure=True))
    claims = verified(flow.exchange(said["code"]).json()["id_token"], flow.system.client_id)
    assert abs(claims["auth_time"] - time.time()) < 5


def test_a_level_that_cannot_be_reached_is_refused(flow: Flow) -> None:
    flow.code()
    flow.params["acr_values"] = "urn:hienluong:loa:2"
    answer = flow.ask()
    assert answer["Location"].startswith("/tai-khoan/xac-nhan?next=")
    back = flow.browser.post(answer["Location"], {"password": PASSWORD}, secure=True)
    assert told(flow.browser.get(back["Location"], secure=True))["error"] == "unmet_authentication_requirements"


def test_logout_by_the_system_ends_the_session_here(flow: Flow) -> None:
    tokens = flow.tokens()
    answer = flow.browser.get(
        "/sso/dang-xuat",
        {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": OUT, "state": "s1"},
        secure=True,
    )
    assert answer["Location"] == f"{OUT}?state=s1"
    assert flow.browser.get("/tai-khoan/bao-mat", secure=True).status_code == 302
    assert userinfo(tokens["access_token"]).status_code == 401


def test_logout_without_proof_asks_the_person(flow: Flow) -> None:
    flow.tokens()
    page = flow.browser.get("/sso/dang-xuat", {"post_logout_redirect_uri": "https://ke.example"}, secure=True)
    assert page.status_code == 200
    assert flow.browser.get("/tai-khoan/bao-mat", secure=True).status_code == 200
    answer = flow.browser.post(
        "/sso/dang-xuat", {"decision": "leave", "post_logout_redirect_uri": "https://ke.example"}, secure=True
    )
    assert "Đã đăng xuất" in answer.content.decode()
    assert flow.browser.get("/tai-khoan/bao-mat", secure=True).status_code == 302


def test_a_withdrawn_consent_ends_what_was_granted(browser: Client, person: Account) -> None:
    flow = Flow(*registered(), browser, scope="openid profile offline_access")
    tokens = flow.tokens()
    actions.withdraw(actor_of(person), account=person, given=Consent.objects.get())
    assert flow.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.ask().status_code == 200, "asked again"
    with pytest.raises(NotAllowed):
        actions.withdraw(actor_of(make_account("la")), account=person, given=Consent.objects.get())


def test_introspection_and_revocation(flow: Flow) -> None:
    tokens = flow.tokens()
    asked = {"token": tokens["access_token"]}
    assert flow.post("/sso/kiem-tra", asked).json()["active"] is True
    other, secret = registered(name="Khác")
    stranger = Flow(other, secret, flow.browser)
    assert stranger.post("/sso/kiem-tra", asked).json() == {"active": False}
    stranger.post("/sso/thu-hoi", asked)
    assert flow.post("/sso/kiem-tra", asked).json()["active"] is True, "not theirs to revoke"
    assert flow.post("/sso/thu-hoi", asked).status_code == 200
    assert flow.post("/sso/kiem-tra", asked).json() == {"active": False}


def test_keys_turn_with_an_overlap(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    old = flow.tokens()["id_token"]
    moment = [timezone.now()]
    monkeypatch.setattr(keys.timezone, "now", lambda: moment[0])
    moment[0] += keys.SIGNS_FOR - timedelta(days=1)
    assert keys.rotate() is not None
    assert keys.rotate() is None, "one at a time"
    published = {key.pem for key in keys.published()}
    assert len(published) == 2, "the next is published before it signs"
    assert verified_kid(old) in set(SigningKey.objects.values_list("kid", flat=True))
    moment[0] += timedelta(days=2)
    assert len(keys.published()) == 2, "and the one before after it"
    moment[0] += keys.OVERLAP + timedelta(days=1)
    assert len(keys.published()) == 1


def verified_kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"redirect_uris": ["http://he-thong.example/"]}, "redirect_uris"),
        ({"redirect_uris": ["https://*.example/"]}, "redirect_uris"),
        ({"redirect_uris": ["https://a.example/#x"]}, "redirect_uris"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"scopes": ["identity"]}, "level"),
        ({"scopes": ["tat-ca"]}, "scopes"),
        ({"proof": System.Proof.KEY, "keys": '{"kty": "EC", "d": "x"}'}, "keys"),
        ({"proof": System.Proof.KEY, "keys": "{"}, "keys"),
        ({"proof": "mien"}, "proof"),
        ({"proof": System.Proof.NONE, "for_itself": True}, "proof"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_registered_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        registered(**changes)
    assert refused.value.field == field
    assert not System.objects.exists()


def test_forms_may_end_at_the_system_that_asked_and_at_no_other(flow: Flow, person: Account) -> None:
    policy = flow.ask()["Content-Security-Policy"]
    assert "form-action 'self' https://he-thong.example;" in policy + ";"
    stranger = Client()
    sign_in = stranger.get(Flow(flow.system, "", stranger).ask()["Location"], secure=True)
    assert "form-action 'self' https://he-thong.example" in sign_in["Content-Security-Policy"]
    for address in (
        "/dang-nhap?next=https://ke-gian.example/",
        "/dang-nhap?next=/sso/dang-nhap?client_id=x%26redirect_uri=https://ke-gian.example/",
        f"/dang-nhap?next=/sso/dang-nhap?client_id={flow.system.pk}%26redirect_uri=https://ke-gian.example/",
    ):
        assert "ke-gian" not in stranger.get(address, secure=True)["Content-Security-Policy"]


def test_what_a_system_reads_of_a_person_is_written_down() -> None:
    citizen = make_citizen()
    browser = Client()
    browser.force_login(make_account("lan", party=citizen))
    system, secret = registered()
    tokens = Flow(system, secret, browser).tokens()
    userinfo(tokens["access_token"])
    read = PersonalDataRead.objects.get()
    assert (read.party_id, read.actor_label, read.organization_id) == (citizen.pk, "Kho tài liệu", system.owner_id)
    assert "name" in read.fields
    assert "sub" not in read.fields
