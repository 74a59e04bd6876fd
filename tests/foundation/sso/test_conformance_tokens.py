"""The basic plan of the OpenID Foundation: answers, ID tokens, userinfo, scopes (docs/engineers/conformance.md)."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client

from .system import Flow, told, userinfo

pytestmark = [pytest.mark.once, pytest.mark.django_db]
CLAIMS = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid"}


def known(rp: Flow, scope: str) -> dict[str, Any]:
    """What userinfo tells of these scopes; the ID token says none of it (Core 1.0, 5.4)."""
    rp.params["scope"] = scope
    tokens = rp.tokens()
    claims = rp.claims(tokens)
    assert set(claims) <= CLAIMS
    answer = userinfo(tokens["access_token"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    assert found.pop("sub") == claims["sub"]
    return found


def configuration() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/.well-known/openid-configuration", secure=True).json()
    return found


def test_oidcc_server(rp: Flow) -> None:
    code = rp.code()
    assert len(code) >= 22, "128 bits"
    answer = rp.exchange(code)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert "no-store" in answer["Cache-Control"]
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    claims = rp.claims(tokens)
    assert set(claims) <= CLAIMS
    assert (claims["iss"], claims["aud"]) == (settings.BASE_URL, rp.system.client_id)
    assert claims["nonce"] == rp.params["nonce"]
    assert claims["iat"] - 5 <= time.time() <= claims["exp"] <= claims["iat"] + 3600
    half = sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()


def test_oidcc_response_type_missing(rp: Flow) -> None:
    said = told(rp.ask(response_type=None))
    assert (said["error"], said["state"]) == ("invalid_request", rp.params["state"])


def test_oidcc_idtoken_signature(rp: Flow) -> None:
    token = rp.tokens()["id_token"]
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "RS256"
    published = Client().get("/sso/khoa.json", secure=True).json()["keys"]
    (key,) = (each for each in published if each["kid"] == header["kid"])
    assert (key["kty"], key["use"]) == ("RSA", "sig")
    assert "d" not in key
    head, body, _signature = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        rp.claims({"id_token": f"{head}.{body}.{'A' * 342}"})


def test_oidcc_idtoken_unsigned(rp: Flow) -> None:
    assert configuration()["id_token_signing_alg_values_supported"] == ["RS256"]
    rp.params["id_token_signed_response_alg"] = "none"  # a registration parameter; nobody talks us into it later
    assert jwt.get_unverified_header(rp.tokens()["id_token"])["alg"] == "RS256"


def test_oidcc_userinfo_get(rp: Flow) -> None:
    tokens = rp.tokens()
    assert userinfo(tokens["access_token"]).json()["sub"] == rp.claims(tokens)["sub"]
    refused = userinfo(tokens["id_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in refused["WWW-Authenticate"]
    assert Client().get("/sso/nguoi-dung", {"access_token": tokens["access_token"]}, secure=True).status_code == 401


def test_oidcc_userinfo_post_header(rp: Flow) -> None:
    tokens = rp.tokens()
    bearer = Client(headers={"authorization": f"Bearer {tokens['access_token']}"})
    answer = bearer.post("/sso/nguoi-dung", secure=True)
    assert (answer.status_code, answer.json()["sub"]) == (200, rp.claims(tokens)["sub"])


def test_oidcc_userinfo_post_body(rp: Flow) -> None:
    tokens = rp.tokens()
    answer = Client().post("/sso/nguoi-dung", {"access_token": tokens["access_token"]}, secure=True)
    assert (answer.status_code, answer.json()["sub"]) == (200, rp.claims(tokens)["sub"])


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(rp: Flow) -> None:
    del rp.params["nonce"]
    assert "nonce" not in rp.claims(rp.tokens())


def test_oidcc_scope_profile(rp: Flow) -> None:
    assert known(rp, "openid profile") == {
        "name": "Nguyễn Thị Kiểm Thử",
        "preferred_username": "binh",
        "locale": "vi",
    }


def test_oidcc_scope_email(rp: Flow) -> None:
    assert known(rp, "openid email") == {"email": "binh@thu.example", "email_verified": False}


def test_oidcc_scope_address(rp: Flow) -> None:
    assert known(rp, "openid address") == {"address": {"formatted": "12 Lê Duẩn, phường Đông Hà"}}


def test_oidcc_scope_phone(rp: Flow) -> None:
    assert known(rp, "openid phone") == {"phone_number": "0912345678", "phone_number_verified": False}


def test_oidcc_scope_all(rp: Flow) -> None:
    found = known(rp, "openid email phone address profile")
    assert {"name", "email", "phone_number", "address"} <= set(found)
    assert set(found) <= set(configuration()["claims_supported"])


def test_oidcc_alternate_happy_flow(rp: Flow) -> None:
    rp.params = dict(reversed(rp.params.items()))
    assert set(known(rp, "email openid")) == {"email", "email_verified"}


def test_oidcc_claims_essential(rp: Flow) -> None:
    """We say that we do not take the parameter, and it does no harm; what is asked by it is not told."""
    assert configuration()["claims_parameter_supported"] is False
    rp.params["claims"] = '{"userinfo": {"name": {"essential": true}}}'
    assert known(rp, "openid") == {}
    for wrong in ("{", "[1]", '"name"'):
        assert set(told(rp.ask(claims=wrong))) & {"code", "error"}
