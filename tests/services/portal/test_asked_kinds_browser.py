"""A form that asks for a record, a file and an address: found by words, uploaded, chosen; shown again before sending."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hienluong.capabilities.registers import actions as registers
from hienluong.foundation.codelists import shipped
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.registers.sample import official, wells
from tests.factories import TESTER
from tests.services.records.sample import Kept

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORM: dict[str, Any] = {
    "code": "don",
    "title": "Đơn",
    "schema": {
        "type": "object",
        "required": ["well", "where", "photo"],
        "properties": {
            "well": {"x-kind": "reference", "x-register": "thu.cong_khai", "title": "Giếng"},
            "where": {"x-kind": "address", "title": "Nơi khoan"},
            "photo": {"x-kind": "photo", "title": "Ảnh hiện trạng"},
        },
    },
    "pages": [{"id": "gieng", "title": "Giếng của bạn", "fields": ["well", "where", "photo"]}],
}


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 200), "green").save(out, "PNG")
    return out.getvalue()


def test_a_record_a_file_and_an_address_are_answered_and_filed(page_phone: Page) -> None:
    install(TESTER, loaded=shipped.load("administrative-units"))
    kept = Kept()
    given = {"responsible": {"read": "*", "write": "*"}, "public": {"read": ["code", "name"]}}
    spec = wells(code="thu.cong_khai", owner=kept.owner.code, search=["name"], access=given)
    chief = official(kept.owner, "define", "read", "write")
    register = registers.install(chief, spec=spec, owner=kept.owner).register
    for code, name in (("G001", "Giếng chợ Đông Hà"), ("G002", "Giếng đình")):
        data = {"code": code, "name": name, "agency": kept.here.code}
        registers.create(kept.officer, register=register, data=data)
    p = kept.province
    version = p.publish("8.000980", form=FORM, papers=[])
    draft = actions.start_draft(p.citizen, version=version, subject=p.party)
    actions.save_draft(p.citizen, draft=draft, organization=p.commune)
    page = page_phone
    sign_in(page, Account.objects.get(pk=p.account.pk))
    page.goto(f"/nop/{draft.pk}/gieng")
    assert_axe_clean(page)
    page.get_by_label("Giếng", exact=True).press_sequentially("dinh")
    page.get_by_role("option", name="G002 Giếng đình").click()
    unit = page.get_by_label("Xã, phường, đặc khu")
    unit.press_sequentially("dong ha")
    page.get_by_role("option", name=re.compile("^Phường Đông Hà 19")).first.click()
    expect(page.locator("#id_where__unit")).to_have_value(re.compile(r"^Phường Đông Hà - \d{5}$"))
    page.get_by_label("Số nhà, đường, thôn").fill("12 Lê Duẩn")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("alert")).to_be_visible()  # the photo is missing; what was typed stays
    expect(page.get_by_label("Số nhà, đường, thôn")).to_have_value("12 Lê Duẩn")
    assert_axe_clean(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "hien-trang.png", "mimeType": "image/png", "buffer": picture()}
    )
    screenshot(page, "ho-so-gieng-dia-chi-anh-phone")
    assert_no_sideways_scroll(page)
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_url(lambda url: not url.endswith("/gieng"))
    page.goto(f"/nop/{draft.pk}/kiem-tra")
    for words in ("Giếng đình (G002)", "12 Lê Duẩn", "hien-trang.png"):
        expect(page.get_by_text(words).first).to_be_visible()
    assert_axe_clean(page)
    page.get_by_label("Tôi cam đoan").check()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    expect(page.get_by_role("heading", name="Đã nộp hồ sơ")).to_be_visible()
    filed = Dossier.objects.get()
    assert filed.data["well"] == "G002"
    assert filed.data["where"]["street"] == "12 Lê Duẩn"
    assert filed.papers.get().name == "Ảnh hiện trạng"
