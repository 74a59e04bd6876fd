"""The pages of sharing agreements in a real Chromium: axe clean, nothing sideways, on a phone and a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.records.sample import Kept

from .test_sharing import BASE, Shared

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shared(transactional_db: None) -> Shared:
    return Shared(Kept())


def test_agreements_on_a_phone_and_a_desk(shared: Shared, page_desktop: Page, page_phone: Page) -> None:
    asked = shared.ask()
    for page, size in ((page_desktop, 1440), (page_phone, 390)):
        sign_in(page, Account.objects.get(pk=shared.head.account_id))
        for name, address in (("list", BASE), ("one", f"{BASE}/{asked.code}")):
            page.goto(address)
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"sharing-{name}-{size}")
        sign_in(page, Account.objects.get(pk=shared.reader.account_id))
        for name, address in (("ask", f"{BASE}/de-nghi/thu.gieng"), ("records", shared.list())):
            page.goto(address)
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"sharing-{name}-{size}")
    sign_in(page_desktop, Account.objects.get(pk=shared.head.account_id))
    page_desktop.goto(f"{BASE}/{asked.code}")
    page_desktop.get_by_role("button", name="Duyệt").click()
    expect(page_desktop.get_by_text("Đã ghi quyết định.")).to_be_visible()
