"""A system that signs people in here, as raw HTTP: what its engineers would write without a library."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from django.conf import settings
from django.test import Client

from hienluong.foundation.actions import Actor
from hienluong.foundation.sso import actions
from hienluong.foundation.sso.models import System
from tests.factories import make_org

BACK = "https://he-thong.example/quay-lai"
OUT = "https://he-thong.example/da-ra"
ROOT = Actor(kind="system", label="kiểm thử")
#: Of the people who sign in.
PASSWORD = "mat-khau-rat-dai-45"


def registered(**changes: Any) -> tuple[System, str]:
    """A system of a department, which asks for everything a person may give."""
    told: dict[str, Any] = {
        "owner": changes.pop("owner", None) or make_org(),
        "name": "Kho tài liệu",
        "purpose": "Xem tài liệu lưu trữ của cơ quan.",
        "contact_name": "Trần Thị Kỹ",
        "contact_email": "ky@so.example",
        "scopes": ["profile", "organisation", "offline_access"],
        "redirect_uris": [BACK],
        "logout_redirects": [OUT],
        "proof": System.Proof.BASIC,
        **changes,
    }
    return actions.register(ROOT, **told)


class Flow:
    """One sign-in at a system, with the browser of a person."""

    def __init__(self, system: System, secret: str, browser: Client, **params: str) -> None:
        self.system, self.secret, self.browser = system, secret, browser
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.params = {
            "client_id": system.client_id,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "openid profile",
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **params,
        }

    def ask(self, **changes: str | None) -> Any:
        """Open the authorisation endpoint."""
        params = {name: value for name, value in {**self.params, **changes}.items() if value is not None}
        return self.browser.get("/sso/dang-nhap", params, secure=True)

    def allow(self, decision: str = "allow") -> Any:
        """Decide on the consent page."""
        query = "&".join(f"{name}={jwt.utils.force_bytes(value).decode()}" for name, value in self.params.items())
        return self.browser.post(f"/sso/dang-nhap?{query}", {"decision": decision}, secure=True)

    def code(self) -> str:
        """A code, consenting when asked."""
        answer = self.ask()
        if answer.status_code == 200:
            answer = self.allow()
        said = told(answer)
        assert said["state"] == self.params["state"]
        assert said["iss"] == settings.BASE_URL
        return said["code"]

    def exchange(self, code: str, **changes: str | None) -> Any:
        """Exchange a code for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.post("/sso/ma", {name: value for name, value in form.items() if value is not None})

    def refresh(self, token: str) -> Any:
        """Exchange a refresh token."""
        return self.post("/sso/ma", {"grant_type": "refresh_token", "refresh_token": token})

    def claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """What the ID token says, verified."""
        return verified(tokens["id_token"], self.system.client_id)

    def sign_in(self, answer: Any) -> Any:
        """Show the password where an answer of the authorisation endpoint leads, and come back to that endpoint."""
        assert answer.status_code == 302, answer.content[:2000]
        again = self.browser.post(answer["Location"], {"username": "binh", "password": PASSWORD}, secure=True)
        return self.browser.get(again["Location"], secure=True)

    def logout(self, **params: str) -> Any:
        """Send the person to the endpoint where sessions end."""
        return self.browser.get("/sso/dang-xuat", params, secure=True)

    def is_out(self) -> bool:
        """Whether the session here has ended, asked as a system may ask it."""
        return told(self.ask(prompt="none")).get("error") == "login_required"

    def post(self, path: str, form: dict[str, Any]) -> Any:
        """A request of the system itself, without the person's browser, with its password."""
        headers = {"authorization": basic(self.system.client_id, self.secret)} if self.secret else {}
        return Client(headers=headers).post(path, form, secure=True)

    def tokens(self) -> dict[str, Any]:
        """The whole way, to the tokens."""
        answer = self.exchange(self.code())
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found


def userinfo(token: str, **more: str) -> Any:
    """What a system may know of the person of an access token."""
    return Client(headers={"authorization": f"Bearer {token}"}).get("/sso/nguoi-dung", more, secure=True)


def aged(browser: Client, seconds: int) -> None:
    """Let what this browser's session has shown be so old."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= seconds
    session.save()


def basic(name: str, secret: str) -> str:
    """The header of HTTP Basic."""
    import base64

    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def told(answer: Any) -> dict[str, str]:
    """What a redirect to the system says."""
    assert answer.status_code == 302, (answer.status_code, answer.content[:2000])
    parts = urlsplit(answer["Location"])
    assert answer["Location"].startswith(BACK), answer["Location"]
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def verified(token: str, audience: str) -> dict[str, Any]:
    """The claims of a token, verified with the keys we publish."""
    keys = jwt.PyJWKSet.from_dict(Client().get("/sso/khoa.json", secure=True).json())
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in keys.keys if key.key_id == kid)
    claims: dict[str, Any] = jwt.decode(
        token, key.key, algorithms=["RS256"], audience=audience, issuer=settings.BASE_URL
    )
    return claims
