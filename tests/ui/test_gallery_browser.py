"""Every component, seen by a real browser: no axe violation in any size, theme or language."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import DESKTOP, PHONE, assert_axe_clean, assert_no_sideways_scroll, new_page, screenshot
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "gallery": "/thiet-ke",
    "home": "/thiet-ke/trang-mau",
    "staff": "/thiet-ke/noi-lam-viec",
    "print": "/thiet-ke/ban-in",
    "sign_in": "/dang-nhap",
}
SIZES = {"phone": PHONE, "desktop": DESKTOP}


#: Each size, theme and language with each other.
LOOKS = looks(
    [("phone", "light", "vi"), ("phone", "dark", "en"), ("desktop", "dark", "vi"), ("desktop", "light", "en")]
)


@pytest.mark.parametrize(("size", "theme", "language"), LOOKS)
def test_every_component_is_axe_clean(
    browser: Browser,
    live_server: Any,
    size: str,
    theme: str,
    language: str,
) -> None:
    page = new_page(browser, live_server, SIZES[size])
    page.context.add_cookies(
        [
            {"name": "hl_theme", "value": theme, "url": live_server.url},
            {"name": "hl_language", "value": language, "url": live_server.url},
        ]
    )
    for name, address in PAGES.items():
        response = page.goto(address)
        assert response is not None
        assert response.status == 200
        screenshot(page, f"{name}-{size}-{theme}-{language}")
        assert_no_sideways_scroll(page)
        assert_axe_clean(page)
    assert page.broken == []  # type: ignore[attr-defined]
    page.context.close()
