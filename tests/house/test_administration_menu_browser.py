"""The menu of an administrator: every page of the administration is reached, by section, without JavaScript too."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hienluong.foundation.identity.models import Account
from tests.browser import (
    DESKTOP,
    PHONE,
    assert_axe_clean,
    assert_no_sideways_scroll,
    new_page,
    screenshot,
    sign_in,
)
from tests.factories import actor_for_role, make_org
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def an_administrator() -> Account:
    root = make_org("UBND tỉnh thử", code="H50", kind="province")
    account_id = actor_for_role("admin", root).account_id
    assert account_id is not None
    return Account.objects.get(pk=account_id)


def sections(page: Page) -> list[str]:
    return page.locator(".hl-side__part-name > span:first-child").all_text_contents()


@pytest.mark.parametrize(("size", "scripts"), looks([(DESKTOP, True), (PHONE, True), (DESKTOP, False)]))
def test_every_page_is_reached_by_its_section(
    browser: Browser, live_server: Any, size: dict[str, int], scripts: bool
) -> None:
    page = new_page(browser, live_server, size, java_script_enabled=scripts)
    sign_in(page, an_administrator())
    page.goto("/quan-tri/vai-tro")
    if size == PHONE:
        page.get_by_text("Danh mục", exact=True).click()
    here = page.get_by_role("navigation", name="Nơi làm việc")
    expect(here.get_by_role("link", name="Vai trò")).to_have_attribute("aria-current", "page")
    expect(here.get_by_role("link", name="Gói ngành")).to_be_hidden()
    assert 5 <= len(sections(page)) <= 6
    if scripts:
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"menu-{size['width']}", full=False)
    part = here.locator("summary", has_text="Dịch vụ và gói ngành")
    part.focus()
    page.keyboard.press("Enter")
    link = here.get_by_role("link", name="Gói ngành")
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", name="Gói ngành", level=1)).to_be_visible()
    expect(page.locator(".hl-side__part[open]")).to_have_count(1)  # that of the page shown
    hidden = page.locator(".hl-side__part .hl-side__link").count()
    assert hidden > 20
    page.context.close()
