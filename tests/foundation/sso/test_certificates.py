"""Tokens that are bound to the certificate of a system (RFC 8705): what is in them, and where they are taken."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from django.test import Client

from hienluong.foundation.sso.models import System
from hienluong.services.bus.gateway import handover
from tests.services.bus.gateway.authority import Authority, Certificate

from .system import registered

pytestmark = pytest.mark.django_db
API = "/api/v1/registers"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority("CA", tmp_path / "ca")


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Any, tmp_path: Path) -> None:
    """Which verifies certificates and tells them; no gateway has run here."""
    settings.CLIENT_CERTIFICATES, settings.TRUSTED_PROXIES = True, (ip_network("127.0.0.1/32"),)
    settings.GATEWAY_FOLDER = tmp_path / "gateway"


def told(shown: Certificate | None) -> dict[str, str]:
    """What the proxy writes."""
    if shown is None:
        return {}
    return {"x-client-certificate-subject": "CN=kho", "x-client-certificate": quote(shown.chain.read_text())}


def token(headers: dict[str, str]) -> str:
    system, _secret = registered(
        proof=System.Proof.CERTIFICATE,
        certificate_subject="CN=kho",
        for_itself=True,
        redirect_uris=[],
        scopes=["api.read"],
    )
    form = {"grant_type": "client_credentials", "client_id": system.client_id, "scope": "api.read"}
    answer = Client(headers=headers).post("/sso/ma", form, secure=True)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def asked(held: str, **headers: str) -> Any:
    return Client(headers={"authorization": f"Bearer {held}", **headers}).get(API, secure=True)


def test_a_token_is_bound_to_the_certificate_it_was_asked_for_with(authority: Authority, settings: Any) -> None:
    mine, other = authority.issue("kho"), authority.issue("kho")
    held = token(told(mine))
    assert jwt.decode(held, options={"verify_signature": False})["cnf"] == {"x5t#S256": mine.bound}
    assert asked(held, **told(mine)).status_code == 200
    for headers in ({}, told(other), {"x-client-certificate": mine.bound}, {"x-gateway-proof": "guessed"}):
        refused = asked(held, **headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "api.certificate"), headers
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    settings.CLIENT_CERTIFICATES = False  # the proxy hands on what the client wrote
    assert asked(held, **told(mine)).status_code == 401


def test_the_gateway_that_has_seen_the_certificate_is_believed(authority: Authority, settings: Any) -> None:
    held = token(told(authority.issue("kho")))
    proof = handover.web_secret(settings.GATEWAY_FOLDER)
    assert asked(held, **{handover.FROM_GATEWAY: proof}).status_code == 200
    for wrong in ("", proof[:-1], handover.secret(settings.GATEWAY_FOLDER)):
        assert asked(held, **{handover.FROM_GATEWAY: wrong}).status_code == 401
    (settings.GATEWAY_FOLDER / "web.secret").write_text("")
    assert asked(held, **{handover.FROM_GATEWAY: ""}).status_code == 401


@pytest.mark.parametrize("shown", ["", "no certificate", "%", "-----BEGIN%20CERTIFICATE-----", "x" * 50_000])
def test_where_no_certificate_is_told_the_token_is_bound_to_none(shown: str) -> None:
    held = token({"x-client-certificate-subject": "CN=kho", "x-client-certificate": shown})
    assert "cnf" not in jwt.decode(held, options={"verify_signature": False})
    assert asked(held).status_code == 200
