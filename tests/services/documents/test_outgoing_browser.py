"""The way of a document in a browser: drafted at a desk, judged and signed on phones, sealed, sent, received elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page

from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.services.documents import bodies
from hienluong.services.documents.actions import drafting
from hienluong.services.documents.models import Document, State, WorkingCopy
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.signing.asking import work

from .bureau import Bureau, Person, make_bureau

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signs proved a moment ago who they are."""
    monkeypatch.setattr("hienluong.foundation.signin.steps.confirmed", lambda _request: True)


def settle() -> None:
    """What the worker would do, in a thread of its own: this one has the loop of Playwright, and signing runs one, too."""

    def until_done() -> None:
        try:
            for _turn in range(20):
                if not work() and not dispatch_waiting():
                    return
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(until_done).result(timeout=120)


def go(page: Page, person: Person, address: str) -> None:
    page.context.clear_cookies()
    sign_in(page, person.account)
    page.goto(address)


def look(page: Page, name: str) -> None:
    assert_no_sideways_scroll(page)
    assert_axe_clean(page)
    screenshot(page, name)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def open_act(page: Page, name: str) -> None:
    page.locator("#pane-acts").get_by_role("button", name=name, exact=True).click()


def draft_at_the_desk(page: Page, bureau: Bureau) -> Document:
    go(page, bureau.drafter, "/lam-viec/van-ban/di/moi")
    look(page, "documents-begin-desktop")
    page.get_by_label("Trích yếu nội dung").fill("rà soát số liệu tiêm chủng")
    press(page, "Bắt đầu soạn")
    page.wait_for_url("**/soan")
    editor = page.locator(".ProseMirror")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Thực hiện Kế hoạch của Ủy ban nhân dân tỉnh, đề nghị Sở Y tế báo cáo.")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+b")
    page.keyboard.type("Trước ngày 30")
    page.keyboard.press("Control+b")
    page.keyboard.type(" hằng tháng./.")
    page.get_by_role("button", name="Danh sách", exact=True).click()
    page.get_by_label("Kính gửi").fill("Sở Y tế")
    page.locator("img[data-hl-preview][src^='blob:'], img[data-hl-preview][src^='data:']").wait_for()
    look(page, "documents-write-desktop")
    press(page, "Lưu và xem văn bản")
    page.wait_for_url("**/di/*")
    document = Document.objects.get()
    assert "<strong>Trước ngày 30</strong>" in drafting.latest(document).body
    page.get_by_role("button", name="Thông tin, nơi nhận, người ký").click()
    page.locator("#id_signer").select_option(label="Lê Công Minh (Phó Chủ tịch)")
    page.locator("#id_competence").select_option("TM.")
    page.locator("#id_places").fill("Sở Y tế")
    look(page, "documents-set-out-desktop")
    press(page, "Lưu")
    open_act(page, "Xin ý kiến")
    page.get_by_label("Hoàng Văn Dũng (Chánh Văn phòng, Văn phòng)").check()
    look(page, "documents-ask-desktop")
    press(page, "Xin ý kiến")
    return document


