"""The pages of food safety in a browser: the plan, an outbreak, a batch traced, the samples; on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import Health

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "/lam-viec/an-toan-thuc-pham/"


@pytest.fixture
def health(transactional_db: None) -> Health:
    return Health()


def test_an_inspector_goes_from_the_first_page_to_the_outbreak_the_batch_the_plan_and_the_samples(
    health: Health, page_phone: Page, page_desktop: Page
) -> None:
    account = Account.objects.get(pk=health.inspector.account_id)
    for page in (page_phone, page_desktop):
        width = (page.viewport_size or {})["width"]

        def seen(name: str, page: Page = page, width: int = width) -> None:
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"food-{name}-{width}")

        sign_in(page, account)
        page.goto(HOME)
        seen("home")
        page.get_by_role("link", name="Ngộ độc sau bữa trưa").click()
        expect(page.get_by_role("img", name="Số người mắc theo thời điểm khởi phát")).to_be_visible()
        expect(page.locator("table", has_text="Tỷ số nguy cơ").locator("tbody tr").first).to_contain_text("Gỏi gà")
        seen("outbreak")
        page.get_by_role("link", name="An toàn thực phẩm", exact=True).last.click()
        page.get_by_role("link", name="Truy xuất lô hàng").click()
        page.get_by_label("Số lô").fill("TG-1101")
        page.get_by_role("button", name="Truy xuất").click()
        expect(page.get_by_role("heading", name="Nguồn, gần nhất trước")).to_be_visible()
        seen("trace")
        page.goto(HOME + "ke-hoach")
        seen("plan")
        page.get_by_role("link", name="Suất ăn công nghiệp Bến Hải", exact=True).click()
        expect(page.get_by_role("link", name="Bắt đầu chấm: Biểu kiểm tra cơ sở dịch vụ ăn uống")).to_be_visible()
        seen("premises")
        page.goto(HOME)
        page.get_by_role("link", name="Mẫu kiểm nghiệm").click()
        expect(page.get_by_text("TCVN 7107:2002, mức hướng dẫn")).to_be_visible()
        seen("samples")
