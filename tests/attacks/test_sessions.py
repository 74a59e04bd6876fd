"""Sessions: nobody brings one along, keeps one that ended, or reads its cookie."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings as product
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse

from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity.models import Account
from tests.factories import TESTER, make_account
from tests.foundation.signin.test_signing_in import PASSWORD, code_of, options_on, with_codes, with_passkey

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
_COOKIES = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE")
_OTHERS = (
    "SECURE_HSTS_SECONDS",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "SECURE_REFERRER_POLICY",
    "SESSION_COOKIE_AGE",
    "DEBUG",
)


@pytest.fixture
def person() -> Account:
    account = make_account("binh")
    account.set_password(PASSWORD)
    account.save()
    return account


def key_of(client: Client) -> str:
    held = client.cookies.get(product.SESSION_COOKIE_NAME)
    return held.value if held else ""


def is_in(key: str) -> bool:
    """Whether a browser with this session, and nothing else, is somebody."""
    client = Client()
    client.cookies[product.SESSION_COOKIE_NAME] = key
    return bool(client.get("/tai-khoan/bao-mat", secure=True).status_code == 200)


def entered(client: Client) -> Any:
    return client.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)


@pytest.mark.parametrize("way", ["password", "code", "passkey"])
def test_a_session_that_was_planted_is_not_the_one_that_is_opened(person: Account, way: str) -> None:
    more = {"code": with_codes, "passkey": with_passkey}.get(way)
    secret = more(person)[1] if more else None
    client = Client()
    session = client.session
    session["planted"] = "kẻ gian"
    session.save()
    client.cookies[product.SESSION_COOKIE_NAME] = session.session_key
    planted = session.session_key
    if way == "passkey":
        options = client.get(reverse("signin:passkey_options"), secure=True).json()
        client.post(reverse("signin:passkey"), {"credential": secret.get(options)}, secure=True)
    else:
        entered(client)
    if way == "code":
        assert not is_in(planted)
        client.post(reverse("mfa_authenticate"), {"code": code_of(str(secret), 1)}, secure=True)
    assert is_in(key_of(client))
    assert key_of(client) != planted
    assert not is_in(planted)


def test_an_invented_key_is_never_taken(person: Account) -> None:
    client = Client()
    client.cookies[product.SESSION_COOKIE_NAME] = "a" * 32
    entered(client)
    assert is_in(key_of(client))
    assert key_of(client) != "a" * 32
    assert (
        client.get(f"/tai-khoan/bao-mat?{product.SESSION_COOKIE_NAME}={key_of(client)}", secure=True).status_code == 200
    )
    bare = Client().get(f"/tai-khoan/bao-mat?{product.SESSION_COOKIE_NAME}={key_of(client)}", secure=True)
    assert bare.status_code == 302, "a key in an address opens nothing"


def test_what_ended_stays_ended(person: Account) -> None:
    client = Client()
    entered(client)
    key = key_of(client)
    answer = client.get("/tai-khoan/bao-mat", secure=True)
    assert "no-store" in answer["Cache-Control"], "the button back shows nothing after signing out"
    client.post("/dang-xuat", secure=True)
    assert not is_in(key)


def test_another_account_in_the_same_browser_takes_nothing_over(person: Account) -> None:
    other = make_account("la")
    other.set_password(PASSWORD)
    other.save()
    client = Client()
    entered(client)
    session = client.session
    session["of_binh"] = "riêng"
    session.save()
    client.post("/dang-xuat", secure=True)
    client.post("/dang-nhap", {"username": "la", "password": PASSWORD}, secure=True)
    assert "of_binh" not in client.session


def test_a_pending_second_step_is_its_browsers_alone(person: Account) -> None:
    _, secret = with_codes(person)
    client = Client()
    entered(client)
    thief = Client()
    assert (
        thief.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)}, secure=True)["Location"] == "/dang-nhap"
    )
    assert thief.get("/tai-khoan/bao-mat", secure=True).status_code == 302
    assert "allowCredentials" not in json.dumps(options_on_stranger(thief))


def options_on_stranger(client: Client) -> Any:
    page = client.get("/dang-nhap", secure=True).content.decode()
    return options_on(page) if "data-hl-options" in page else {}


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    """The settings of an installation that people open over https, from a process of its own."""
    names = [*_COOKIES, *_OTHERS]
    read = "import json; from hienluong.house import settings as s; "
    code = f"{read}print(json.dumps({{n: getattr(s, n) for n in {names!r}}}))"
    env = {**os.environ, "HIENLUONG_URL": "https://dichvucong.example", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, timeout=120
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_cookies_of_production_go_over_https_and_are_not_read_by_scripts(
    production: dict[str, Any], settings: Any, person: Account
) -> None:
    assert production["SESSION_COOKIE_HTTPONLY"] is True
    assert production["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert production["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert production["DEBUG"] is False
    assert production["SECURE_REFERRER_POLICY"] == "same-origin"
    assert production["SESSION_COOKIE_AGE"] <= 12 * 3600
    for name in _COOKIES:
        setattr(settings, name, production[name])
    client = Client()
    seen: dict[str, Any] = {}
    for answer in (
        client.get("/dang-nhap", secure=True),
        entered(client),
        client.post("/ngon-ngu", {"language": "en"}, secure=True),
        client.post("/giao-dien", {"theme": "dark"}, secure=True),
        client.get("/ho-so", secure=True),
        client.get("/tai-khoan/bao-mat", secure=True),
    ):
        seen |= answer.cookies
    assert {"sessionid", "csrftoken", "hl_browser", "hl_language", "hl_theme"} <= set(seen)
    read_by_scripts = {name for name, cookie in seen.items() if not cookie["httponly"]}
    assert read_by_scripts <= {"csrftoken", "hl_language", "hl_theme"}
    for name, cookie in seen.items():
        assert cookie["secure"], name
        assert cookie["samesite"] in ("Lax", "Strict"), name
        assert not cookie["domain"], f"{name} goes to neighbours, too"


def older(client: Client, *, opened: int = 0, seen: int = 0) -> None:
    """Let a session have been opened, and last used, so many seconds before."""
    session = client.session
    session["signin_opened"] -= opened
    session["signin_seen"] -= seen
    session.save()


def test_a_session_ends_unused_and_in_any_case_at_the_end_of_the_day(person: Account) -> None:
    for opened, seen, stays in (
        (product.SESSION_LASTS - 60, product.SESSION_IDLE - 60, True),
        (product.SESSION_IDLE + 60, product.SESSION_IDLE + 60, False),
        (product.SESSION_LASTS + 60, 10, False),
    ):
        client = Client()
        entered(client)
        key = key_of(client)
        older(client, opened=opened, seen=seen)
        answer = client.get("/tai-khoan/bao-mat", secure=True)
        assert (answer.status_code == 200) is stays, (opened, seen)
        assert is_in(key) is stays
    client = Client()
    entered(client)
    older(client, seen=product.SESSION_IDLE - 60)
    client.get("/tai-khoan/bao-mat", secure=True)
    older(client, seen=product.SESSION_IDLE - 60)
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 200, "who goes on working goes on"


def test_ending_sessions_asks_for_a_fresh_proof(person: Account) -> None:
    mine, other = Client(), Client()
    entered(mine)
    entered(other)
    session = mine.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 601
    session.save()
    held = UserSession.objects.exclude(session_key=key_of(mine)).get()
    for address in (reverse("signin:end_session", args=[held.pk]), reverse("signin:end_other_sessions")):
        assert mine.post(address, secure=True)["Location"].startswith(reverse("signin:confirm"))
    assert is_in(key_of(other))


def test_a_reset_password_opens_nothing_without_the_second_factor(person: Account) -> None:
    with_codes(person)
    given = accounts.reset_password(TESTER, account=person, reason="Quên")
    client = Client()
    answer = client.post("/dang-nhap", {"username": "binh", "password": given}, secure=True)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 302


def test_seeds_and_keys_are_long_and_differ() -> None:
    challenges = {
        Client().get(reverse("signin:passkey_options"), secure=True).json()["publicKey"]["challenge"] for _ in range(20)
    }
    assert len(challenges) == 20
    assert all(len(each) * 6 >= 128 for each in challenges)
    keys = {SessionStore()._get_new_session_key() for _ in range(20)}
    assert len(keys) == 20
    assert all(len(key) >= 32 for key in keys)
    seeds = {generate_totp_secret() for _ in range(20)}
    assert len(seeds) == 20
    assert all(len(seed) * 5 >= 160 for seed in seeds)