def test_from_the_draft_to_the_other_agency(page_desktop: Page, page_phone: Page, live_server: Any) -> None:
    bureau = make_bureau()
    document = draft_at_the_desk(page_desktop, bureau)
    address = f"/lam-viec/van-ban/di/{document.pk}"

    go(page_phone, bureau.head, "/lam-viec/van-ban/di")
    look(page_phone, "documents-list-phone")
    page_phone.get_by_role("link", name="Công văn").first.click()
    look(page_phone, "documents-opinion-phone")
    page_phone.get_by_label("Đồng ý, có góp ý").check()
    page_phone.get_by_label("Nội dung góp ý").fill("Thêm hạn báo cáo")
    press(page_phone, "Gửi ý kiến")

    go(page_desktop, bureau.drafter, address)
    look(page_desktop, "documents-draft-desktop")
    open_act(page_desktop, "Trình duyệt")
    press(page_desktop, "Trình duyệt")

    for person in (bureau.head, bureau.deputy):
        go(page_phone, person, address)
        look(page_phone, "documents-approve-phone")
        press(page_phone, "Duyệt")
    document.refresh_from_db()
    assert document.state == State.APPROVED

    go(page_desktop, bureau.clerk, "/lam-viec/van-ban/di/hang/cap-so")
    look(page_desktop, "documents-desk-desktop")
    page_desktop.get_by_role("link", name="Công văn").first.click()
    open_act(page_desktop, "Cấp số")
    press(page_desktop, "Cấp số")

    go(page_phone, bureau.deputy, "/lam-viec/van-ban/di/hang/ky")
    page_phone.get_by_label("Chọn văn bản 01/UBND-VP").check()
    look(page_phone, "documents-sign-phone")
    press(page_phone, "Ký số các văn bản đã chọn")
    settle()

    go(page_desktop, bureau.clerk, address)
    open_act(page_desktop, "Đóng dấu (ký số cơ quan)")
    press(page_desktop, "Đóng dấu (ký số cơ quan)")
    settle()
    page_desktop.goto(address)
    open_act(page_desktop, "Phát hành")
    look(page_desktop, "documents-issue-desktop")
    press(page_desktop, "Phát hành")
    settle()
    page_desktop.goto(address)
    page_desktop.get_by_text("Đã đến", exact=True).first.wait_for()
    look(page_desktop, "documents-issued-desktop")
    go(page_phone, bureau.clerk, address)
    look(page_phone, "documents-issued-phone")
    page_phone.goto("/lam-viec/van-ban/di/so")
    look(page_phone, "documents-register-phone")
    page_desktop.goto("/lam-viec/van-ban/di/so")
    look(page_desktop, "documents-register-desktop")
    page_desktop.goto("/lam-viec/van-ban/di/thong-ke")
    look(page_desktop, "documents-statistics-desktop")

    came = Document.objects.get(direction="incoming")
    assert (came.agency, came.code) == (bureau.health, "01/UBND-VP")
    go(page_desktop, bureau.health_clerk, "/lam-viec/van-ban/den/")
    page_desktop.get_by_text("01/UBND-VP").first.wait_for()


def test_what_is_typed_is_kept_while_nobody_saves(page_desktop: Page, live_server: Any) -> None:
    bureau = make_bureau()
    document = bureau.draft()
    go(page_desktop, bureau.drafter, f"/lam-viec/van-ban/di/{document.pk}/soan")
    page_desktop.locator(".ProseMirror").click()
    page_desktop.keyboard.press("Control+a")
    page_desktop.keyboard.type("Chữ chưa ai lưu")
    page_desktop.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page_desktop.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page_desktop.get_by_text("Đã lưu tạm lúc").wait_for()
    kept = WorkingCopy.objects.get(document=document)
    assert bodies.plain(kept.body) == "Chữ chưa ai lưu"
    page_desktop.goto(f"/lam-viec/van-ban/di/{document.pk}/soan")
    assert "Chữ chưa ai lưu" in page_desktop.locator(".ProseMirror").inner_text()


def test_a_table_is_made_and_kept(page_desktop: Page, live_server: Any) -> None:
    bureau = make_bureau()
    document = bureau.draft()
    go(page_desktop, bureau.drafter, f"/lam-viec/van-ban/di/{document.pk}/soan")
    page_desktop.locator(".ProseMirror").click()
    page_desktop.keyboard.press("Control+End")
    page_desktop.keyboard.press("Enter")
    page_desktop.get_by_role("button", name="Chèn bảng").click()
    page_desktop.locator(".ProseMirror td").first.click()
    page_desktop.keyboard.type("Chỉ tiêu")
    page_desktop.get_by_role("button", name="Thêm dòng").click()
    assert_axe_clean(page_desktop)
    press(page_desktop, "Lưu bản mới")
    page_desktop.get_by_text("Đã lưu bản 2.").first.wait_for()
    body = drafting.latest(document).body
    assert body.count("<tr>") == 4
    assert "Chỉ tiêu" in body
