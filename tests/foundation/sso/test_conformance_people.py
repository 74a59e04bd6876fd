"""The basic plan of the OpenID Foundation: who is there, asked how, in which language (docs/engineers/conformance.md)."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from hienluong.foundation.sso.server import signed
from tests.factories import make_account

from .system import Flow, aged, told

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def enters(rp: Flow, **params: str) -> str:
    """A stranger is asked to sign in, and goes on to the system; the page that asked."""
    rp.params.update(params)
    answer = rp.ask()
    assert answer.status_code == 302
    page = rp.browser.get(answer["Location"], secure=True)
    assert page.status_code == 200
    assert told(rp.sign_in(answer))["code"]
    return page.content.decode()


def again(rp: Flow, **params: str) -> None:
    """A second sign-in that nobody sees: the same person, and no newer proof."""
    first = rp.claims(rp.tokens())
    rp.params.update(params)
    second = rp.claims(rp.tokens())
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def proves_again(rp: Flow, **params: str) -> None:
    """A second sign-in for which the person shows the password once more."""
    first = rp.claims(rp.tokens())
    aged(rp.browser, 2)
    rp.params.update(params)
    answer = rp.ask()
    assert answer["Location"].startswith("/tai-khoan/xac-nhan?next=")
    code = told(rp.sign_in(answer))["code"]
    second = rp.claims(rp.exchange(code).json())
    assert second["sub"] == first["sub"]
    assert second["auth_time"] > first["auth_time"] - 2
    assert abs(second["auth_time"] - time.time()) < 5


def test_oidcc_display_page(stranger_rp: Flow) -> None:
    assert 'name="password"' in enters(stranger_rp, display="page")


def test_oidcc_display_popup(stranger_rp: Flow) -> None:
    assert 'name="password"' in enters(stranger_rp, display="popup")


def test_oidcc_prompt_login(rp: Flow) -> None:
    proves_again(rp, prompt="login")


def test_oidcc_prompt_none_not_logged_in(stranger_rp: Flow) -> None:
    stranger_rp.params["state"] = "s" * 128
    said = told(stranger_rp.ask(prompt="none"))
    assert (said["error"], said["state"]) == ("login_required", "s" * 128)


def test_oidcc_prompt_none_logged_in(rp: Flow) -> None:
    again(rp, prompt="none")


def test_oidcc_max_age_1(rp: Flow) -> None:
    aged(rp.browser, 2)
    assert told(rp.ask(max_age="1", prompt="none"))["error"] == "login_required"
    proves_again(rp, max_age="1")


def test_oidcc_max_age_10000(rp: Flow) -> None:
    rp.params["max_age"] = "15000"
    again(rp, max_age="10000")


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(rp: Flow) -> None:
    again(rp, extra="foobar")


def test_oidcc_id_token_hint(rp: Flow) -> None:
    claims = rp.claims(rp.tokens())
    old = {**claims, "iat": claims["iat"] - 90_000, "exp": claims["iat"] - 86_400}
    again(rp, prompt="none", id_token_hint=signed(old, "JWT"))  # it says who is meant, however old it is
    for wrong in (signed({**claims, "sub": "khac"}, "JWT"), signed({**claims, "aud": "khac"}, "JWT"), "khong-phai"):
        assert told(rp.ask(id_token_hint=wrong))["error"] == "login_required"
    assert told(rp.ask(claims='{"id_token": {"sub": {"value": "khac"}}}'))["error"] == "login_required"
    mine = signed(claims, "JWT")
    rp.browser = Client()
    assert told(rp.ask(prompt="none", id_token_hint=mine))["error"] == "login_required"
    del rp.params["prompt"]
    assert rp.ask(id_token_hint=mine)["Location"].startswith("/dang-nhap?next="), "who is meant can still come"
    rp.browser.force_login(make_account("la"))
    assert told(rp.ask(id_token_hint=mine))["error"] == "login_required", "another is here"


def test_oidcc_login_hint(stranger_rp: Flow) -> None:
    enters(stranger_rp, login_hint="buffy@tinh.example")


def test_oidcc_ui_locales(stranger_rp: Flow) -> None:
    assert "Đăng nhập" in enters(stranger_rp, ui_locales="se")
    stranger_rp.browser = Client()
    assert '<html lang="en"' in enters(stranger_rp, ui_locales="se en-GB vi")
    stranger_rp.browser = Client()
    stranger_rp.browser.cookies["hl_language"] = "vi"
    assert '<html lang="vi"' in enters(stranger_rp), "who has chosen keeps the language"


def test_oidcc_claims_locales(rp: Flow) -> None:
    again(rp, claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(rp: Flow) -> None:
    offered = Client().get("/.well-known/openid-configuration", secure=True).json()["acr_values_supported"]
    assert len(offered) == 3
    rp.params["acr_values"] = " ".join(reversed(offered))
    assert rp.claims(rp.tokens())["acr"] in offered, "any of them will do"
