"""A change from a day to come, written in a browser: the form becomes that of the version which holds then."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import Kept
from .test_version_to_come import coming, kept, said

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["kept"]  # the fixture


def test_the_form_follows_the_day(kept: Kept, page_phone: Page, page_desktop: Page) -> None:
    for page, size, code in ((page_phone, 390, "G001"), (page_desktop, 1440, "G002")):
        record = kept.add(code)
        sign_in(page, Account.objects.get(pk=kept.officer.account_id))
        page.goto(kept.address(record, "sua"))
        day = coming()
        for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
            page.locator(f"[name=viec-since_{part}]").fill(str(value))
        page.get_by_role("button", name="Ghi", exact=True).click()
        expect(page.locator("[name=grade][value=B]")).to_be_checked()
        expect(page.get_by_text("biểu mẫu dưới đây theo phiên bản ấy")).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"sua-tu-phien-ban-toi-{size}")
        page.get_by_role("button", name="Ghi", exact=True).click()
        page.wait_for_url(lambda url: not url.endswith("/sua"))
        assert (said(kept, record, day)["version"], said(kept, record, day)["grade"]) == (2, "B")
