"""npm's oidc-client-ts in Chromium against our provider: silent renewal, and leaving everywhere at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso.models import System
from tests.foundation.sso.system import registered

from .apache import apache
from .person import PASSWORD, tell_logouts
from .running import HERE

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIBRARY = HERE / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"


@pytest.fixture
def app(province: str) -> Iterator[str]:
    """The address of an application without a server of its own: three files."""
    system, _no_secret = registered(
        name="Ứng dụng trong trình duyệt",
        proof=System.Proof.NONE,
        scopes=["profile", "offline_access"],
        redirect_uris=["http://127.0.0.1/ve", "http://127.0.0.1/lang-le"],
        logout_redirects=["http://127.0.0.1/da-ra"],
    )
    page = (HERE / "browser_app/index.html").read_text()
    page = page.replace("AUTHORITY", province).replace("CLIENT", system.client_id)
    files = {"/app.js": (HERE / "browser_app/app.js").read_bytes(), "/oidc-client-ts.js": LIBRARY.read_bytes()}

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server asks for
            body = files.get(self.path.partition("?")[0])
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if body else "text/html")
            self.end_headers()
            self.wfile.write(body or page.encode())

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of an empty browser."""
    context = browser.new_context(locale="vi-VN")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def said(page: Page, other_than: Any = None) -> dict[str, Any]:
    """What the application shows, once it shows something else."""
    before = json.dumps(other_than)
    page.wait_for_function(
        "before => { const text = document.getElementById('said')?.textContent;"
        " return text && text !== JSON.stringify(JSON.parse(before)); }",
        arg=before,
    )
    found: dict[str, Any] = json.loads(page.locator("#said").inner_text())
    return found


def test_renewing_silently_and_leaving_everywhere(page: Page, app: str, province: str, account: Account) -> None:
    page.goto(app)
    page.click("#enter")
    page.fill("[name=username]", "binh")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.get_by_role("button", name="Đồng ý", exact=True).click()
    first = said(page)
    assert (first["name"], first["lasting"]) == ("Trần Thị Bình", False)
    page.click("#renew")  # in a frame, with prompt=none
    second = said(page, first)
    assert (second["sub"], second["lasting"]) == (first["sub"], False)
    assert second["token"] != first["token"]

    page.click("#enter-offline")
    page.get_by_role("button", name="Đồng ý", exact=True).click()
    third = said(page)
    assert third["lasting"] is True
    page.click("#renew")  # by the refresh token, across origins
    fourth = said(page, third)
    assert (fourth["sub"], fourth["lasting"]) == (first["sub"], True)
    assert fourth["token"] != third["token"]

    with apache(province) as folder:
        page.goto(f"{folder}/kin/")
        page.get_by_role("button", name="Đồng ý", exact=True).click()
        page.get_by_role("heading", name="Chỉ người của tỉnh").wait_for()
        page.goto(app)
        page.click("#leave")
        assert said(page) == {"left": True, "user": None}
        assert tell_logouts() == 1
        page.goto(f"{folder}/kin/")
        assert page.url.startswith(f"{province}/dang-nhap"), "Apache was told"
        page.goto(app)
        page.click("#enter")
        page.wait_for_url(f"{province}/dang-nhap**")
        page.goto(app)
        page.click("#renew")
        assert said(page) == {"fault": "login_required"}
