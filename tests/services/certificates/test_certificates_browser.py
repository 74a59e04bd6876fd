"""A leader in a real Chromium: issues a certificate, suspends it, finds it in the list; everybody sees how it stands."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import Food

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_leader_issues_and_suspends_and_everybody_sees_it(transactional_db: None, page_desktop: Page) -> None:
    food, page = Food(), page_desktop
    sign_in(page, Account.objects.get(pk=food.leader.account_id))
    page.goto(f"/lam-viec/co-so-du-lieu/thu.co_so/{food.shop.pk}")
    page.get_by_role("button", name="Cấp giấy").click()
    assert_axe_clean(page)
    page.get_by_role("button", name="Cấp giấy").click()
    expect(page.get_by_text("Giấy đang được ký số")).to_be_visible()
    page.get_by_role("button", name="Đình chỉ, tạm ngừng").click()
    page.get_by_role("button", name="Đình chỉ, tạm ngừng").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_be_visible()
    page.get_by_label("Lý do, căn cứ").fill("Biên bản kiểm tra số 3")
    page.get_by_role("button", name="Đình chỉ, tạm ngừng").click()
    expect(page.get_by_role("button", name="Cho hoạt động lại")).to_be_visible()
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert_no_sideways_scroll(page)
        assert_axe_clean(page)
        screenshot(page, f"certificate-record-{width}")
    page.goto("/lam-viec/co-so-du-lieu/thu.co_so?giay=suspended")
    expect(page.get_by_role("link", name="Quán cơm Thu")).to_be_visible()
    assert_axe_clean(page)
    page.goto(f"/co-so-du-lieu/thu.co_so/{food.shop.pk}")
    expect(page.get_by_text("Bị đình chỉ").first).to_be_visible()
    assert_axe_clean(page)
    screenshot(page, "certificate-public")
