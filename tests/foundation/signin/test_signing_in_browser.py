"""A person adds a passkey and signs in with it, on a phone and on a desk, with Chromium's virtual authenticator."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot
from tests.factories import make_account, make_org
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "mat-khau-rat-dai-45"


def device(page: Page) -> None:
    """Give the browser a device that unlocks passkeys without asking."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_a_passkey_from_adding_to_signing_in(request: pytest.FixtureRequest, size: str) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    make_org(kind="province")
    account: Account = make_account("binh")
    account.set_password(PASSWORD)
    account.save()
    device(page)
    page.goto("/dang-nhap?next=/tai-khoan/bao-mat")
    look(page, f"dang-nhap-{size}")
    page.get_by_label("Tên đăng nhập").fill("binh")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Bảo mật, thiết bị")).to_be_visible()
    look(page, f"bao-mat-trong-{size}")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.get_by_label("Tên của khóa").fill("Máy ở cơ quan")
    look(page, f"them-khoa-{size}")
    page.get_by_role("button", name="Tạo khóa trên thiết bị này").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    page.get_by_role("button", name="Tạo mã dự phòng").click()
    expect(page.locator(".hl-recovery li")).to_have_count(10)
    look(page, f"ma-du-phong-{size}")
    page.get_by_role("button", name="Tôi đã lưu các mã").click()
    expect(page.get_by_text("Máy ở cơ quan").first).to_be_visible()
    page.get_by_role("button", name="Bật ứng dụng tạo mã").click()
    look(page, f"ung-dung-tao-ma-{size}")
    page.goto("/tai-khoan/bao-mat")
    look(page, f"bao-mat-{size}")
    page.context.clear_cookies()
    page.goto("/dang-nhap?next=/tai-khoan/bao-mat")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page).to_have_url(re.compile(r"^[^?]*/tai-khoan/bao-mat$"))
    page.context.clear_cookies()
    page.goto("/dang-nhap?next=/tai-khoan/bao-mat")
    page.get_by_label("Tên đăng nhập").fill("binh")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Bước thứ hai")).to_be_visible()
    look(page, f"buoc-hai-{size}")
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    expect(page).to_have_url(re.compile(r"^[^?]*/tai-khoan/bao-mat$"))
