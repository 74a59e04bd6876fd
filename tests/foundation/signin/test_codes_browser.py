"""An official connects an app for codes, signs in with its code and with a recovery code, proves it again and takes it away."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot
from tests.factories import make_account, make_official, make_org, make_roles
from tests.thorough import looks

from .test_signing_in_browser import PASSWORD, device

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class App:
    """What the app on the phone does with the QR code: a code for each half minute, none twice (RFC 6238)."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.shown = 0

    def code(self) -> str:
        """The code of now, or, when that was used, the next, which a clock that goes a little fast would show."""
        self.shown = max(self.shown + 1, int(time.time()) // 30)
        return str(totp.format_hotp_value(totp.hotp_value(self.secret, self.shown)))


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


def sign_in(page: Page, username: str) -> None:
    page.context.clear_cookies()
    page.goto("/dang-nhap?next=/tai-khoan/bao-mat")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def let_pass(seconds: int) -> None:
    """Let what the sessions have shown be so old."""
    for row in Session.objects.all():
        held = row.get_decoded()
        for record in held.get("account_authentication_methods", ()):
            record["at"] -= seconds
        row.session_data = Session.get_session_store_class()().encode(held)
        row.save()


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_an_official_from_the_first_code_to_the_last(request: pytest.FixtureRequest, settings: Any, size: str) -> None:
    settings.SECOND_FACTOR = "officials"
    page: Page = request.getfixturevalue(f"page_{size}")
    make_roles()
    place = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    official = make_official("Lê Thị Sáu", role="clerk", org=place)
    make_account("sau", official=official, password=PASSWORD)
    sign_in(page, "sau")
    page.goto("/lam-viec/")
    expect(page.get_by_text("phải có yếu tố thứ hai")).to_be_visible()
    look(page, f"can-bo-chua-co-yeu-to-{size}")
    page.get_by_role("button", name="Bật ứng dụng tạo mã").click()
    page.get_by_text("Không quét được, hay đang dùng chính điện thoại đó?").click()
    link = page.get_by_role("link", name="Mở ứng dụng trên điện thoại này").get_attribute("href") or ""
    told = urlsplit(link)
    asked = parse_qs(told.query)
    assert (told.scheme, told.netloc, unquote(told.path), asked["issuer"]) == ("otpauth", "totp", "/sau", [place.name])
    app = App(asked["secret"][0])
    page.get_by_label("Mã xác nhận").fill("000000")
    page.get_by_role("button", name="Bật", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Mã không đúng")
    look(page, f"ung-dung-ma-sai-{size}")
    page.get_by_label("Mã xác nhận").fill(app.code())
    page.get_by_role("button", name="Bật", exact=True).click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    page.get_by_role("button", name="Tạo mã dự phòng").click()
    recovery = page.locator(".hl-recovery li").first.inner_text()
    page.get_by_role("button", name="Tôi đã lưu các mã").click()
    expect(page.get_by_text("Đang bật")).to_be_visible()
    look(page, f"bao-mat-co-ma-{size}")

    app.shown = 0  # what connected the app was no sign-in: this code still opens once
    sign_in(page, "sau")
    expect(page.get_by_role("heading", name="Bước thứ hai")).to_be_visible()
    page.goto("/lam-viec/")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    sign_in(page, "sau")
    look(page, f"buoc-hai-bang-ma-{size}")
    page.get_by_label("Mã xác nhận").fill("000000")
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã không đúng, hoặc đã dùng rồi.")
    look(page, f"buoc-hai-ma-sai-{size}")
    used = app.code()
    page.get_by_label("Mã xác nhận").fill(f"{used[:3]} {used[3:]}")
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_text("Đang bật")).to_be_visible()
    page.goto("/lam-viec/")
    expect(page).to_have_url(re.compile("/lam-viec/$"))

    sign_in(page, "sau")
    page.get_by_label("Mã xác nhận").fill(used)
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_role("alert")).to_contain_text("đã dùng rồi")
    page.get_by_text("Mất điện thoại hoặc khóa?").click()
    page.get_by_label("Mã xác nhận").fill(recovery)
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_text("Còn 9 mã chưa dùng.")).to_be_visible()

    let_pass(601)
    page.get_by_role("link", name="Bỏ ứng dụng tạo mã").click()
    expect(page.get_by_role("heading", name="Xác nhận đó là bạn")).to_be_visible()
    expect(page.get_by_label("Mật khẩu", exact=True)).to_have_count(0)
    look(page, f"xac-nhan-lai-bang-ma-{size}")
    page.get_by_label("Mã xác nhận").fill(app.code())
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_role("heading", name="Bỏ “ứng dụng tạo mã”?")).to_be_visible()
    look(page, f"bo-ung-dung-{size}")
    page.get_by_role("button", name="Bỏ", exact=True).click()
    expect(page.get_by_text("phải còn ít nhất một yếu tố thứ hai").first).to_be_visible()
    device(page)
    page.goto("/tai-khoan/bao-mat")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.get_by_label("Tên của khóa").fill("Máy ở cơ quan")
    with page.expect_navigation():  # the script goes on by itself once the key is kept
        page.get_by_role("button", name="Tạo khóa trên thiết bị này").click()
    page.goto("/tai-khoan/bao-mat")
    page.get_by_role("link", name="Đổi tên Máy ở cơ quan").click()
    look(page, f"doi-ten-khoa-{size}")
    page.get_by_label("Tên của khóa").fill("Máy ở một cửa")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Máy ở một cửa").first).to_be_visible()
    page.get_by_role("link", name="Bỏ ứng dụng tạo mã").click()
    page.get_by_role("button", name="Bỏ", exact=True).click()
    expect(page.get_by_role("button", name="Bật ứng dụng tạo mã")).to_be_visible()
    assert Account.objects.get(username="sau").authenticator_set.filter(type="totp").count() == 0
