"""The catalogue's pages in a real browser: accessible, and whole on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from hienluong.services.procedures import generator
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official, make_org, make_roles

from .samples import ACTOR, published

LIST = "/quan-tri/thu-tuc"
PAGES = {
    "list": LIST,
    "compare": f"{LIST}/1.000001?truoc=1&sau=2",
    "version": f"{LIST}/1.000001/ban/2",
    "import": f"{LIST}/nhap",
}


def _prepare() -> object:
    make_roles()
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    published()
    published(effective_from="2025-07-01", summary="Tóm tắt mới.", conditions=["Có mặt"])
    generator.fill(ACTOR)
    return make_account(official=make_official(role="admin", org=province))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_catalogue_is_accessible_on_every_screen(
    page_phone: Page, page_desktop: Page, live_server: LiveServer
) -> None:
    account = _prepare()
    for page, size in ((page_phone, "phone"), (page_desktop, "desktop")):
        sign_in(page, account)  # type: ignore[arg-type]
        for name, address in PAGES.items():
            page.goto(address)
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"procedures-{name}-{size}", full=False)
