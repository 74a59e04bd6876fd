"""The basic plan of the OpenID Foundation: codes, redirects, request objects, refresh (docs/engineers/conformance.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.sso.models import System
from tests.clock import Clock

from .system import BACK, Flow, registered, told, userinfo

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def unsigned(rp: Flow, **changes: str) -> str:
    """The request as an unsigned request object."""
    return jwt.encode({**rp.params, "iss": rp.system.client_id, **changes}, "", algorithm="none")


def test_oidcc_codereuse(rp: Flow) -> None:
    code = rp.code()
    assert rp.exchange(code).status_code == 200
    answer = rp.exchange(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_oidcc_codereuse_30seconds(rp: Flow, at: Clock, django_capture_on_commit_callbacks: Any) -> None:
    rp.params["scope"] = "openid offline_access"
    code = rp.code()
    tokens = rp.exchange(code).json()
    assert userinfo(tokens["access_token"]).status_code == 200
    at(timezone.now() + timedelta(seconds=30))
    with django_capture_on_commit_callbacks(execute=True):
        assert rp.exchange(code).json()["error"] == "invalid_grant"
    assert userinfo(tokens["access_token"]).status_code == 401
    assert rp.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_oidcc_ensure_registered_redirect_uri(rp: Flow) -> None:
    answer = rp.ask(redirect_uri=f"{BACK}/them")
    assert answer.status_code == 400
    assert "không đúng địa chỉ đã đăng ký" in answer.content.decode()


def test_oidcc_ensure_post_request_succeeds(rp: Flow) -> None:
    answer = rp.browser.post("/sso/dang-nhap", rp.params, secure=True)
    assert told(rp.browser.get(answer["Location"], secure=True))["code"]


def test_oidcc_server_client_secret_post(rp: Flow) -> None:
    system, secret = registered(proof=System.Proof.POST, trusted=True)
    other = Flow(system, secret, rp.browser)
    form = {"grant_type": "authorization_code", "code": other.code(), "redirect_uri": BACK}
    form |= {"code_verifier": other.verifier, "client_id": system.client_id}
    wrong = Client().post("/sso/ma", {**form, "client_secret": "sai"}, secure=True)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    answer = Client().post("/sso/ma", {**form, "client_secret": secret}, secure=True)
    assert other.claims(answer.json())["aud"] == system.client_id


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(rp: Flow) -> None:
    said = told(rp.ask(request_uri="https://he-thong.example/yeu-cau.jwt"))
    assert (said["error"], said["state"]) == ("request_uri_not_supported", rp.params["state"])
    assert "code" not in said


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(rp: Flow) -> None:
    said = told(rp.ask(request=unsigned(rp)))
    assert (said["error"], said["state"]) == ("request_not_supported", rp.params["state"])
    assert told(rp.ask(registration="{}"))["error"] == "registration_not_supported"
    pushed = rp.post("/sso/yeu-cau", {**rp.params, "request": unsigned(rp)})
    assert (pushed.status_code, pushed.json()["error"]) == (400, "request_not_supported")


def test_oidcc_ensure_request_object_with_redirect_uri(rp: Flow) -> None:
    answer = rp.ask(request=unsigned(rp), redirect_uri="https://he-thong.example/khac")
    assert answer.status_code == 400
    assert "không đúng địa chỉ đã đăng ký" in answer.content.decode()


def test_oidcc_refresh_token(rp: Flow) -> None:
    rp.params |= {"scope": "openid offline_access", "prompt": "consent"}
    assert "Giữ kết nối khi bạn không có mặt" in rp.ask().content.decode()
    first = rp.exchange(told(rp.allow())["code"]).json()
    second = rp.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert "no-store" in second["Cache-Control"]
    then, now = rp.claims(first), rp.claims(second.json())
    assert "nonce" not in now
    for name in ("iss", "sub", "aud", "azp", "auth_time", "sid", "acr"):
        assert now[name] == then[name], name
    assert second.json()["access_token"] != first["access_token"]
    other = Flow(*registered(name="Hệ thống khác", trusted=True), rp.browser)
    stolen = other.refresh(second.json()["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert rp.refresh(second.json()["refresh_token"]).status_code == 200, "the owner's is still good"
    del rp.params["prompt"]
    rp.params["scope"] = "openid"
    assert "refresh_token" not in rp.tokens(), "only who was let in absence may come in absence"


def test_oidcc_ensure_request_with_valid_pkce_succeeds(rp: Flow) -> None:
    assert rp.tokens()["id_token"]
    said = told(rp.ask(code_challenge=None, code_challenge_method=None))
    assert said["error"] == "invalid_request", "we ask everybody for it (OAuth 2.1)"
    wrong = rp.exchange(rp.code(), code_verifier="x" * 43)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
