"""The figures in a real browser: accessible on both sizes and in both themes, nothing clipped, days as people write."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

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
from tests.services.oversight.picture import Picture

PAGES = {
    "dashboard": "/dieu-hanh",
    "behind": "/dieu-hanh/ho-so?loai=qua-han",
    "public": "/cong-khai",
}
#: Texts of a chart that reach beyond the drawing.
CLIPPED = """() => [...document.querySelectorAll(".hl-chart")].flatMap((chart) => {
    const frame = chart.getBoundingClientRect();
    return [...chart.querySelectorAll("text")].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.right > frame.right + 1 || box.left < frame.left - 1;
    }).map((text) => text.textContent);
})"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_figures_are_accessible_whole_and_vietnamese(browser: Browser, live_server: Any) -> None:
    picture = Picture().everything()
    account = Account.objects.get(pk=picture.overseer.account_id)
    for size, width, theme in ((PHONE, "phone", "light"), (DESKTOP, "desktop", "dark")):
        page = new_page(browser, live_server, size)
        page.context.add_cookies([{"name": "hl_theme", "value": theme, "url": live_server.url}])
        sign_in(page, account)
        for name, address in PAGES.items():
            page.goto(address)
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            assert page.evaluate(CLIPPED) == [], (name, width)
            screenshot(page, f"oversight-{name}-{width}-{theme}")
        page.goto(PAGES["dashboard"])
        assert re.fullmatch(r"\d{2}/\d{2}/\d{4}", page.locator("#tu").input_value())
        assert not re.search(r"\d{4}-\d{2}-\d{2}", page.locator("main").inner_text())
        page.locator('a[href="#theo-thang"]').click()
        expect(page.locator("table#theo-thang")).to_be_visible()
        assert page.broken == []  # type: ignore[attr-defined]
        page.context.close()
