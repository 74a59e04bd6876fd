"""From a clerk's check of a card to a new way in on an old phone, and the stop link, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from tests.browser import PHONE, assert_axe_clean, assert_no_sideways_scroll, new_page, screenshot, sign_in
from tests.factories import make_account, make_citizen, make_official, make_org, make_roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER, NEW = "045190001234", "con-bo-an-co-ngoai-dong-9"
CARD = f"{NUMBER}||Lê Văn Bình|02031990|Nam|Thôn 2, xã Gio Linh, tỉnh Quảng Trị|15042021"


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def test_recovery_at_the_counter_and_on_a_phone_without_scripts(
    page_desktop: Page, browser: Browser, live_server: object
) -> None:
    make_roles()
    province = make_org(kind="province")
    counter = make_org("Trung tâm PVHCC xã Gio Linh", kind="service_centre", parent=province)
    person: Account = make_account("binh", party=make_citizen("Lê Văn Bình", identifier=NUMBER))
    clerk, desk = make_account(official=make_official(role="clerk", org=counter)), page_desktop
    sign_in(desk, clerk)
    desk.goto("/tai-quay")
    look(desk, "tai-quay")
    desk.get_by_role("link", name="Khôi phục tài khoản", exact=True).first.click()
    desk.get_by_role("textbox", name="Mã QR trên thẻ").fill(CARD)
    desk.keyboard.press("Enter")  # as a scanner does
    expect(desk.get_by_label("Họ và tên", exact=True)).to_have_value("Lê Văn Bình")
    desk.get_by_role("textbox", name="Mã QR trên thẻ").fill(CARD)
    look(desk, "tai-quay-khoi-phuc")
    desk.get_by_role("button", name="Đã kiểm tra, in mã").click()
    code = desk.locator(".hl-code").inner_text()
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", code)
    look(desk, "tai-quay-ma")

    phone = new_page(browser, live_server, PHONE, java_script_enabled=False, has_touch=True, is_mobile=True)
    phone.goto("/dang-nhap")
    phone.get_by_role("link", name="Quên mật khẩu").click()
    phone.get_by_role("button", name="Nhập mã một lần").click()
    phone.get_by_label("Mã một lần").fill(code.upper())
    phone.get_by_label("Số định danh cá nhân, hoặc tên đăng nhập").fill("045190000000")
    phone.get_by_role("button", name="Tiếp tục").click()
    expect(phone.get_by_role("alert")).to_contain_text("không khớp")
    phone.get_by_label("Số định danh cá nhân, hoặc tên đăng nhập").fill(NUMBER)
    phone.get_by_role("button", name="Tiếp tục").click()
    phone.get_by_label("Mật khẩu mới", exact=True).fill(NEW)
    phone.get_by_label("Nhập lại mật khẩu mới").fill(NEW)
    screenshot(phone, "dat-lai-390")
    phone.get_by_role("button", name="Đặt mật khẩu").click()
    expect(phone.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    phone.context.close()

    owner = new_page(browser, live_server, PHONE)
    for path, name in (("/khoi-phuc", "khoi-phuc"), ("/khoi-phuc/bang-ma", "hai-ma"), ("/vao-tai-khoan", "nhap-ma")):
        owner.goto(path)
        look(owner, f"{name}-390")
    owner.goto(Notification.objects.filter(account=person, key__startswith="recovery:begun").latest("pk").href)
    look(owner, "khong-phai-toi-390")
    owner.get_by_role("button", name="Không phải tôi, chặn ngay").click()
    expect(owner.get_by_role("heading", name="Đã chặn")).to_be_visible()
    look(owner, "da-chan-390")
    owner.context.close()
    person.refresh_from_db()
    assert not person.has_usable_password()
