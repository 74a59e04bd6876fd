"""The page of what failed, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official, make_org, make_roles
from tests.house.test_failures import ADDRESS, dead_event, failed_delivery, failed_job
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_the_page_fits_and_is_accessible(request: pytest.FixtureRequest, size: str) -> None:
    make_roles()
    page: Page = request.getfixturevalue(f"page_{size}")
    sign_in(page, make_account(official=make_official("Lê Văn Quản", role="admin", org=make_org(kind="province"))))
    page.goto(ADDRESS)
    assert_axe_clean(page)
    dead_event()
    failed_delivery()
    failed_job()
    page.goto(ADDRESS)
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"quan-tri-viec-hong-{size}", full=True)
    page.get_by_role("button", name="Bỏ qua sự kiện này").click()
    expect(page.locator("main")).to_contain_text("Hãy ghi lý do bỏ qua")
    assert_axe_clean(page)
