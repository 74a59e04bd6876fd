"""The bench while one works at it for an hour, in Chromium: messages never cover it, and one always sees what was opened."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.building import register_operations, yaml_text
from tests.browser import assert_axe_clean, screenshot, sign_in

from .sample import FILE, workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REGISTER = "/quan-tri/xuong-khai-bao/thuongmai.cho/co-so-du-lieu/cho"


def at_the_bench(page: Page, path: str = REGISTER, *, fields: int = 8) -> None:
    """A register of several fields, looked at by its builder."""
    shop = workshop()
    definition = shop.definition()
    for number in range(fields):
        definition = register_operations.add_field(definition, kind="integer", title=f"Số thứ {number}")
    shop.save(FILE, yaml_text.dump(definition))
    sign_in(page, Account.objects.get(pk=shop.builder.account_id))
    page.goto(path)


def _in_sight(page: Page, selector: str) -> bool:
    """Whether the top of an element is on the screen."""
    return bool(
        page.locator(selector).evaluate(
            "e => { const top = e.getBoundingClientRect().top; return top >= -1 && top < innerHeight; }"
        )
    )


def test_saving_again_and_again_leaves_one_message(transactional_db: None, page_desktop: Page) -> None:
    page = page_desktop
    at_the_bench(page)
    state = page.locator(".hl-bench__state p")
    for number in range(4):
        page.get_by_role("link", name=f"Số thứ {number}", exact=True).click()
        expect(page.locator("#panel")).to_have_text(f"Số thứ {number}")
        before = state.inner_text().partition(" · ")[0]
        page.get_by_label("Gợi ý khi nhập").fill("Đếm ngày đầu tháng")
        page.get_by_role("button", name="Lưu trường này").click()
        expect(state).not_to_contain_text(f"{before} ·")
    expect(page.locator(".hl-toast")).to_have_count(1)
    page.evaluate(
        "for (const [n, tone] of ['info', 'error', 'success', 'success', 'success'].entries())"
        " document.dispatchEvent(new CustomEvent('hl:toast', { detail: { text: `Tin ${n}`, tone } }))"
    )
    expect(page.locator(".hl-toast__text")).to_have_text(["Tin 1", "Tin 4"])  # the error stays
    assert page.locator(".hl-toasts").evaluate("e => e.getBoundingClientRect().right") <= page.locator("main").evaluate(
        "e => e.getBoundingClientRect().left"
    )


def test_a_fault_that_is_mended_is_no_longer_told(transactional_db: None, page_desktop: Page) -> None:
    page = page_desktop
    at_the_bench(page)
    told = page.locator(".hl-toast__text")
    page.get_by_role("link", name="Số thứ 2", exact=True).click()
    page.get_by_text("Thêm: giới hạn").click()
    page.get_by_label("Công thức").fill("Giá bán * 2")
    page.get_by_role("button", name="Lưu trường này").click()
    expect(told).to_contain_text("Bản nháp được giữ, nhưng còn lỗi")
    page.get_by_label("Công thức").fill("Số thứ 3 * 2")
    page.get_by_role("button", name="Lưu trường này").click()
    expect(told).to_have_text("Đã lưu.")
    page.get_by_role("link", name="Danh sách, tìm kiếm").click()
    expect(page.get_by_role("button", name="Lưu cách tìm")).to_be_visible()
    expect(told).to_have_count(0)


def test_on_a_phone_a_message_makes_way_for_the_box_one_is_in(transactional_db: None, page_phone: Page) -> None:
    page = page_phone
    at_the_bench(page)
    label = page.get_by_label("Nhãn của trường")
    label.evaluate("e => scrollBy(0, e.getBoundingClientRect().bottom - innerHeight + 40)")
    page.evaluate("document.dispatchEvent(new CustomEvent('hl:toast', { detail: { text: 'Tin', tone: 'warning' } }))")
    label.evaluate("e => e.focus({ preventScroll: true })")
    said, box = page.locator(".hl-toasts").bounding_box(), label.bounding_box()
    assert said is not None
    assert box is not None
    assert said["y"] + said["height"] <= box["y"] or box["y"] + box["height"] <= said["y"]


def test_on_a_phone_a_message_lies_over_nothing_and_goes_with_the_next_thing(
    transactional_db: None, page_phone: Page
) -> None:
    page = page_phone
    at_the_bench(page)
    tell = "(tone) => document.dispatchEvent(new CustomEvent('hl:toast', { detail: { text: `Tin ${tone}`, tone } }))"
    page.evaluate(tell, "success")
    page.evaluate(tell, "error")
    told = page.locator(".hl-toasts")
    expect(told.get_by_role("button", name="Đóng")).to_have_count(2)
    said, header, work = (page.locator(css).first.bounding_box() for css in (".hl-toasts", ".hl-header", ".hl-layout"))
    assert said is not None
    assert header is not None
    assert work is not None
    assert header["y"] + header["height"] <= said["y"]
    assert said["y"] + said["height"] <= work["y"]
    assert_axe_clean(page)
    screenshot(page, "toast-390", full=False)
    page.get_by_label("Nhãn của trường").fill("Số")
    expect(told.locator(".hl-toast__text")).to_have_text("Tin error")
    told.get_by_role("button", name="Đóng").click()
    expect(told.locator(".hl-toast")).to_have_count(0)


def test_on_a_phone_what_is_opened_is_gone_to(transactional_db: None, page_phone: Page) -> None:
    page = page_phone
    at_the_bench(page)
    page.get_by_role("link", name="Số thứ 6", exact=True).click()
    expect(page.locator("#panel")).to_have_text("Số thứ 6")
    page.wait_for_function("document.querySelector('#panel').getBoundingClientRect().top < innerHeight")
    assert _in_sight(page, "#panel")


def test_another_page_of_the_bench_begins_at_its_head(transactional_db: None, page_phone: Page) -> None:
    page = page_phone
    at_the_bench(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.evaluate("document.querySelector('a[href$=\"/quyen\"]').click()")
    expect(page.get_by_role("button", name="Lưu quyền")).to_be_attached()
    page.wait_for_function("scrollY === 0")
    assert _in_sight(page, "h1")
