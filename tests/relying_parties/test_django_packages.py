"""mozilla-django-oidc and Authlib against our provider, in one small Django project."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hienluong.foundation.sso.models import System
from tests.foundation.sso.system import registered

from .person import Person
from .running import HERE, free_port, running

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(province: str, tmp_path: Path) -> Iterator[str]:
    """The address of the project."""
    port = free_port()
    out = ["http://127.0.0.1/da-ra"]
    mozilla, one = registered(
        name="mozilla-django-oidc",
        proof=System.Proof.POST,
        scopes=["profile", "email"],
        redirect_uris=["http://127.0.0.1/oidc/callback/"],
        logout_redirects=out,
    )
    authlib, other = registered(
        name="Authlib",
        scopes=["profile", "offline_access"],
        redirect_uris=["http://127.0.0.1/authlib/ve"],
        logout_redirects=out,
    )
    clients = {"mozilla": [mozilla.client_id, one], "authlib": [authlib.client_id, other]}
    told = json.dumps({"port": port, "issuer": province, "renew": 1, **clients})
    command = [sys.executable, "-W", "ignore", str(HERE / "django_project.py"), told]
    with running(command, port, tmp_path / "log") as address:
        yield address


def test_signing_in_and_out_with_two_packages_of_one_project(project: str, province: str, person: Person) -> None:
    person.open(f"{project}/oidc/authenticate/")
    here = person.sign_in().json()
    assert here["email"] == "binh@thu.example"
    again = person.open(f"{project}/toi")
    while again.json()["until"] == here["until"]:  # its session is a second long, then it asks with prompt=none
        again = person.open(f"{project}/toi")
    assert any(
        f"{province}/sso/dang-nhap" in str(step.url) and "prompt=none" in str(step.url) for step in again.history
    )
    assert again.json()["email"] == "binh@thu.example"

    claims = person.open(f"{project}/authlib/vao")
    assert "Authlib" in claims.text, "signed in already: only asked for consent"
    claims = person.press("Đồng ý").json()["claims"]
    assert claims["iss"] == province
    told = person.open(f"{project}/authlib/nguoi").json()
    assert (told["sub"], told["name"]) == (claims["sub"], "Trần Thị Bình")
    assert person.open(f"{project}/authlib/lam-moi").json() == {"turned": True}
    assert person.open(f"{project}/authlib/nguoi").json()["sub"] == claims["sub"]
    assert person.open(f"{project}/authlib/ra").json() == {"left": True, "state": "xong"}
    assert not person.is_signed_in_at_the_province()

    person.open(f"{project}/oidc/authenticate/")
    person.press("Đăng nhập", username="binh", password="mat-khau-rat-dai-45")
    person.open(f"{project}/nut-ra")
    assert person.press("Ra").json()["left"] is True
    assert not person.is_signed_in_at_the_province()
