"""A leader signs from a telephone: chooses, proves who they are, confirms on the provider's page. Whole and accessible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from hienluong.capabilities.signing import enrolling, requests
from hienluong.capabilities.signing.models import Look, SignatureRequest
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.identity.queries import actor_of
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.payments.process import forget_jobs
from tests.capabilities.signing.asking import SEAL_BOX, ask, content, work
from tests.capabilities.signing.service_process import PIN, SigningService
from tests.factories import make_account, make_official, make_org, make_roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]
T = TypeVar("T")


def apart(task: Callable[[], T]) -> T:
    """In a thread of its own: the browser's keeps an event loop, and signing runs one."""

    def run() -> T:
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def service(tmp_path: Path, settings: Any) -> Iterator[SigningService]:
    running = SigningService(tmp_path)
    settings.SIGNING_SERVICES = {"mo-phong": running.told}
    settings.CSC_SIMULATOR_URL = running.url
    settings.REVOCATION_ASK = False
    settings.TRUST_FOLDER = tmp_path / "trusted"
    settings.TRUST_FOLDER.mkdir()
    (settings.TRUST_FOLDER / "csc.pem").write_bytes(running.root)
    yield running
    running.stop()


def _look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"ky-so-{name}")


def test_a_leader_signs_two_documents_from_a_telephone(page_phone: Page, service: SigningService) -> None:
    forget_jobs()
    make_roles()
    org = make_org("UBND phường Đông Hà", kind="commune")
    official = make_official("Nguyễn Văn Ký", role="leader", org=org)
    account = make_account(official=official)
    page = page_phone
    sign_in(page, account)

    service.register(official.code, official.full_name, org.name)
    page.goto("/lam-viec/ky-so/khoa")
    _look(page, "khoa")
    page.get_by_role("button", name="Đăng ký khóa ký từ xa").click()
    _prove(page)
    _look(page, "dang-ky")
    page.get_by_role("button", name="Đăng ký").click()
    expect(page.get_by_text("Đã đăng ký khóa.")).to_be_visible()
    assert enrolling.key_of(official) is not None

    def two() -> list[SignatureRequest]:
        mark = requests.Mark(official, "ChuKyLanhDao", Look.LEADER, box=(340.0, 150.0, 480.0, 200.0), title="CHỦ TỊCH")
        seal = requests.Mark(org, "ChuKyCoQuan", Look.SEAL, box=SEAL_BOX)
        return [ask(mark, seal, subject_ref=f"v:{n}", title=f"Quyết định số {n}") for n in (1, 2)]

    asked = apart(two)
    page.goto("/lam-viec/ky-so")
    _look(page, "cho-ky")
    page.get_by_role("link", name="Quyết định số 1").click()
    expect(page.get_by_role("img", name="Trang 1 của Quyết định số 1")).to_be_visible()
    _look(page, "van-ban")
    page.goto("/lam-viec/ky-so")
    page.get_by_role("button", name="Chọn tất cả trên trang này").click()
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    if page.locator("input[name=password]").count():
        _prove(page)
    expect(page.get_by_text("hãy xác nhận trên điện thoại")).to_be_visible()
    _look(page, "xac-nhan")
    page.get_by_role("button", name="Ký", exact=True).click()
    page.wait_for_url("**/lam-viec/ky-so/tien-do")
    apart(work)
    expect(page.get_by_role("link", name="Mở điện thoại mô phỏng (thẻ mới)")).to_be_visible()
    _look(page, "tien-do")

    digests = [text.removeprefix("SHA-256 ") for text in page.locator(".hl-code").all_inner_texts()]
    telephone = page.context.new_page()
    telephone.goto(service.url)
    _look(telephone, "dien-thoai")
    telephone.get_by_role("link", name="Nguyễn Văn Ký").click()
    expect(telephone.get_by_text("Quyết định số 2")).to_be_visible()
    shown = telephone.locator("code").all_inner_texts()
    assert [text.removeprefix("SHA-256 ") for text in shown] == digests
    assert len(set(digests)) == 2
    _look(telephone, "dien-thoai-xac-nhan")
    telephone.get_by_label("Mã PIN ký số").fill("000000")
    telephone.get_by_role("button", name="Xác nhận ký").click()
    expect(telephone.get_by_text("Mã PIN không đúng.")).to_be_visible()
    telephone.get_by_label("Mã PIN ký số").fill(PIN)
    telephone.get_by_role("button", name="Xác nhận ký").click()
    expect(telephone.get_by_role("heading", name="Đã xác nhận ký")).to_be_visible()
    _look(telephone, "dien-thoai-xong")
    telephone.close()

    apart(work)
    expect(page.get_by_text("Mở điện thoại, so mã")).to_have_count(0)
    expect(page.get_by_text("Đã ký").first).to_be_visible()
    _look(page, "da-ky")
    for request in asked:
        request.refresh_from_db()
        assert [mark.state for mark in request.marks.all()] == ["signed", "turn"]
        data = content(request.file_id)
        (found,) = apart(lambda data=data: verify_pdf(data).signatures)  # type: ignore[misc]
        assert (found.signer, found.intact, found.trusted) == ("Nguyễn Văn Ký", True, True)
    assert not apart(lambda: list(requests.waiting_for(actor_of(account))))
    page.goto("/lam-viec/ky-so")
    expect(page.get_by_text("Không có văn bản nào chờ bạn ký")).to_be_visible()
    _look(page, "het-viec")


def _prove(page: Page) -> None:
    page.locator("input[name=password]").fill("Mat-khau-thu-2026")
    page.locator("form:has(input[name=password]) button[type=submit]").click()
