"""Saying where something is, on a telephone: the map is touched, the browser says where one is, or one types."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Draft
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.dossiers.province import Province

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORM: dict[str, Any] = {
    "code": "don",
    "title": "Đơn",
    "schema": {
        "type": "object",
        "required": ["place"],
        "properties": {"place": {"x-kind": "point", "title": "Vị trí giếng"}},
    },
    "pages": [{"id": "gieng", "title": "Giếng của bạn", "fields": ["place"]}],
}
WRITTEN = re.compile(r"^\d{2}\.\d{5}, \d{3}\.\d{5}$")


def parts(box: Locator) -> tuple[float, float]:
    latitude, longitude = box.input_value().split(", ")
    return float(latitude), float(longitude)


def touch(page: Page, view: Locator, across: float, down: float) -> None:
    box = view.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def pin(page: Page) -> str:
    page.evaluate("() => new Promise(requestAnimationFrame)")
    return str(page.locator(".hl-place__pin").get_attribute("transform"))


def test_a_place_is_touched_found_and_typed(page_phone: Page) -> None:
    p = Province()
    draft = actions.start_draft(p.citizen, version=p.publish("8.000985", form=FORM, papers=[]), subject=p.party)
    actions.save_draft(p.citizen, draft=draft, organization=p.commune)
    page = page_phone
    sign_in(page, Account.objects.get(pk=p.account.pk))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/nop/{draft.pk}/gieng")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator(".govuk-error-message")).to_have_count(1)
    box, said = page.get_by_label("Vị trí giếng", exact=True), page.locator(".hl-place__said")
    view = page.get_by_role("application", name="Bản đồ để chọn điểm")
    expect(view.locator("path.hl-map__land")).to_have_attribute("d", re.compile("^M.*Z"))
    expect(view.get_by_text("Đồng Hới")).to_have_count(1)
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    view.scroll_into_view_if_needed()
    touch(page, view, 0.7, 0.7)
    expect(said).to_have_text(re.compile("^Bản đồ còn quá rộng"))
    expect(box).to_have_value("")
    touch(page, view, 0.7, 0.7)
    expect(box).to_have_value(WRITTEN)
    expect(page.locator(".govuk-error-message")).to_have_count(0)
    expect(said).to_have_text(re.compile(r"^Đã chọn .*, gần \w+"))
    touch(page, view, 0.4, 0.3)
    first, pinned = parts(box), pin(page)
    page.get_by_role("button", name="Phóng to bản đồ").click()
    assert parts(box) == first, "moving the map changes nothing"
    view.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    middle = parts(box)
    assert middle != first
    assert pin(page) != pinned

    page.get_by_role("button", name="Vị trí của tôi").click()
    expect(said).to_have_text(re.compile("^Trình duyệt chưa được phép"))
    assert parts(box) == middle
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 16.8163012, "longitude": 107.1003004, "accuracy": 24.6})
    page.get_by_role("button", name="Vị trí của tôi").click()
    expect(box).to_have_value("16.81630, 107.10030")
    expect(said).to_have_text(re.compile(r"gần .*Đông Hà .*sai số khoảng 25 m"))
    screenshot(page, "chon-vi-tri-phone")
    found = pin(page)
    box.fill("16.82, 107.11")
    expect(page.locator(".hl-place__pin")).not_to_have_attribute("transform", found)
    box.fill("ngoài đồng")
    expect(page.locator(".hl-place__pin")).to_have_attribute("display", "none")
    box.fill("16.81633, 107.10044")
    expect(page.locator(".hl-place__pin")).to_have_attribute("display", "inline")
    page.emulate_media(color_scheme="dark")
    assert_axe_clean(page)
    screenshot(page, "chon-vi-tri-phone-dark")
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_url(lambda url: not url.endswith("/gieng"))
    assert Draft.objects.get(pk=draft.pk).data["place"] in (
        "16.81633, 107.10044",
        {"type": "Point", "coordinates": [107.10044, 16.81633]},
    )
    page.goto(f"/nop/{draft.pk}/kiem-tra")
    expect(page.get_by_role("img", name="Bản đồ: Vị trí giếng").locator(".hl-place__pin")).to_have_attribute(
        "display", "inline"
    )
    assert_axe_clean(page)
    screenshot(page, "chon-vi-tri-kiem-tra-phone")
    here = page.url.split("/nop/")[0]
    assert all(address.startswith((here, "data:", "blob:")) for address in asked), asked
