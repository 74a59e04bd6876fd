"""The fields of a register put in order in Chromium: dragging, keys, undo, and what is typed shown before it is saved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.building import register_operations, yaml_text
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import FILE, workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIELDS = {"Mô tả": "rich", "Số điểm kinh doanh": "integer", "Vốn đầu tư": "money", "Hạng chợ": "choice"}


def test_fields_are_dragged_moved_by_keys_and_taken_back(transactional_db: None, page_desktop: Page) -> None:
    shop, page = workshop(), page_desktop
    definition = shop.definition()
    for title, kind in FIELDS.items():
        definition = register_operations.add_field(definition, kind=kind, title=title)
    shop.save(FILE, yaml_text.dump(definition))
    sign_in(page, Account.objects.get(pk=shop.builder.account_id))
    page.goto("/quan-tri/xuong-khai-bao/thuongmai.cho/co-so-du-lieu/cho")
    items = page.locator(".hl-arrange__item")
    page.get_by_role("button", name="Điểm trên bản đồ").drag_to(items.last)
    expect(page.get_by_role("heading", name="6 trường")).to_be_visible()
    items.nth(1).scroll_into_view_if_needed()  # a page that scrolls with the button held down starts no drag
    items.filter(has_text="Điểm trên bản đồ").locator(".hl-arrange__handle").drag_to(items.nth(1))
    expect(page.get_by_role("status").first).to_contain_text("Chuyển trường “Điểm trên bản đồ”")
    before = page.locator(".hl-arrange__what a").all_text_contents()
    at = before.index("Hạng chợ")
    page.get_by_role("button", name="Chuyển “Hạng chợ” lên").focus()
    page.keyboard.press("Enter")
    expect(items.nth(at - 1)).to_contain_text("Hạng chợ")
    page.keyboard.press("Alt+ArrowUp")  # the focus stayed on the button of the field
    expect(items.nth(at - 2)).to_contain_text("Hạng chợ")
    for step in (1, 0):
        page.locator("body").press("Control+z")
        expect(items.nth(at - step)).to_contain_text("Hạng chợ")
    expect(page.locator(".hl-arrange__what a")).to_have_text(before)

    page.get_by_role("link", name="Hạng chợ").click()
    expect(page.locator("#panel")).to_have_text("Hạng chợ")
    expect(page.locator(".htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)  # the page listens
    page.get_by_label("Các lựa chọn").fill("1: Hạng 1\n2: Hạng 2\n3: Hạng 3")
    expect(page.locator("#field-trial").get_by_text("Hạng 3")).to_be_visible()  # before it is saved
    page.get_by_role("button", name="Lưu trường này").click()
    expect(page.get_by_role("status").first).to_contain_text("Sửa trường “Hạng chợ”")
    label = page.get_by_label("Nhãn của trường")
    waiting: list[Route] = []
    page.route("**/co-so-du-lieu/cho**", lambda route: waiting.append(route) if not waiting else route.continue_())
    label.fill("Năm thành lập")
    page.get_by_role("button", name="Số nguyên").click()
    label.fill("Người trông coi")  # while the answer is under way
    waiting[0].continue_()
    expect(page.locator(".hl-arrange__what").last).to_contain_text("Năm thành lập")
    expect(label).to_have_value("Người trông coi")
    expect(label).to_be_focused()
    page.get_by_role("button", name="Chữ ngắn").click()
    expect(page.locator(".hl-arrange__what").last).to_contain_text("Người trông coi")
    expect(label).to_have_value("")

    hint = page.get_by_label("Gợi ý khi nhập")
    hint.fill("Họ và tên")
    page.get_by_role("link", name="Vốn đầu tư").click()  # leaving saves
    expect(page.get_by_role("heading", name="Vốn đầu tư")).to_be_visible()
    hint.fill("Tính cả đất")
    label.fill("Ghi chú")
    page.get_by_role("button", name="Đoạn văn").click()  # so does another button
    expect(page.locator(".hl-arrange__what").last).to_contain_text("Ghi chú")
    for name, kept in (("Người trông coi", "Họ và tên"), ("Vốn đầu tư", "Tính cả đất")):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        expect(hint).to_have_value(kept)
    hint.fill("Bỏ")
    page.get_by_text("Thêm: giới hạn").click()
    page.get_by_label("Tên trong dữ liệu").fill("Vốn")
    page.get_by_role("link", name="Quyền xem, ghi").click()  # what cannot be saved holds back
    expect(page.get_by_text("chưa làm việc tiếp theo")).to_be_visible()
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Hoàn tác").click()
    assert asked == ["Điều đã gõ chưa lưu. Vẫn rời và bỏ đi?"]
    page.get_by_role("link", name="Bỏ điều đã gõ").click()
    expect(hint).to_have_value("Tính cả đất")

    page.goto("/quan-tri/xuong-khai-bao/thuongmai.cho/so-sanh?truoc=2")
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, "building-compare-1440")


def test_saving_a_field_is_in_sight_on_a_low_screen(transactional_db: None, page_desktop: Page) -> None:
    shop, page = workshop(), page_desktop
    shop.save(FILE, yaml_text.dump(register_operations.add_field(shop.definition(), kind="choice", title="Hạng chợ")))
    sign_in(page, Account.objects.get(pk=shop.builder.account_id))
    page.goto("/quan-tri/xuong-khai-bao/thuongmai.cho/co-so-du-lieu/cho")
    page.get_by_role("link", name="Hạng chợ").click()
    expect(page.locator("#panel")).to_have_text("Hạng chợ")
    page.locator(".hl-fields").evaluate("(fields) => fields.scrollIntoView()")
    save = page.get_by_role("button", name="Lưu trường này")
    expect(save).to_be_in_viewport(ratio=1)
    screenshot(page, "luu-truong", full=False)
    page.get_by_label("Các lựa chọn").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(
        """() => {
            const here = document.activeElement.getBoundingClientRect();
            const foot = document.querySelector(".hl-fields__foot").getBoundingClientRect();
            return here.bottom <= foot.top + 1;
        }"""
    )  # what has the focus is not under the button
    assert_axe_clean(page)
