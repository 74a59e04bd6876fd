"""One dossier in a real browser from the person's phone through five desks and back, and the stranger who checks it."""

from __future__ import annotations

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from hienluong.capabilities.payments.models import Charge, Receipt
from hienluong.capabilities.payments.notices import signature
from hienluong.foundation.actions import Actor
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers.models import Dossier, PaymentState, Result, State
from hienluong.services.dossiers.publishing import produce
from hienluong.services.surveys.models import QUESTIONS, Rating
from tests.browser import DESKTOP, assert_axe_clean, assert_no_sideways_scroll, new_page, sign_in
from tests.services.dossiers.province import Province

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FEE = 15_000
CHARGE = {
    "code": "phi",
    "name": "Phí xác nhận",
    "kind": "fee",
    "due": "on_filing",
    "table": {"name": "phi", "inputs": [], "hit": "first", "rows": [], "default": {"amount": FEE}},
    "legal_basis": "Nghị quyết kiểm thử",
    "text": "15.000 đồng",
}


@pytest.fixture
def town(transactional_db: None) -> Province:
    """The small province, with a fee on its procedure."""
    return Province(CHARGE)


def account(actor: Actor) -> Account:
    assert actor.account_id is not None
    return Account.objects.get(pk=actor.account_id)


def visit(page: Page, path: str = "") -> None:
    """Open the page (or look at the one already open) and hold it to the rules of every page."""
    if path:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
    page.wait_for_load_state("load")
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)


