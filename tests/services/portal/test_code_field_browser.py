"""A question of a long code list: typed by name, chosen from what is looked up, held against the list, shown by name."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.codelists import shipped
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Draft
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import TESTER
from tests.services.dossiers.province import Province

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORM: dict[str, Any] = {
    "code": "don",
    "title": "Đơn ngành nghề",
    "schema": {
        "type": "object",
        "required": ["trade", "form"],
        "properties": {
            "trade": {
                "type": "string",
                "title": "Ngành, nghề chính",
                "x-kind": "code",
                "x-list": "industries",
                "x-leaf": True,
            },
            "form": {"type": "string", "title": "Loại hình", "x-kind": "code", "x-list": "legal-forms"},
        },
    },
    "pages": [{"id": "nganh", "title": "Ngành nghề", "fields": ["trade", "form"]}],
    "rules": [],
}


def begin(page: Page) -> Draft:
    """Sign in and open the page with the two questions."""
    for name in ("industries", "legal-forms"):
        install(TESTER, loaded=shipped.load(name))
    town = Province(form=FORM)
    draft = Draft(account=town.account, procedure_version=town.versions["single_agency"], subject=town.party)
    actions.save_draft(town.citizen, draft=draft, data={})
    sign_in(page, Account.objects.get(pk=town.account.pk))
    page.goto(f"/nop/{draft.pk}/nganh")
    return draft


def test_a_trade_is_found_by_its_name_and_kept_as_its_code(page_phone: Page) -> None:
    draft = begin(page_phone)
    box = page_phone.locator("#id_trade")
    box.press_sequentially("trong lua")
    page_phone.get_by_role("option", name="01110 Trồng lúa").click()
    expect(box).to_have_value("01110 - Trồng lúa")
    page_phone.get_by_label("Loại hình").select_option(label="Hộ kinh doanh")
    assert_axe_clean(page_phone)
    assert_no_sideways_scroll(page_phone)
    screenshot(page_phone, "ma-nganh-bieu-mau-phone", full=False)
    page_phone.get_by_role("button", name="Tiếp tục").click()
    expect(page_phone.get_by_label("Loại hình")).to_have_count(0)
    draft.refresh_from_db()
    assert (draft.data["trade"], draft.data["form"]) == ("01110", "HKD")
    page_phone.goto(f"/nop/{draft.pk}/kiem-tra")
    expect(page_phone.get_by_text("Trồng lúa").first).to_be_visible()
    expect(page_phone.get_by_text("Hộ kinh doanh").first).to_be_visible()


def test_a_group_is_refused_where_only_leaves_are_taken(page_desktop: Page) -> None:
    draft = begin(page_desktop)
    page_desktop.get_by_label("Ngành, nghề chính").fill("011")
    page_desktop.get_by_label("Loại hình").select_option(label="Hộ kinh doanh")
    page_desktop.get_by_role("button", name="Tiếp tục").click()
    page_desktop.get_by_role("button", name="Tiếp tục").click()
    expect(page_desktop.get_by_text("là một nhóm; hãy chọn mã chi tiết hơn").first).to_be_visible()
    expect(page_desktop.get_by_label("Ngành, nghề chính")).to_have_value("011 - Trồng cây hàng năm")
    assert_axe_clean(page_desktop)
    draft.refresh_from_db()
    assert draft.data["form"]


def test_all_faults_of_a_page_that_looks_something_up_are_told_at_once(page_desktop: Page) -> None:
    begin(page_desktop)
    page_desktop.get_by_label("Ngành, nghề chính").fill("nghề chưa ai nghe")
    page_desktop.get_by_role("button", name="Tiếp tục").click()
    told = page_desktop.get_by_role("alert").get_by_role("link")
    expect(told).to_have_count(2)
    assert_axe_clean(page_desktop)


def test_what_fits_is_offered_without_empty_space_on_a_phone(page_phone: Page) -> None:
    begin(page_phone)
    page_phone.locator("#id_trade").press_sequentially("trong lua")
    offered = page_phone.get_by_role("option")
    expect(offered.first).to_be_visible()
    screenshot(page_phone, "ma-nganh-goi-y-phone", full=False)
    box = offered.first.bounding_box()
    assert box
    assert box["height"] < 48  # one line of words, and what a finger needs
