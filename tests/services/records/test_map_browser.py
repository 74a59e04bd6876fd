"""The map of a register in a real Chromium: read, looked closer at and left for a record, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.records.sample import Kept
from tests.services.records.test_map import at
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_officer_looks_closer_and_opens_a_record_by_keyboard(page_phone: Page, page_desktop: Page) -> None:
    kept = Kept()
    for number in range(14):  # a town, with wells on both sides of it
        place = at(16.80 + number % 4 * 0.0007, 107.10 + number // 4 * 0.0007)
        kept.add(f"G{number + 100}", name=f"Giếng phố {number + 1}", place=place)
    kept.add("G200", name="Giếng chùa Bích La thôn Đông, cạnh sân đình cũ", place=at(16.95, 107.22))
    kept.add("G201", name="Giếng biển Cửa Việt", place=at(16.88, 106.98))
    account = Account.objects.get(pk=kept.officer.account_id)
    for page, size in looks([(page_phone, 390), (page_desktop, 1440)]):
        sign_in(page, account)
        page.goto(kept.address(page="ban-do"))
        expect(page.get_by_text("16 bản ghi trong khung này")).to_be_visible()
        screenshot(page, f"ban-do-man-hinh-{size}", full=False)
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"ban-do-{size}")
    cluster = page.get_by_role("link", name="14 bản ghi gần nhau")
    cluster.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("14 bản ghi trong khung này")).to_be_visible()
    screenshot(page, f"ban-do-gan-{size}")
    page.get_by_role("link", name="Thu nhỏ").press("Enter")
    page.get_by_role("link", name="Xem tất cả").press("Enter")
    page.get_by_role("group", name="Bản đồ").get_by_role("link", name="Giếng biển Cửa Việt").focus()
    screenshot(page, f"ban-do-chon-{size}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Giếng biển Cửa Việt", level=1)).to_be_visible()


def test_the_filter_is_folded_so_that_the_map_is_on_the_first_screen(page_phone: Page, page_desktop: Page) -> None:
    kept = Kept()
    kept.add("G300", name="Giếng chợ", place=at(16.8, 107.1))
    kept.add("G301", name="Giếng đình", place=at(16.9, 107.2))
    for page in (page_phone, page_desktop):
        sign_in(page, Account.objects.get(pk=kept.officer.account_id))
        page.goto(kept.address(page="ban-do"))
        words = page.locator("[name=q]").last
        expect(words).to_be_hidden()
        drawing = page.locator(".hl-map__drawing").bounding_box()
        assert drawing is not None
        assert drawing["y"] + drawing["height"] / 2 < page.viewport_size["height"]  # type: ignore[index]
        page.get_by_text("Lọc danh sách").click()
        words.fill("đình")
        assert_axe_clean(page)
        words.press("Enter")
        expect(page.get_by_text("1 bản ghi trong khung này")).to_be_visible()
        expect(words).to_have_value("đình")
        expect(words).to_be_hidden()
        assert_axe_clean(page)
        page.locator(".hl-chip", has_text="đình").click()  # a filter that is on is seen, and goes by itself
        expect(page.get_by_text("2 bản ghi trong khung này")).to_be_visible()
