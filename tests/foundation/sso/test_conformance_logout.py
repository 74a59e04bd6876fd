"""The plans of the OpenID Foundation for RP-initiated and back-channel logout (docs/engineers/conformance.md)."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.sso import leaving, tasks
from tests.factories import make_account

from .system import OUT, Flow, registered, userinfo, verified

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def configuration(settings: Any) -> dict[str, Any]:
    """What the provider says of itself at an address of a province."""
    settings.BASE_URL = "https://tinh.example"
    found: dict[str, Any] = Client().get("/.well-known/openid-configuration", secure=True).json()
    for name, value in found.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith("https://tinh.example/"), name
    return found


def stays(rp: Flow, answer: Any) -> None:
    """The person is asked, not sent back; and once they have left, they are told so, still here."""
    assert answer.status_code == 200
    assert "Đăng xuất tất cả" in answer.content.decode()
    assert not rp.is_out()
    told = dict(answer.context["told"])
    leaves = rp.browser.post("/sso/dang-xuat", {**told, "decision": "leave"}, secure=True)
    assert leaves.status_code == 200
    assert "Đã đăng xuất" in leaves.content.decode()
    assert rp.is_out()


def is_told(rp: Flow, answer: Any) -> str:
    """The person is out, and is told so on our page."""
    assert answer.status_code == 200
    assert rp.is_out()
    text: str = answer.content.decode()
    assert "Đã đăng xuất" in text
    return text


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(settings: Any) -> None:
    assert configuration(settings)["end_session_endpoint"]


def test_oidcc_rp_initiated_logout(rp: Flow) -> None:
    hint, state = rp.tokens()["id_token"], "s" * 128
    answer = rp.logout(id_token_hint=hint, post_logout_redirect_uri=OUT, state=state)
    assert answer["Location"] == f"{OUT}?state={state}"
    assert rp.is_out()


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(rp: Flow) -> None:
    hint = rp.tokens()["id_token"]
    answer = rp.logout(id_token_hint=hint, post_logout_redirect_uri=f"{OUT}/khac", state="s")
    assert "không đúng địa chỉ đã đăng ký" in is_told(rp, answer)


def test_oidcc_rp_initiated_logout_modified_id_token_hint(rp: Flow) -> None:
    claims = rp.claims(rp.tokens())
    kid = jwt.get_unverified_header(rp.tokens()["id_token"])["kid"]
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": kid})
    params = {"id_token_hint": unsigned, "post_logout_redirect_uri": OUT, "state": "s"}
    stays(rp, rp.logout(**params, client_id=rp.system.client_id))


def test_oidcc_rp_initiated_logout_no_id_token_hint(rp: Flow) -> None:
    rp.tokens()
    stays(rp, rp.logout(post_logout_redirect_uri=OUT, state="s"))


def test_oidcc_rp_initiated_logout_no_params(rp: Flow) -> None:
    rp.tokens()
    stays(rp, rp.logout())


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(rp: Flow) -> None:
    is_told(rp, rp.logout(id_token_hint=rp.tokens()["id_token"], state="s"))


def test_oidcc_rp_initiated_logout_no_state(rp: Flow) -> None:
    answer = rp.logout(id_token_hint=rp.tokens()["id_token"], post_logout_redirect_uri=OUT)
    assert answer["Location"] == OUT
    assert rp.is_out()


def test_oidcc_rp_initiated_logout_only_state(rp: Flow) -> None:
    rp.tokens()
    stays(rp, rp.logout(state="s"))


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(rp: Flow) -> None:
    hint = rp.tokens()["id_token"]
    answer = rp.logout(id_token_hint=hint, post_logout_redirect_uri=f"{OUT}?foo=bar", state="s")
    assert "không đúng địa chỉ đã đăng ký" in is_told(rp, answer)


def test_oidcc_rp_initiated_logout_bad_id_token_hint(rp: Flow) -> None:
    tokens = rp.tokens()
    kid = jwt.get_unverified_header(tokens["id_token"])["kid"]
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(rp.claims(tokens), other, algorithm="RS256", headers={"kid": kid})
    params = {"id_token_hint": forged, "post_logout_redirect_uri": OUT, "state": "s"}
    stays(rp, rp.logout(**params, client_id=rp.system.client_id))


def test_a_hint_of_another_person_ends_nothing_unasked_and_leads_back(rp: Flow) -> None:
    hint = rp.tokens()["id_token"]
    rp.browser = Client()
    rp.browser.force_login(make_account("la"))
    page = rp.logout(id_token_hint=hint, post_logout_redirect_uri=OUT, state="s")
    assert "Đăng xuất tất cả" in page.content.decode()
    assert "form-action 'self' https://he-thong.example" in page["Content-Security-Policy"]
    told = {"id_token_hint": hint, "post_logout_redirect_uri": OUT, "state": "s", "decision": "leave"}
    assert rp.browser.post("/sso/dang-xuat", told, secure=True)["Location"] == f"{OUT}?state=s"


def test_oidcc_backchannel_logout_discovery_endpoint_verification(settings: Any) -> None:
    found = configuration(settings)
    assert found["backchannel_logout_supported"] is True
    assert found["backchannel_logout_session_supported"] is True
    assert found["end_session_endpoint"]


def test_oidcc_backchannel_rp_initiated_logout(rp: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[httpx.Request] = []

    def taken(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    with_transport = httpx.Client(transport=httpx.MockTransport(taken))
    monkeypatch.setattr(leaving.httpx, "post", with_transport.post)
    rp.params["scope"] = "openid offline_access"
    absent = rp.tokens()
    rp.params["scope"] = "openid"
    tokens = rp.tokens()
    other = Flow(*registered(name="Không nhận tin", trusted=True), rp.browser)
    other.tokens()
    hint = tokens["id_token"]
    assert rp.logout(id_token_hint=hint, post_logout_redirect_uri=OUT, state="s")["Location"] == f"{OUT}?state=s"
    (job,) = ProcrastinateJob.objects.filter(task_name="sso.tell_logout")
    tasks.tell_logout(**job.args)
    (request,) = sent
    assert (request.method, str(request.url)) == ("POST", "https://he-thong.example/ket-thuc-phien")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    ((name, (token,)),) = parse_qs(request.content.decode()).items()
    assert name == "logout_token"
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    claims, before = verified(token, rp.system.client_id), rp.claims(tokens)
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert (claims["sub"], claims["sid"]) == (before["sub"], before["sid"])
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["jti"]
    assert "nonce" not in claims
    assert rp.is_out()
    assert userinfo(tokens["access_token"]).status_code == 401
    assert rp.refresh(absent["refresh_token"]).status_code == 200, "who was let in absence goes on (2.7)"
