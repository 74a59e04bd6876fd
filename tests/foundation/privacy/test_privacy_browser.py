"""A person decides purpose by purpose, takes a copy of their data and closes the account, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.foundation.privacy import tasks
from hienluong.foundation.privacy.models import Export
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot
from tests.factories import make_account, make_citizen, make_org
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "mat-khau-rat-dai-45"


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_ones_own_data_in_ones_own_hands(request: pytest.FixtureRequest, size: str) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    make_org("UBND tỉnh Quảng Trị", kind="province", code="H50")
    account: Account = make_account("binh", party=make_citizen("Nguyễn Thị Bình"))
    account.set_password(PASSWORD)
    account.save()
    page.goto("/dang-nhap?next=/tai-khoan/dong-y")
    page.get_by_label("Tên đăng nhập").fill("binh")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Đồng ý của tôi")).to_be_visible()
    assert page.locator("input:checked").count() == 0
    look(page, f"dong-y-{size}")
    page.get_by_role("button", name="Đồng ý Nhận lời nhắc qua thư điện tử").click()
    expect(page.get_by_text("Bạn đã đồng ý").first).to_be_visible()
    page.get_by_role("button", name="Phản đối Điền sẵn đơn").click()
    expect(page.get_by_text("Bạn phản đối").first).to_be_visible()
    look(page, f"dong-y-da-chon-{size}")
    page.reload()  # without the message that lies over the end of a short screen
    page.get_by_text("Những lần bạn đã quyết định").click()
    page.get_by_role("link", name="Đồng ý, Nhận lời nhắc").click()
    look(page, f"dong-y-mot-lan-{size}")
    page.goto("/tai-khoan/du-lieu-cua-toi")
    page.get_by_role("button", name="Lấy bản sao dữ liệu").click()
    look(page, f"lay-ban-sao-{size}")
    page.get_by_role("button", name="Yêu cầu bản sao").click()
    expect(page.get_by_text("Đang làm")).to_be_visible()
    tasks.make_export(Export.objects.get().pk)
    page.reload()
    look(page, f"du-lieu-cua-toi-{size}")
    with page.expect_download() as got:
        page.get_by_role("link", name="Tải về").click()
    assert got.value.suggested_filename.startswith("du-lieu-cua-toi-")
    page.get_by_role("link", name="Đóng tài khoản").click()
    look(page, f"dong-tai-khoan-{size}")
    page.get_by_role("button", name="Đóng tài khoản").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, f"dong-tai-khoan-thieu-{size}")
    page.get_by_label("Tôi đã hiểu").check()
    page.get_by_role("button", name="Đóng tài khoản").click()
    expect(page.get_by_role("button", name="Giữ lại tài khoản")).to_be_visible()
    look(page, f"dang-cho-dong-{size}")
    page.get_by_role("button", name="Giữ lại tài khoản").click()
    expect(page.get_by_text("Đã giữ lại tài khoản")).to_be_visible()
