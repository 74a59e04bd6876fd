"""A system asks for more than was shown: the person proves it once more, with a passkey in a real Chromium, or is told."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot
from tests.factories import make_org
from tests.foundation.signin.test_signing_in_browser import device
from tests.thorough import looks

from .system import PASSWORD, Flow, registered, verified

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


class System:
    """A system in whose browser window the person is."""

    def __init__(self, page: Page, back: str, **changes: Any) -> None:
        system, secret = registered(redirect_uris=[back], scopes=["profile"], trusted=True, **changes)
        self.page, self.back = page, back
        self.flow = Flow(system, secret, None, redirect_uri=back)  # type: ignore[arg-type]

    def ask(self, **more: str) -> None:
        """Send the person to sign in."""
        self.flow.params.update(state=secrets.token_urlsafe(8), nonce=secrets.token_urlsafe(8))
        self.page.goto(f"/sso/dang-nhap?{urlencode({**self.flow.params, **more})}")

    def told(self) -> dict[str, str]:
        """What came back with the person."""
        self.page.wait_for_url(re.compile(rf"^{re.escape(self.back)}\?"))
        found = {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}
        assert found["state"] == self.flow.params["state"]
        return found

    def claims(self) -> dict[str, Any]:
        """What the ID token says of the one who came back."""
        answer = self.flow.exchange(self.told()["code"], redirect_uri=self.back)
        return verified(answer.json()["id_token"], self.flow.system.client_id)


def let_pass(seconds: int) -> None:
    """Let what the session has shown be so old."""
    row = Session.objects.get()
    held = row.get_decoded()
    for record in held["account_authentication_methods"]:
        record["at"] -= seconds
    row.session_data = Session.get_session_store_class()().encode(held)
    row.save()


@pytest.mark.parametrize("size", looks(["phone", "desktop"], 1))
def test_from_the_password_to_the_passkey_that_a_system_asks_for(
    request: pytest.FixtureRequest, live_server: Any, settings: Any, back: str, person: Account, size: str
) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    settings.BASE_URL = live_server.url
    province = make_org(kind="province")
    plain = System(page, back, owner=province, name="Thư viện tỉnh")
    strict = System(page, back, owner=province, name="Sổ hộ tịch", level=2)
    device(page)
    plain.ask()
    page.get_by_label("Tên đăng nhập").fill("binh")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    assert plain.claims()["acr"] == "urn:hienluong:loa:1"

    strict.ask()
    expect(page.get_by_role("heading", name="Xác nhận đó là bạn")).to_be_visible()
    expect(page.get_by_text("cần chắc chắn hơn rằng đó là bạn")).to_be_visible()
    look(page, f"nang-muc-bang-mat-khau-{size}")
    page.get_by_label("Mật khẩu", exact=True).fill("khong-phai-mat-khau")
    page.get_by_role("button", name="Xác nhận", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Mật khẩu không đúng.")
    look(page, f"nang-muc-mat-khau-sai-{size}")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận", exact=True).click()
    assert strict.told()["error"] == "unmet_authentication_requirements"

    page.goto("/tai-khoan/bao-mat")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.get_by_role("button", name="Tạo khóa trên thiết bị này").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    strict.ask()
    expect(page.get_by_role("heading", name="Xác nhận đó là bạn")).to_be_visible()
    expect(page.get_by_label("Mật khẩu", exact=True)).to_have_count(0)
    look(page, f"nang-muc-bang-khoa-{size}")
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    claims = strict.claims()
    assert (claims["acr"], claims["amr"]) == ("urn:hienluong:loa:3", ["pwd", "hwk", "mfa"])
    assert abs(claims["auth_time"] - time.time()) < 60

    strict.ask()  # what was shown once is not asked for again …
    assert strict.claims()["acr"] == "urn:hienluong:loa:3"
    let_pass(3600)
    strict.ask(max_age="600")  # … until a system wants it fresh
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    assert abs(strict.claims()["auth_time"] - time.time()) < 60
    plain.ask(prompt="login")
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    assert plain.claims()["acr"] == "urn:hienluong:loa:3"