def photo(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    Image.new("RGB", (900, 600), "white").save(path)
    return path


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def download(page: Page, path: str) -> bytes:
    answer = page.request.get(path)
    assert answer.status == 200, f"{path}: {answer.status}"
    return bytes(answer.body())


def bank_says(live_server: Any, charge: Charge) -> str:
    """The bank's own notice, signed, through the real door."""
    body = json.dumps(
        {
            "transaction": f"FT{secrets.token_hex(6)}",
            "content": charge.reference,
            "amount": charge.amount,
            "paid_at": "2026-11-23T10:00:00+07:00",
        }
    ).encode()
    at, nonce = str(int(time.time())), secrets.token_hex(8)
    headers = {
        "X-Time": at,
        "X-Nonce": nonce,
        "X-Signature": signature(settings.PAYMENT_SECRETS["bank"], at, nonce, body),
        "Content-Type": "application/json",
    }
    answer = httpx.post(f"{live_server.url}/api/v1/payments/notices/bank", content=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


def file_on_the_phone(page: Page, town: Province, tmp_path: Path) -> Dossier:
    visit(page, "/dich-vu/8.000900")
    page.get_by_role("button", name="Nộp hồ sơ ngay").click()
    visit(page)
    press(page, "Tiếp tục")  # nobody chosen: the page says so
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.get_by_label(f"Cho tôi: {town.party.name}").check()
    press(page, "Tiếp tục")
    visit(page)
    press(page, "Lưu và tiếp tục")  # nothing typed: the page says what is wrong and stays
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    visit(page)
    page.get_by_label("Lý do").fill("Bổ túc hồ sơ vay vốn sửa nhà")
    press(page, "Lưu và tiếp tục")
    visit(page)
    page.get_by_label("Xã, phường giải quyết").select_option(label=town.commune.name)
    page.get_by_label("Bản điện tử có chữ ký số").check()
    press(page, "Lưu và tiếp tục")
    visit(page)
    page.get_by_label("Chọn tệp có sẵn Bản sao căn cước").set_input_files(photo(tmp_path, "can-cuoc.jpg"))
    press(page, "Lưu và tiếp tục")
    visit(page)
    expect(page.get_by_text("Bổ túc hồ sơ vay vốn sửa nhà")).to_be_visible()
    expect(page.get_by_text("can-cuoc.jpg")).to_be_visible()
    page.get_by_label("Tôi cam đoan").check()
    press(page, "Nộp hồ sơ")
    expect(page.get_by_role("heading", name="Đã nộp hồ sơ")).to_be_visible()
    visit(page)
    return Dossier.objects.get()


def pay(page: Page, live_server: Any, dossier: Dossier) -> None:
    page.get_by_role("link", name="Thanh toán bằng QR").click()
    visit(page)
    charge = Charge.objects.get(subject_ref=f"dossier:{dossier.code}")
    assert charge.amount == FEE
    assert bank_says(live_server, charge) == "applied"
    dispatch_waiting()
    visit(page, f"/thanh-toan/{charge.reference}")
    expect(page.get_by_role("heading", name="Biên lai")).to_be_visible()
    dossier.refresh_from_db()
    assert dossier.payment_state == PaymentState.PAID
    assert Receipt.objects.count() == 1


def at_the_desk(browser: Browser, live_server: Any, actor: Actor, dossier: Dossier) -> Page:
    """The dossier opened by an official from the inbox, on a desk's screen."""
    page = new_page(browser, live_server, DESKTOP)
    sign_in(page, account(actor))
    visit(page, "/lam-viec/")
    page.get_by_role("link", name=dossier.code).first.click()
    visit(page)
    expect(page.get_by_role("heading", name=dossier.code)).to_be_visible()
    return page


def do(page: Page, verb: str, button: str, **typed: str) -> None:
    """Fill the panel of one act and send it; `typed` by field name, radios by value."""
    panel = page.locator(f"#viec-{verb}")
    if panel.evaluate("(node) => node.tagName === 'DETAILS' && !node.open"):
        panel.locator("summary").first.click()
    for name, value in typed.items():
        radio = panel.locator(f'input[name="{verb}-{name}"][value="{value}"]')
        if radio.count():
            radio.check()
        else:
            panel.locator(f'[name="{verb}-{name}"]').fill(value)
    panel.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state("load")
    expect(page.locator(".govuk-error-summary")).to_have_count(0)
    visit(page)


def answer_on_the_phone(page: Page, dossier: Dossier, tmp_path: Path) -> None:
    visit(page, "/ho-so")
    visit(page, f"/ho-so/{dossier.code}")
    page.get_by_role("button", name="Bổ sung ngay").click()
    visit(page)
    page.get_by_label("Chọn tệp có sẵn Bản sao căn cước").set_input_files(photo(tmp_path, "mat-sau.jpg"))
    page.get_by_label("Nội dung trả lời").fill("Tôi gửi thêm mặt sau.")
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_text("Đã gửi phần bổ sung.")).to_be_visible()
    visit(page)


def verify_and_rate(page: Page, dossier: Dossier, result: Result, tmp_path: Path) -> None:
    visit(page, f"/ho-so/{dossier.code}")
    href = (
        page.get_by_role("button", name="Tải kết quả (PDF)")
        .or_(page.get_by_role("link", name="Tải kết quả (PDF)"))
        .get_attribute("href")
    )
    assert href is not None
    signed = download(page, href)
    assert signed.startswith(b"%PDF-")
    visit(page, "/xac-minh")
    kept = tmp_path / "ket-qua.pdf"
    kept.write_bytes(signed)
    page.locator('input[name="file"]').set_input_files(kept)
    page.locator("main form:has(input[type=file]) button[type=submit]").click()
    visit(page)
    expect(page.locator(".hl-verdict--valid")).to_be_visible()
    expect(page.locator("main")).to_contain_text(dossier.competent.name)
    altered = tmp_path / "sua.pdf"
    altered.write_bytes(signed.replace(b"/Type", b"/Typo", 1))
    page.goto("/xac-minh")
    page.locator('input[name="file"]').set_input_files(altered)
    page.locator("main form:has(input[type=file]) button[type=submit]").click()
    visit(page)
    assert_not_genuine(page)
    visit(page, f"/ho-so/{dossier.code}/danh-gia")
    for key, _label in QUESTIONS:
        page.locator(f'input[name="{key}"]').first.check()
    press(page, "Gửi đánh giá")
    visit(page)
    assert Rating.objects.filter(dossier=dossier).count() == 1


def assert_not_genuine(page: Page) -> None:
    expect(page.locator(".hl-verdict")).to_be_visible()
    expect(page.locator(".hl-verdict--valid")).to_have_count(0)


def work_off(dossier: Dossier) -> None:
    """The signing job as the worker does it: in a thread of its own, away from the browser's event loop."""

    def job() -> None:
        try:
            produce(Result.objects.get(dossier=dossier))
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(job).result(timeout=60)
    dispatch_waiting()


def test_from_the_phone_through_five_desks_and_back(
    town: Province, browser: Browser, live_server: Any, page_phone: Page, page_desktop: Page, tmp_path: Path
) -> None:
    sign_in(page_phone, town.account)
    dossier = file_on_the_phone(page_phone, town, tmp_path)
    pay(page_phone, live_server, dossier)

    clerk = at_the_desk(browser, live_server, town.clerk, dossier)
    do(clerk, "receive", "Tiếp nhận và in giấy hẹn", note="Đủ giấy tờ.")
    receipt = clerk.locator("a", has_text="In giấy tiếp nhận").get_attribute("href")
    assert receipt is not None
    assert download(clerk, receipt).startswith(b"%PDF-")

    officer = at_the_desk(browser, live_server, town.officer, dossier)
    do(officer, "request_supplement", "Gửi yêu cầu bổ sung", papers="CC", reason="Ảnh thiếu mặt sau căn cước.")
    answer_on_the_phone(page_phone, dossier, tmp_path)
    visit(officer, f"/lam-viec/ho-so/{dossier.code}")
    do(officer, "review", "Gửi đề xuất", grants="yes", conclusion="Đủ điều kiện xác nhận.")

    head = at_the_desk(browser, live_server, town.head, dossier)
    assert download(head, f"/lam-viec/ho-so/{dossier.code}/du-thao").startswith(b"%PDF-")
    do(head, "submit_for_signature", "Trình ký")
    leader = at_the_desk(browser, live_server, town.leader, dossier)
    do(leader, "sign", "Ký kết quả")
    work_off(dossier)
    result = Result.objects.get(dossier=dossier)
    dossier.refresh_from_db()
    assert (result.state, dossier.state) == (Result.State.SIGNED, State.RETURNED)

    verify_and_rate(page_phone, dossier, result, tmp_path)
    visit(page_desktop, f"/xac-minh/{result.token}")  # a stranger, never signed in
    shown = page_desktop.locator("main").inner_text()
    assert town.party.name not in shown
    assert town.party.identifier not in shown
    assert dossier.competent.name in shown
    for desk in (clerk, officer, head, leader):
        assert not desk.broken  # type: ignore[attr-defined]
        desk.context.close()
