"""A form with questions of several boxes, on a phone: a period, a number with its unit, a place, rows of a table."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers.models import Draft
from hienluong.services.procedures.spec import Form
from tests.browser import PHONE, assert_axe_clean, assert_no_sideways_scroll, new_page, screenshot, sign_in
from tests.services.dossiers.province import Province

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORM: dict[str, Any] = {
    "code": "dao-gieng",
    "title": "Đơn đào giếng",
    "schema": {
        "type": "object",
        "required": ["reason", "people"],
        "properties": {
            "reason": {"type": "string", "title": "Lý do", "minLength": 1, "maxLength": 200},
            "work": {"x-kind": "period", "title": "Thời gian thi công"},
            "flow": {"x-kind": "quantity", "title": "Lưu lượng", "x-units": ["m3/ngày", "l/s"]},
            "place": {"x-kind": "point", "title": "Vị trí", "x-hint": "Vĩ độ, kinh độ, ví dụ 16.75, 107.19"},
            "people": {
                "x-kind": "table",
                "title": "Người dùng nước",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"x-kind": "text", "title": "Họ tên"},
                        "born": {"x-kind": "date", "title": "Ngày sinh"},
                    },
                },
            },
        },
    },
    "pages": [{"id": "gieng", "title": "Giếng của bạn", "fields": ["reason", "work", "flow", "place", "people"]}],
}


@pytest.fixture
def draft(transactional_db: None) -> Draft:
    stored = Form.model_validate(FORM).model_dump(mode="json", by_alias=True)  # as a pack's is
    return Province(form=stored).draft()


def open_page(page: Page, draft: Draft) -> None:
    sign_in(page, Account.objects.get(pk=draft.account_id))
    page.goto(f"/nop/{draft.pk}/gieng")


def fill(page: Page) -> None:
    page.get_by_label("Lý do").fill("Nước sinh hoạt")
    work = page.get_by_role("group", name="Thời gian thi công")
    for box, value in (("Ngày", "1"), ("Tháng", "12"), ("Năm", "2026")):
        work.get_by_role("group", name="Từ ngày").get_by_label(box, exact=True).fill(value)
    flow = page.get_by_role("group", name="Lưu lượng")
    flow.get_by_label("Giá trị").fill("1,5")
    flow.get_by_label("Đơn vị").select_option("l/s")
    page.get_by_label("Vị trí").fill("16.75, 107.19")
    people = page.get_by_role("group", name="Người dùng nước")
    first = people.get_by_role("group", name="Dòng 1")
    assert first.inner_text().index("Họ tên") < first.inner_text().index("Ngày sinh"), "as the form says"
    first.get_by_label("Họ tên").fill("Nguyễn Thị Lành")
    people.get_by_role("button", name="Thêm dòng").click()
    people.get_by_role("group", name="Dòng 2").get_by_label("Họ tên").fill("Trần Văn Bình")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without"])
def test_all_of_it_is_kept_and_shown(draft: Draft, browser: Browser, live_server: Any, scripts: bool) -> None:
    page = new_page(browser, live_server, PHONE, java_script_enabled=scripts)
    open_page(page, draft)
    fill(page)
    if scripts:
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, "portal-rows-390")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(page).not_to_have_url(f"{live_server.url}/nop/{draft.pk}/gieng")
    kept = Draft.objects.get(pk=draft.pk).data
    assert kept["work"] == {"from": "2026-12-01"}
    assert kept["flow"] == {"value": 1.5, "unit": "l/s"}
    assert kept["place"] == {"type": "Point", "coordinates": [107.19, 16.75]}
    assert kept["people"] == [{"name": "Nguyễn Thị Lành"}, {"name": "Trần Văn Bình"}]
    page.context.close()


def test_enter_sends_the_page_and_does_not_ask_for_a_row(draft: Draft, page_phone: Page) -> None:
    open_page(page_phone, draft)
    fill(page_phone)
    page_phone.get_by_label("Lý do").press("Enter")
    expect(page_phone.get_by_role("heading", name="Giếng của bạn")).to_be_hidden()


def test_what_is_wrong_in_a_row_is_said_with_its_number(draft: Draft, page_desktop: Page) -> None:
    open_page(page_desktop, draft)
    fill(page_desktop)
    people = page_desktop.get_by_role("group", name="Người dùng nước")
    people.get_by_role("group", name="Dòng 2").get_by_label("Năm").fill("9999x")
    page_desktop.get_by_role("button", name="Lưu và tiếp tục").click()
    fault = page_desktop.get_by_role("alert").get_by_role("link", name="Người dùng nước, mục 2")
    expect(fault).to_be_visible()
    expect(people.get_by_role("group", name="Dòng 2").get_by_label("Năm")).to_have_value("9999x")
    assert_axe_clean(page_desktop)
    screenshot(page_desktop, "portal-rows-1440")
