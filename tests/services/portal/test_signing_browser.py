"""Signing by drawing in a real Chromium: by touch or mouse, wiped and drawn again, sent as a picture."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.portal.test_signatures import Filing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def draw(page: Page) -> None:
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 20 + step * 22, box["y"] + (30 if step % 2 else 80))
    page.mouse.up()


def test_a_signature_is_drawn_wiped_and_drawn_again(page_phone: Page) -> None:
    filing, page = Filing(), page_phone
    sign_in(page, Account.objects.get(pk=filing.province.account.pk))
    page.goto(f"/nop/{filing.draft.pk}/ly-do")
    count = "() => document.querySelector('input[type=file]').files.length"
    page.locator("canvas").scroll_into_view_if_needed()
    draw(page)
    expect(page.get_by_text("Đã nhận chữ ký")).to_have_count(1)
    assert page.evaluate(count) == 1
    page.get_by_role("button", name="Xóa để ký lại").click()
    assert page.evaluate(count) == 0
    draw(page)
    expect(page.get_by_text("Đã nhận chữ ký")).to_have_count(1)
    assert page.evaluate(count) == 1
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, "ky-ten-phone")
    page.get_by_label("Lý do").first.fill("Sửa")
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_url(lambda url: not url.endswith("/ly-do"))
    page.goto(f"/nop/{filing.draft.pk}/kiem-tra")
    expect(page.get_by_role("img", name="chu-ky.png")).to_be_visible()
    assert_axe_clean(page)
    screenshot(page, "ky-ten-kiem-tra-phone")
