"""A person who never saw the code builds a register of twelve fields in Chromium, installs it, and it is used."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.capabilities.registers.models import Record
from hienluong.foundation.identity.models import Account
from hienluong.services.building.models import Draft
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import actor_for_role, make_org

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIELDS = {
    "Địa chỉ": "Chữ ngắn",
    "Mô tả": "Đoạn văn",
    "Số điểm kinh doanh": "Số nguyên",
    "Diện tích": "Số thập phân",
    "Vốn đầu tư": "Số tiền",
    "Ngày khai trương": "Ngày",
    "Hạng chợ": "Chọn một",
    "Có bãi xe": "Có hoặc không",
    "Điện thoại ban quản lý": "Số điện thoại",
    "Người phụ trách": "Số định danh cá nhân",
    "Ngành hàng": "Bảng nhiều dòng",
}


def test_a_register_of_twelve_fields_is_built_installed_and_used(page_desktop: Page, page_phone: Page) -> None:
    owner = make_org("Sở Công Thương")
    builder, officer = actor_for_role("admin", owner), actor_for_role("officer", owner)
    page = page_desktop
    sign_in(page, Account.objects.get(pk=builder.account_id))
    page.goto("/quan-tri/xuong-khai-bao/")
    page.get_by_role("button", name="Gói mới").first.click()
    page.get_by_label("Tên gói").fill("Chợ và siêu thị")
    page.get_by_label("Mã gói").fill("thuongmai.cho")
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_role("button", name="Thêm cơ sở dữ liệu").click()
    page.get_by_label("Tên cơ sở dữ liệu").fill("Chợ trên địa bàn tỉnh")
    page.get_by_label("Mã", exact=True).fill("thuongmai.cho")
    page.get_by_role("button", name="Tạo").click()
    expect(page.get_by_role("heading", name="1 trường")).to_be_visible()

    for number, (title, kind) in enumerate(FIELDS.items(), 2):  # by keyboard alone
        page.get_by_label("Nhãn của trường").fill(title)
        page.get_by_role("button", name=kind, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=f"{number} trường")).to_be_visible()
    page.get_by_role("button", name="Điểm trên bản đồ").drag_to(page.locator(".hl-arrange__item").last)
    expect(page.get_by_role("heading", name="13 trường")).to_be_visible()
    items = page.locator(".hl-arrange__item")
    items.filter(has_text="Điểm trên bản đồ").locator(".hl-arrange__handle").drag_to(items.nth(9))
    expect(page.get_by_role("status").first).to_contain_text("Chuyển trường “Điểm trên bản đồ”")
    before = page.locator(".hl-arrange__what a").all_text_contents()
    at = before.index("Hạng chợ")
    up = page.get_by_role("button", name="Chuyển “Hạng chợ” lên")
    up.focus()
    for step in (1, 2):  # the focus stays on the button, so it can be pressed again
        page.keyboard.press("Enter")
        expect(items.nth(at - step)).to_contain_text("Hạng chợ")
    page.locator("body").press("Control+z")
    expect(items.nth(at - 1)).to_contain_text("Hạng chợ")
    page.locator("body").press("Control+z")
    expect(page.locator(".hl-arrange__what a")).to_have_text(before)

    page.get_by_role("link", name="Hạng chợ").click()
    page.get_by_label("Các lựa chọn").fill("1: Hạng 1\n2: Hạng 2\n3: Hạng 3")
    expect(page.locator("#field-trial").get_by_text("Hạng 3")).to_be_visible()  # before it is saved
    page.get_by_role("button", name="Lưu trường này").click()
    expect(page.get_by_role("status").first).to_contain_text("Sửa trường “Hạng chợ”")
    here = "/quan-tri/xuong-khai-bao/thuongmai.cho"
    sign_in(page_phone, Account.objects.get(pk=builder.account_id))
    register = f"{here}/co-so-du-lieu/cho"
    desk = {
        "fields": f"{register}?truong=nganh_hang",
        "about": f"{register}/thong-tin",
        "compare": f"{here}/so-sanh?truoc=2",
    }
    phone = {"draft": here, "fields": f"{register}?truong=hang_cho", "access": f"{register}/quyen"}
    for shown, size, addresses in ((page, 1440, desk), (page_phone, 390, phone)):
        for name, address in addresses.items():
            shown.goto(address)
            assert_axe_clean(shown)
            assert_no_sideways_scroll(shown)
            screenshot(shown, f"building-{name}-{size}")
    page.goto(f"{here}/cai-dat")
    page.get_by_role("button", name="Cài đặt", exact=True).click()
    expect(page.get_by_text("Đã cài gói “Chợ và siêu thị”.")).to_be_visible()
    draft = Draft.objects.get()
    assert draft.installed_id == draft.head_id

    sign_in(page, Account.objects.get(pk=officer.account_id))
    page.goto("/lam-viec/co-so-du-lieu/thuongmai.cho/them")
    page.get_by_label("Tên", exact=True).fill("Chợ Đông Hà")
    page.get_by_label("Hạng 1").check()
    page.get_by_label("Điểm trên bản đồ").fill("16.8163, 107.1003")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_role("heading", name="Chợ Đông Hà", level=1)).to_be_visible()
    record = Record.objects.get()
    assert record.key.endswith("-00001")
    assert record.register.pack == "thuongmai.cho"
