"""What a newcomer is offered instead of having to guess, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.building import actions, yaml_text
from hienluong.services.building import register_operations as ops
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import FILE, WRITTEN, workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKSHOP = "/quan-tri/xuong-khai-bao"
PACK = f"{WORKSHOP}/thuongmai.cho"


def test_what_can_be_chosen_is_not_typed(transactional_db: None, page_desktop: Page, page_phone: Page) -> None:
    shop = workshop()
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head_id or 0)
    following = ops.next_version(
        shop.definition(), effective_from=shop.definition()["effective_from"].replace(year=2027)
    )
    made = ops.add_field(following, kind="choice", title="Hình thức nuôi", begun=WRITTEN["choice"])
    made["schema"]["required"] = ["name", "hinh_thuc_nuoi"]
    shop.save(FILE, yaml_text.dump(made))
    pages = {
        "begin": f"{WORKSHOP}/moi",
        "history": f"{PACK}/lich-su",
        "version": f"{PACK}/co-so-du-lieu/cho/phien-ban",
    }
    for page in (page_desktop, page_phone):
        sign_in(page, Account.objects.get(pk=shop.builder.account_id))
        for name, address in pages.items():
            page.goto(address)
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"newcomer-{name}-{page.viewport_size['width']}")  # type: ignore[index]
    page = page_desktop
    page.goto(f"{PACK}/co-so-du-lieu/cho")
    page.get_by_role("link", name="Chọn cách chuyển bản ghi cũ").click()
    page.get_by_label("Bản ghi chưa có giá trị thì nhận").select_option(label="Chợ phiên")
    page.get_by_role("button", name="Lưu cách chuyển").click()
    expect(page.locator(".hl-toast__text")).to_have_text("Đã lưu.")
    assert shop.definition()["migrate"] == {"hinh_thuc_nuoi": "'a'"}
    page.goto(f"{PACK}/lich-su")
    page.get_by_role("button", name="Trở lại bản này").nth(1).click()
    expect(page.get_by_role("status").first).to_contain_text("Trở lại bản")
