"""An official who goes away lends powers at the desk; the one who acts for them uses them on a phone until they are taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.audit.models import Entry
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official, make_org, make_roles
from tests.foundation.administrators import written

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ACCOUNTS = "/quan-tri/tai-khoan"


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


def a_day(page: Page, name: str, days: int) -> None:
    for suffix, part in zip(("day", "month", "year"), written(days).split("/"), strict=True):
        page.locator(f"#id_{name}_{suffix}").fill(part)


def status_of(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def test_from_lending_powers_to_taking_them_back(page_desktop: Page, page_phone: Page) -> None:
    make_roles()
    place = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    boss = make_official("Bà Quản Trị", role="admin", title="Quản trị", org=place)
    deputy = make_account(official=make_official("Ông Làm Thay", role="officer", org=place))
    gone = make_account("da-nghi", official=make_official("Cô Đã Nghỉ", role="clerk", org=place))
    desk, phone = page_desktop, page_phone
    sign_in(phone, deputy)
    assert status_of(phone, ACCOUNTS) == 403
    sign_in(desk, make_account(official=boss))
    desk.goto("/tai-khoan/uy-quyen")
    look(desk, "uy-quyen-chua-co-1440")
    desk.get_by_role("button", name="Ủy quyền cho người khác").click()
    desk.get_by_label("Ủy quyền cho").fill("Không Có Ai")
    desk.get_by_label("Quản lý tài khoản và vai trò").check()
    a_day(desk, "valid_from", 0)
    a_day(desk, "valid_to", 7)
    desk.get_by_label("Lý do").fill("Đi công tác")
    desk.get_by_role("button", name="Ủy quyền", exact=True).click()
    expect(desk.get_by_role("alert").first).to_be_visible()
    expect(desk.get_by_label("Quản lý tài khoản và vai trò")).to_be_checked()
    look(desk, "uy-quyen-sai-ten-1440")
    desk.get_by_label("Ủy quyền cho").fill("Ông Làm Thay")
    desk.get_by_role("button", name="Ủy quyền", exact=True).click()
    expect(desk.get_by_text("Đang hiệu lực")).to_be_visible()
    look(desk, "da-uy-quyen-1440")

    phone.goto("/tai-khoan/uy-quyen")
    expect(phone.get_by_text("Bạn đang làm thay.")).to_contain_text("Bà Quản Trị")
    look(phone, "duoc-uy-quyen-390")
    phone.goto(f"{ACCOUNTS}/{gone.pk}")
    expect(phone.get_by_text("Bạn đang làm thay.")).to_be_visible()
    look(phone, "lam-thay-tai-khoan-390")
    phone.get_by_role("button", name="Khóa tài khoản").click()
    phone.get_by_label("Lý do").fill("Đã nghỉ việc")
    phone.get_by_role("button", name="Khóa tài khoản").click()
    expect(phone.get_by_text("Đã khóa").first).to_be_visible()
    gone.refresh_from_db()
    assert not gone.is_active
    entry = Entry.objects.get(verb="identity.deactivate")
    assert entry.actor_id == deputy.pk
    assert "Bà Quản Trị" in entry.after["acting_for"]
    assert status_of(phone, "/quan-tri/lich-lam-viec/ngay-moi") == 403, "what was not lent stays closed"

    desk.reload()
    desk.get_by_role("link", name="Thu hồi Ông Làm Thay").click()
    look(desk, "thu-hoi-uy-quyen-1440")
    desk.get_by_role("button", name="Thu hồi").click()
    expect(desk.get_by_text("Đã thu hồi", exact=True)).to_be_visible()
    assert status_of(phone, ACCOUNTS) == 403
    phone.goto("/tai-khoan/uy-quyen")
    expect(phone.get_by_text("Bạn đang làm thay.")).to_have_count(0)
    look(phone, "het-uy-quyen-390")
