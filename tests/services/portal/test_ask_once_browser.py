"""Ask once, in a real browser: choose the record, contest a value, papers that need not be handed in; the agency decides."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.corrections.models import Correction
from hienluong.services.dossiers.models import Dossier
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import actor_for_role
from tests.services.dossiers.askonce import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"ask-once-{name}")


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    return out.getvalue()


def test_a_person_types_nothing_that_is_known(transactional_db: None, page_phone: Page, page_desktop: Page) -> None:
    town = Town()
    town.well()
    p, page = town.province, page_phone
    town.well("G002", name="Giếng vườn")
    head = actor_for_role("head", p.commune)
    sign_in(page, Account.objects.get(pk=p.citizen.account_id))
    page.goto(f"/dich-vu/{town.version.procedure.code}/nop")
    page.get_by_label("Cho tôi").check()
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", name="Chọn dữ liệu để điền sẵn")).to_be_visible()
    look(page, "choose-390")
    page.get_by_label("Giếng chợ Đông Hà (G001)").check()
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    name = page.get_by_label("Tên giếng")
    expect(name).to_have_value("Giếng chợ Đông Hà")
    expect(name).not_to_be_editable()
    look(page, "field-390")
    page.get_by_role("link", name="Không đúng? Tên giếng").click()
    look(page, "contest-390")
    page.get_by_label("Tên giếng").fill("Giếng Lành")
    page.get_by_label("Chưa đúng chỗ nào?").fill("Tên ghi trên giấy phép là Giếng Lành")
    page.locator("input[name=evidence]").set_input_files(
        {"name": "giay-phep.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.get_by_role("button", name="Gửi yêu cầu đính chính").click()
    expect(page.get_by_text("bạn đã yêu cầu đính chính")).to_be_visible()
    look(page, "contested-390")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.get_by_label("Lý do").fill("Sửa giếng")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.locator("select[name=commune]").select_option(str(p.commune.pk))
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(page.get_by_role("heading", name="Không phải nộp")).to_be_visible()
    look(page, "papers-390")
    page.locator("#paper-XN").set_input_files({"name": "xn.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(page.get_by_role("heading", name="Kiểm tra trước khi nộp")).to_be_visible()
    expect(page.get_by_text("Không phải nộp. Lấy từ Giếng khoan")).to_be_visible()
    look(page, "check-390")
    page.get_by_label("Tôi cam đoan").check()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.wait_for_url("**/da-nop")
    page.goto("/dinh-chinh")
    look(page, "mine-390")

    desk, dossier, request = page_desktop, Dossier.objects.latest("pk"), Correction.objects.get()
    sign_in(desk, Account.objects.get(pk=p.clerk.account_id))
    desk.goto(f"/lam-viec/ho-so/{dossier.code}")
    expect(desk.get_by_text("Người dân cho là chưa đúng và đã sửa")).to_be_visible()
    look(desk, "officer-1440")
    sign_in(desk, Account.objects.get(pk=head.account_id))
    desk.goto("/lam-viec/dinh-chinh")
    look(desk, "requests-1440")
    desk.get_by_role("link", name=request.code).click()
    look(desk, "request-1440")
    desk.get_by_label("Đính chính như người dân đề nghị").check()
    desk.get_by_role("button", name="Ghi quyết định").click()
    expect(desk.get_by_text("Đã đính chính", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Đã đính chính", exact=True)).to_be_visible()
