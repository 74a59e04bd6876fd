"""A rule that becomes stricter, seen before it is installed, on a phone and on a desk; and a list that is just begun."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.identity.models import Account
from hienluong.services.building import actions, yaml_text
from hienluong.services.building import register_operations as ops
from hienluong.services.building.codelist_operations import new_list
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.registers.sample import official

from .sample import FILE, workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULE = {"field": "so_quay", "message": "Chợ không quá nhiều quầy."}


def test_records_that_break_a_stricter_rule_are_told_in_the_plan(
    transactional_db: None, page_phone: Page, page_desktop: Page
) -> None:
    shop = workshop()
    first = ops.add_field(shop.definition(), kind="integer", title="Số quầy")
    first = ops.put_rule(first, number=None, when="so_quay <= 70", **RULE)
    shop.save(FILE, yaml_text.dump(first))
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head_id or 0)
    register = Register.objects.get(code="thuongmai.cho")
    chief = official(register.owner, "define", "read", "write")
    market = registers.create(chief, register=register, data={"name": "Chợ phiên Cam Lộ", "so_quay": 66})
    following = ops.next_version(first, effective_from=date.today() + timedelta(days=30))
    shop.save("registers/cho.v2.yaml", yaml_text.dump(ops.put_rule(following, number=0, when="so_quay <= 65", **RULE)))
    shop.save("codelists/loai.yaml", yaml_text.dump(new_list("loai", "Loại chợ", shop.owner.name, date(2026, 1, 1))))
    for page, size in ((page_phone, 390), (page_desktop, 1440)):
        sign_in(page, Account.objects.get(pk=shop.builder.account_id))
        page.goto(reverse("building:codelist", args=["thuongmai.cho", "loai"]))
        expect(page.get_by_text("Danh mục chưa có mã nào.")).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"list-begun-{size}")
    texts = shop.texts()
    del texts["codelists/loai.yaml"]
    actions.save(shop.builder, draft=shop.draft, files=texts, words="Bỏ", expected=shop.draft.head_id or 0)
    for page, size in ((page_phone, 390), (page_desktop, 1440)):
        page.goto(reverse("building:compare", args=["thuongmai.cho"]))
        expect(page.get_by_text("không quá 65").first).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"rule-compared-{size}")
        page.goto(reverse("building:install", args=["thuongmai.cho"]))
        expect(page.get_by_text(f"1 bản ghi không còn đúng với quy tắc “{RULE['message']}”")).to_be_visible()
        expect(page.locator(f'a[href$="/thuongmai.cho/{market.pk}"]')).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"rule-planned-{size}")
