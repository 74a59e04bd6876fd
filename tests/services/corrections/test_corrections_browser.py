"""A request to correct data in a real Chromium: the clerk takes longer and says why, the person reads it and the terms."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import actor_for_role
from tests.services.dossiers.askonce import Town

from .test_corrections import LIST, MINE, ask

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_request_to_more_time_on_a_desk_and_a_phone(
    transactional_db: None, page_desktop: Page, page_phone: Page
) -> None:
    town = Town()
    head = actor_for_role("head", town.province.commune)
    clerk, citizen = (Account.objects.get(pk=who.account_id) for who in (head, town.province.citizen))
    for page, size, key in ((page_desktop, 1440, "G001"), (page_phone, 390, "G002")):
        asked = ask(town, town.well(key))
        sign_in(page, clerk)
        page.goto(LIST)
        expect(page.get_by_text("phản hồi trước").first).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        page.get_by_role("link", name=asked.code).click()
        expect(page.get_by_text("Nghị định 356/2025/NĐ-CP, khoản 3 Điều 5")).to_be_visible()
        assert_axe_clean(page)
        screenshot(page, f"corrections-decide-{size}")
        page.get_by_label("Gia hạn một lần, báo lý do cho người dân").check()
        page.get_by_label("Khi gia hạn: thêm mấy ngày").fill("12")
        page.get_by_label("Lý do, căn cứ").fill("Phải đối chiếu bản gốc ở kho")
        page.get_by_role("button", name="Ghi quyết định").click()
        expect(page.get_by_text("Gia hạn từ 1 đến 10 ngày.").first).to_be_visible()
        expect(page.get_by_label("Lý do, căn cứ")).to_have_value("Phải đối chiếu bản gốc ở kho")
        assert_axe_clean(page)
        page.get_by_label("Khi gia hạn: thêm mấy ngày").fill("5")
        page.get_by_role("button", name="Ghi quyết định").click()
        expect(page.get_by_text("Đã ghi quyết định.")).to_be_visible()
        sign_in(page, citizen)
        page.goto(MINE)
        expect(page.get_by_text("Gia hạn vì: Phải đối chiếu bản gốc ở kho").first).to_be_visible()
        expect(page.get_by_text("Cơ quan phản hồi trong 2 ngày làm việc")).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"corrections-mine-{size}")
