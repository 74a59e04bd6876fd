"""A code list put together in Chromium: begun, pasted, moved, and chosen for a field; desk and phone."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.building import register_operations as ops
from hienluong.services.building import yaml_text
from hienluong.services.building.codelist_operations import new_list
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import FILE, workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PACK = "/quan-tri/xuong-khai-bao/thuongmai.cho"


def looked_at(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def test_a_code_list_is_made_and_chosen(transactional_db: None, page_desktop: Page, page_phone: Page) -> None:
    shop, page = workshop(), page_desktop
    for each in (page, page_phone):
        sign_in(each, Account.objects.get(pk=shop.builder.account_id))
    page.goto(PACK)
    page.get_by_role("button", name="Thêm danh mục").click()
    page.get_by_label("Tên danh mục").fill("Hình thức nuôi")
    page.get_by_role("button", name="Tạo").click()
    expect(page.get_by_role("heading", name="Hình thức nuôi", level=1)).to_be_visible()
    page.get_by_text("Dán nhiều dòng").click()
    page.get_by_label("Các dòng thêm vào").fill("cd; Nuôi cố định\ndc; Nuôi di chuyển\nxa; Di chuyển xa; dc")
    page.get_by_role("button", name="Thêm các dòng này").click()
    expect(page.get_by_label("Tên, dòng 3")).to_have_value("Di chuyển xa")
    page.get_by_label("Tên, dòng 4").fill("Chưa rõ")
    page.get_by_role("button", name="Chuyển “Nuôi di chuyển” lên").click()
    expect(page.get_by_label("Tên, dòng 1")).to_have_value("Nuôi di chuyển")
    expect(page.get_by_label("Mã, dòng 4")).to_have_value("chua_ro")
    looked_at(page, "building-codelist-1440")
    page_phone.goto(page.url)
    looked_at(page_phone, "building-codelist-390")
    page.get_by_label("Tên, dòng 1").fill("Di chuyển")
    page.locator("#workbench").get_by_role("link", name="Chợ", exact=True).click()  # leaving saves
    expect(page.get_by_role("button", name="Thêm danh mục")).to_be_visible()
    page.get_by_role("link", name="Hình thức nuôi").click()
    expect(page.get_by_label("Tên, dòng 1")).to_have_value("Di chuyển")
    page.locator("body").press("Control+z")
    expect(page.get_by_label("Tên, dòng 1")).to_have_value("Nuôi di chuyển")

    page.goto(f"{PACK}/co-so-du-lieu/cho")
    page.get_by_label("Nhãn của trường").fill("Hình thức")
    page.get_by_role("button", name="Mã của danh mục").click()
    expect(page.get_by_label("Mã lấy từ danh mục nào?")).to_have_value("hinh-thuc-nuoi")
    expect(page.locator("#field-trial").get_by_text("Nuôi cố định")).to_be_attached()


def test_a_code_list_is_taken_away_once_nothing_uses_it(transactional_db: None, page_desktop: Page) -> None:
    shop, page = workshop(), page_desktop
    path = "codelists/nghe.yaml"
    shop.save(path, yaml_text.dump(new_list("nghe", "Nghề", shop.owner.name, date(2026, 1, 1))))
    bare = shop.definition()
    shop.save(FILE, yaml_text.dump(ops.add_field(bare, kind="code", title="Nghề", begun={"x-list": "nghe"})))
    sign_in(page, Account.objects.get(pk=shop.builder.account_id))
    page.goto(f"{PACK}/danh-muc/nghe")
    page.get_by_role("button", name="Bỏ danh mục này").click()
    expect(page.get_by_text("Danh mục đang được dùng ở")).to_be_visible()
    assert path in shop.texts()
    shop.save(FILE, yaml_text.dump(bare))
    page.reload()
    page.get_by_role("button", name="Bỏ danh mục này").click()
    expect(page.get_by_role("button", name="Thêm danh mục")).to_be_visible()
    expect(page.get_by_role("link", name="Nghề")).to_have_count(0)
    assert path not in shop.texts()


def test_a_list_of_a_register_is_taken_away_and_no_other(transactional_db: None, page_desktop: Page) -> None:
    shop, page = workshop(), page_desktop
    made = shop.definition()
    for title in ("Mọi chợ", "Chợ xã"):
        made = ops.put_list(made, number=None, title=title, columns=["name"], filters=[], sort="")
    shop.save(FILE, yaml_text.dump(made))
    sign_in(page, Account.objects.get(pk=shop.builder.account_id))
    page.goto(f"{PACK}/co-so-du-lieu/cho/danh-sach")
    before = shop.definition()["lists"]
    expect(page.get_by_role("button", name="Bỏ danh sách")).to_have_count(len(before))
    page.get_by_role("button", name="Bỏ danh sách").nth(len(before) - 2).click()
    expect(page.get_by_role("button", name="Bỏ danh sách")).to_have_count(len(before) - 1)
    assert [each["title"] for each in before[-2:]] == ["Mọi chợ", "Chợ xã"]
    assert shop.definition()["lists"] == [*before[:-2], before[-1]]
