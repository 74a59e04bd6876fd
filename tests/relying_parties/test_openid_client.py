"""npm's openid-client against our provider: pushed requests, private_key_jwt, PKCE, refresh, introspection, logout."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hienluong.foundation.sso.models import System
from tests.foundation.sso.system import registered

from .person import Person
from .running import HERE, free_port, node, running

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def system(province: str, tmp_path: Path) -> Iterator[str]:
    """The address of a system whose engineers took openid-client."""
    private = ec.generate_private_key(ec.SECP256R1())
    system, _no_secret = registered(
        proof=System.Proof.KEY,
        keys=jwt.algorithms.ECAlgorithm.to_jwk(private.public_key()),
        scopes=["profile", "email", "offline_access"],
        redirect_uris=["http://127.0.0.1/ve"],
        logout_redirects=["http://127.0.0.1/da-ra"],
        for_itself=True,
    )
    key, port = jwt.algorithms.ECAlgorithm.to_jwk(private), free_port()
    command = [node(), str(HERE / "openid_client.mjs"), str(port), province, system.client_id, key]
    with running(command, port, tmp_path / "log") as address:
        yield address


def test_signing_in_and_out_with_openid_client(system: str, province: str, person: Person) -> None:
    def says(path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(httpx.get(f"{system}{path}", timeout=60).text)
        return found

    assert person.open(f"{system}/vao").url.path == "/dang-nhap"
    arrived = person.sign_in().json()
    claims = arrived["claims"]
    assert (claims["iss"], claims["acr"]) == (province, "urn:hienluong:loa:1")
    assert set(arrived["scope"].split()) == {"openid", "profile", "email", "offline_access"}
    told = says("/nguoi")
    assert (told["sub"], told["name"], told["email"]) == (claims["sub"], "Trần Thị Bình", "binh@thu.example")
    again = says("/lam-moi")
    assert again["turned"] is True
    assert (again["claims"]["sub"], again["claims"]["sid"]) == (claims["sub"], claims["sid"])
    asked = says("/hoi")
    assert (asked["active"], asked["sub"]) == (True, claims["sub"])
    assert says("/tu-minh") == {"type": "bearer", "seconds": 900}
    assert person.open(f"{system}/vao").json()["claims"]["sub"] == claims["sub"], "nobody is asked twice"
    assert person.open(f"{system}/ra").json() == {"state": "hẹn gặp lại"}
    assert not person.is_signed_in_at_the_province()
    assert says("/hoi") == {"active": False}
    assert says("/lam-moi")["turned"] is True, "who was let in absence goes on"
    assert says("/thu-hoi") == {"active": False}
    assert says("/lam-moi")["error"] == "invalid_grant"
