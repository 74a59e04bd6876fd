"""A kiosk shows a code, and the person who stands before it signs it in with their own phone: both in a real Chromium."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso import devices
from hienluong.foundation.sso.models import System
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot
from tests.factories import make_org
from tests.foundation.signin.test_signing_in_browser import device

from .system import PASSWORD, registered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KIOSK = "Ki-ốt một cửa xã Gio Linh"


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


@contextmanager
def kiosk(system: System, secret: str, provider: str) -> Iterator[str]:
    """The address of the page that the kiosk shows: of the code, each time it is loaded of one poll more, of who came."""
    proof = base64.b64encode(f"{system.client_id}:{secret}".encode()).decode()

    def ask(path: str, form: dict[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Basic {proof}"}
        try:
            with urlopen(Request(provider + path, urlencode(form).encode(), headers)) as answer:
                return dict(json.load(answer))
        except HTTPError as refused:
            return dict(json.load(refused))

    begun: dict[str, Any] = {}

    class Screen(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server asks for
            if self.path == "/moi":
                begun.update(ask("/sso/thiet-bi", {"scope": "openid profile"}))
                self.show(f"<p id=code>{begun['user_code']}</p><p id=link>{escape(begun['verification_uri_complete'])}")
                return
            answer = ask("/sso/ma", {"grant_type": devices.GRANT, "device_code": begun["device_code"]})
            if "access_token" in answer:
                bearer = {"Authorization": f"Bearer {answer['access_token']}"}
                with urlopen(Request(f"{provider}/sso/nguoi-dung", headers=bearer)) as told:
                    answer = {"error": f"Chào {json.load(told)['name']}"}
            self.show(f"<p id=said>{escape(answer['error'])}")

        def show(self, words: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>{KIOSK}</title>{words}".encode())

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Screen)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def sign_in(phone: Page) -> None:
    phone.get_by_label("Tên đăng nhập").fill("binh")
    phone.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Đăng nhập", exact=True).click()


def test_a_kiosk_is_signed_in_with_the_phone_of_who_stands_before_it(
    page_desktop: Page, page_phone: Page, live_server: Any, settings: Any, person: Account, monkeypatch: Any
) -> None:
    settings.BASE_URL = live_server.url
    monkeypatch.setattr(devices, "INTERVAL", 0)  # the kiosk need not wait between two polls
    screen, phone = page_desktop, page_phone
    system, secret = registered(
        owner=make_org("UBND tỉnh Quảng Trị", code="H50", kind="province"),
        name=KIOSK,
        purpose="Lấy số và nộp hồ sơ tại chỗ.",
        scopes=["profile"],
        redirect_uris=[],
        for_devices=True,
    )
    with kiosk(system, secret, live_server.url) as address:
        screen.goto(f"{address}/moi")
        code = screen.locator("#code").inner_text()
        assert re.fullmatch(rf"[{devices.LETTERS}]{{4}}-[{devices.LETTERS}]{{4}}", code)
        screen.goto(f"{address}/hoi")
        expect(screen.locator("#said")).to_have_text("authorization_pending")

        phone.goto("/thiet-bi")
        sign_in(phone)
        expect(phone.get_by_role("heading", name="Đăng nhập trên thiết bị")).to_be_visible()
        expect(phone.get_by_text("đó là lừa đảo")).to_be_visible()
        look(phone, "ma-thiet-bi-390")
        phone.get_by_label("Mã trên màn hình").fill("BBBB-BBBB" if code != "BBBB-BBBB" else "CCCC-CCCC")
        phone.get_by_role("button", name="Tiếp tục").click()
        expect(phone.get_by_role("alert")).to_contain_text("Không có thiết bị nào đang chờ mã này")
        look(phone, "ma-thiet-bi-sai-390")
        phone.get_by_label("Mã trên màn hình").fill(code.lower().replace("-", " "))
        phone.get_by_role("button", name="Tiếp tục").click()
        expect(phone.get_by_role("heading", name=f"Đăng nhập trên thiết bị của {KIOSK}?")).to_be_visible()
        for words in (code, "UBND tỉnh Quảng Trị", "Lấy số và nộp hồ sơ tại chỗ.", person.display_name, "127.0.0.1"):
            expect(phone.locator("dl").get_by_text(words)).to_be_visible()
        look(phone, "xac-nhan-thiet-bi-390")
        phone.get_by_role("button", name="Đăng nhập thiết bị này").click()
        expect(phone.get_by_role("alert")).to_be_visible()
        look(phone, "xac-nhan-thiet-bi-chua-danh-dau-390")
        screen.goto(f"{address}/hoi")
        expect(screen.locator("#said")).to_have_text("authorization_pending")
        phone.get_by_label("Tôi đang ở trước thiết bị này").check()
        phone.get_by_role("button", name="Đăng nhập thiết bị này").click()
        expect(phone.get_by_role("heading", name="Thiết bị đã đăng nhập")).to_be_visible()
        look(phone, "thiet-bi-da-dang-nhap-390")
        screen.goto(f"{address}/hoi")
        expect(screen.locator("#said")).to_have_text(f"Chào {person.display_name}")
        screen.goto(f"{address}/hoi")
        expect(screen.locator("#said")).to_have_text("invalid_grant")

        screen.goto(f"{address}/moi")  # the QR code of the next one; whoever was sent it by a stranger says no
        phone.goto(screen.locator("#link").inner_text())
        expect(phone.get_by_label("Mã trên màn hình")).to_have_value(screen.locator("#code").inner_text())
        look(phone, "ma-thiet-bi-quet-390")
        phone.get_by_role("button", name="Tiếp tục").click()
        phone.get_by_role("button", name="Không phải tôi").click()
        expect(phone.get_by_role("heading", name="Đã từ chối thiết bị")).to_be_visible()
        look(phone, "thiet-bi-bi-tu-choi-390")
        screen.goto(f"{address}/hoi")
        expect(screen.locator("#said")).to_have_text("access_denied")


def test_a_kiosk_that_asks_for_more_gets_it_with_a_passkey(
    page_desktop: Page, page_phone: Page, live_server: Any, settings: Any, person: Account
) -> None:
    settings.BASE_URL = live_server.url
    screen, phone = page_desktop, page_phone
    told = {"name": KIOSK, "scopes": ["profile"], "redirect_uris": [], "for_devices": True, "level": 2}
    system, secret = registered(owner=make_org(kind="province"), **told)
    device(phone)
    phone.goto("/dang-nhap?next=/tai-khoan/bao-mat")
    sign_in(phone)
    with kiosk(system, secret, live_server.url) as address:
        screen.goto(f"{address}/moi")
        phone.goto(screen.locator("#link").inner_text())
        phone.get_by_role("button", name="Tiếp tục").click()
        expect(phone.get_by_role("heading", name="Xác nhận đó là bạn")).to_be_visible()
        look(phone, "xac-nhan-lai-cho-thiet-bi-390")
        phone.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        phone.get_by_role("button", name="Xác nhận", exact=True).click()
        expect(phone.get_by_text("mức xác thực cao hơn")).to_be_visible()
        expect(phone.get_by_role("button", name="Đăng nhập thiết bị này")).to_have_count(0)
        look(phone, "thiet-bi-can-muc-cao-hon-390")
        phone.goto("/tai-khoan/bao-mat")
        phone.get_by_role("button", name="Thêm khóa truy cập").click()
        phone.get_by_role("button", name="Tạo khóa trên thiết bị này").click()
        expect(phone.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
        screen.goto(f"{address}/moi")
        phone.goto(screen.locator("#link").inner_text())
        phone.get_by_role("button", name="Tiếp tục").click()
        phone.get_by_role("button", name="Dùng khóa truy cập").click()
        phone.get_by_label("Tôi đang ở trước thiết bị này").check()
        phone.get_by_role("button", name="Đăng nhập thiết bị này").click()
        expect(phone.get_by_role("heading", name="Thiết bị đã đăng nhập")).to_be_visible()
        screen.goto(f"{address}/hoi")
        expect(screen.locator("#said")).to_have_text(f"Chào {person.display_name}")
