"""From the check to the question that lacks something, on a phone and at a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.dossiers.province import Province

from .test_lacking import RULE, draft_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_fault_is_followed_to_its_question(page_phone: Page, page_desktop: Page) -> None:
    p = Province()
    draft = draft_of(p, reason="Giếng", paid="1000", also="Không")
    for page, size in ((page_phone, 390), (page_desktop, 1440)):
        sign_in(page, Account.objects.get(pk=p.account.pk))
        page.goto(f"/nop/{draft.pk}/kiem-tra")
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"con-thieu-{size}")
        page.locator(".govuk-error-summary").get_by_role("link", name=RULE).click()
        box = page.locator("#id_who")
        expect(box).to_be_focused()
        expect(box).to_be_in_viewport()
        expect(page.locator("#id_who-error")).to_contain_text(RULE)
        assert_axe_clean(page)
        screenshot(page, f"con-thieu-cau-hoi-{size}")
