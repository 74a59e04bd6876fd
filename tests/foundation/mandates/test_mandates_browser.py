"""A director appoints, the appointed accepts and works for the enterprise, the director withdraws; on a phone and a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_citizen, make_enterprise, make_org
from tests.foundation.administrators import written

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def a_day(page: Page, name: str, days: int) -> None:
    for suffix, part in zip(("day", "month", "year"), written(days).split("/"), strict=True):
        page.locator(f"#id_{name}_{suffix}").fill(part)


def test_representing_an_enterprise(page_desktop: Page, page_phone: Page) -> None:
    make_org(kind="province")
    director = make_account("giamdoc", party=make_citizen("Trần Văn Giám Đốc"))
    clerk = make_account("ketoan", party=make_citizen("Lê Thị Kế Toán", identifier="045190004444"))
    make_enterprise("Công ty TNHH Bến Hải", representative=director.party)
    desk, phone = page_desktop, page_phone
    desk.goto("/dang-nhap?next=/dai-dien")
    desk.get_by_label("Tên đăng nhập").fill("giamdoc")
    desk.get_by_label("Mật khẩu", exact=True).fill("Mat-khau-thu-2026")
    desk.get_by_role("button", name="Đăng nhập", exact=True).click()
    look(desk, "dai-dien-1440")
    desk.get_by_role("link", name="Xem, cử người làm thay").click()
    desk.get_by_role("button", name="Cử người đại diện").click()
    desk.get_by_label("Họ và tên").fill("Lê Thị Kế Toán")
    desk.get_by_label("Số định danh cá nhân").fill("045190004444")
    desk.get_by_label("Chức danh, việc được giao").fill("Kế toán")
    desk.get_by_label("Nộp phí, lệ phí").check()
    desk.get_by_label("Mỗi lần nộp không quá").fill("500.000")
    a_day(desk, "valid_from", 0)
    a_day(desk, "valid_to", 30)
    look(desk, "cu-nguoi-dai-dien-1440")
    desk.get_by_role("button", name="Gửi lời cử").click()
    expect(desk.get_by_text("Chờ người được cử đồng ý")).to_be_visible()
    look(desk, "nguoi-duoc-cu-1440")
    sign_in(phone, clerk)
    phone.goto("/dai-dien")
    look(phone, "loi-cu-cho-390")
    phone.get_by_role("link", name="Công ty TNHH Bến Hải").click()
    expect(phone.get_by_text("500.000")).to_be_visible()
    look(phone, "loi-cu-390")
    phone.get_by_role("button", name="Đồng ý").click()
    phone.get_by_role("button", name="Làm việc thay").click()
    phone.goto("/dai-dien")
    expect(phone.get_by_role("complementary", name="Làm thay")).to_contain_text("Công ty TNHH Bến Hải (Kế toán)")
    look(phone, "lam-thay-390")
    desk.reload()
    desk.get_by_role("link", name="Rút lại").click()
    look(desk, "rut-lai-1440")
    desk.get_by_role("button", name="Chấm dứt ngay").click()
    phone.reload()
    expect(phone.get_by_text("không còn đại diện").first).to_be_visible()
    expect(phone.get_by_role("complementary", name="Làm thay")).to_have_count(0)
