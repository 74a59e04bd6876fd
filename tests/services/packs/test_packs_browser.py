"""A pack in a real Chromium: faults told, the plan looked at, installed, taken away; by keyboard, on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.packs import actions
from hienluong.services.packs.contents import Content
from hienluong.services.packs.models import Package
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import ACTOR, bundle, version, with_
from .test_pages import NAME, signed, town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def looked_at(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def test_a_pack_is_uploaded_looked_at_installed_and_taken_away(
    page_desktop: Page, page_phone: Page, tmp_path: Path
) -> None:
    place = town()
    actions.install(ACTOR, bundle=bundle())
    changed = with_(
        version("1.1.0"),
        ("procedures/1.900001.yaml", "summary: Công nhận", "summary: Xét công nhận"),
        ("registers/rung.yaml", "title: Cây di sản\nversion: 1", "title: Cây di sản\nversion: 1\nsearch: [ten]"),
    )
    faulty, sound = tmp_path / "hong.zip", tmp_path / "goi.zip"
    faulty.write_bytes(changed.to_zip())
    good = with_(version("1.1.0"), ("procedures/1.900001.yaml", "summary: Công nhận", "summary: Xét công nhận"))
    sound.write_bytes(signed(Content(good.files)).to_zip())
    page = page_desktop
    for each in (page, page_phone):
        sign_in(each, Account.objects.get(pk=place.manager.account_id))
    page.goto("/quan-tri/goi-nganh/")
    looked_at(page, "packs-list-1440")
    page.get_by_role("button", name="Tải gói lên").click()
    page.locator("input[type=file]").set_input_files(faulty)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("table", name="Lỗi theo tệp và dòng")).to_contain_text("registers/rung.yaml")
    looked_at(page, "packs-faults-1440")
    page.locator("input[type=file]").set_input_files(sound)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("Khóa ký chưa được tin cậy")).to_be_visible()
    expect(page.get_by_role("cell", name="Xét công nhận cây là cây di sản.")).to_be_visible()
    looked_at(page, "packs-plan-1440")
    page_phone.goto(page.url)
    looked_at(page_phone, "packs-plan-390")
    page.get_by_label("Lý do, căn cứ").fill("Quyết định 5/QĐ-UBND")
    page.get_by_role("button", name="Cài gói").press("Enter")
    expect(page.get_by_role("heading", name="Rừng", level=1)).to_be_visible()
    expect(page.get_by_text("Quyết định 5/QĐ-UBND")).to_be_visible()
    assert Package.objects.get().version == "1.1.0"
    looked_at(page, "packs-one-1440")
    page_phone.goto(f"/quan-tri/goi-nganh/{NAME}")
    looked_at(page_phone, "packs-one-390")
    with page.expect_download() as given:
        page.get_by_role("button", name="Tải gói về").click()
    assert given.value.suggested_filename == f"{NAME}-1.1.0.zip"
    page.get_by_role("button", name="Gỡ gói").click()
    looked_at(page, "packs-away-1440")
    page_phone.goto(page.url)
    looked_at(page_phone, "packs-away-390")
    page.get_by_role("button", name="Gỡ gói").click()
    expect(page.get_by_text("Đã gỡ gói “Rừng”")).to_be_visible()
    page.goto("/quan-tri/goi-nganh/nguoi-ky/them")
    looked_at(page, "packs-signer-1440")
    page_phone.goto("/quan-tri/goi-nganh/")
    looked_at(page_phone, "packs-list-390")
