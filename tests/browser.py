"""Driving a real Chromium: fixtures and assertions for tests marked ``browser``.

``tests/conftest.py`` offers the fixtures ``browser``, ``page_phone`` and ``page_desktop`` to every test; the rest is
imported from here by name. Chromium is Debian's; without it the tests fail and say how to install it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.thorough import EVERYTHING

if TYPE_CHECKING:
    from hienluong.foundation.identity.models import Account

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
DIST = ROOT / "src/hienluong/ui/static/ui/dist"
AXE = FRONTEND / "node_modules/axe-core/axe.min.js"
PICTURES = ROOT / "test-results/pictures"

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
#: Milliseconds that a page may need while other tests take the machine; who waits goes on as soon as it is there.
PATIENCE = 40_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

expect.set_options(timeout=PATIENCE)
# Playwright's synchronous API runs an event loop in this thread; Django would refuse the ORM beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def chromium_path() -> str:
    """Debian's Chromium, without windows where it is there (it does the same with a third less work)."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not found:
        raise RuntimeError(
            "Chromium is missing. Install it: apt-get install -y chromium-headless-shell (or set CHROMIUM=/path/to/it)"
        )
    return found


@pytest.fixture(scope="session")
def built_assets() -> Path:
    """The built styles and scripts, made now if nobody has."""
    if not (DIST / "hienluong.css").exists() or not AXE.exists():
        npm = shutil.which("npm")
        if not npm:
            raise RuntimeError("npm is missing: install Node.js, then run: cd frontend && npm ci && npm run build")
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=FRONTEND, check=True)
        subprocess.run([npm, "run", "build"], cwd=FRONTEND, check=True)
    return DIST


@pytest.fixture(scope="module")
def browser(built_assets: Path) -> Iterator[Browser]:
    """One Chromium for the tests of a file.

    Playwright's synchronous API leaves an event loop in its thread as long as it is open, and a test that runs one of
    its own (signing does) cannot: what comes after this file can.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield chromium
        chromium.close()


def new_page(browser: Browser, live_server: Any, size: dict[str, int], **options: Any) -> Page:
    """A page of a new, empty browser profile; close its context when done."""
    context = browser.new_context(
        viewport=size, base_url=live_server.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.broken = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.broken.append(str(error)))  # type: ignore[attr-defined]
    page.on("console", lambda line: page.broken.append(line.text) if _breaks_policy(line.text) else None)  # type: ignore[attr-defined]
    return page


def _breaks_policy(text: str) -> bool:
    return "Content Security Policy" in text or "Content-Security-Policy" in text


def _page(browser: Browser, live_server: Any, size: dict[str, int], **options: Any) -> Iterator[Page]:
    page = new_page(browser, live_server, size, **options)
    yield page
    broken = list(page.broken)  # type: ignore[attr-defined]
    page.context.close()
    assert not broken, f"scripts failed or broke the content policy: {broken}"


@pytest.fixture
def page_phone(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page on a phone: 390 × 844, touch."""
    yield from _page(browser, live_server, PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def page_desktop(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page on a desk: 1440 × 900."""
    yield from _page(browser, live_server, DESKTOP)


def sign_in(page: Page | BrowserContext, account: Account) -> None:
    """Sign the account in without the form, as the sign-in page would."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    context = page if isinstance(page, BrowserContext) else page.context
    base_url = context._options["baseURL"] if hasattr(context, "_options") else None
    cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}
    context.add_cookies([{**cookie, "url": base_url}] if base_url else [{**cookie, "domain": "localhost", "path": "/"}])


def assert_axe_clean(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """No violation by axe-core of WCAG 2.0–2.2 A and AA nor of its best practices; `without` leaves parts out (CSS)."""
    page.wait_for_load_state("domcontentloaded")
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text())  # evaluated from outside, so the page's content policy stays as it is
    found = page.evaluate(
        """async (without) => {
            const context = without.length ? { include: [["html"]], exclude: without.map((css) => [css]) } : document;
            return (await window.axe.run(context, { resultTypes: ["violations"], preload: false })).violations;
        }""",
        list(without),
    )
    words = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
        + "\n".join(f"    {node['target']}: {node['html'][:200]}\n      {_why(node)}" for node in rule["nodes"][:5])
        for rule in found
    ]
    assert not words, f"axe found on {page.url}:\n" + "\n".join(words)


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for key in ("any", "all", "none") for check in node[key])[:400]


def assert_no_sideways_scroll(page: Page) -> None:
    """The page is not wider than the screen."""
    page.wait_for_load_state("domcontentloaded")
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px wider than the screen"


def screenshot(page: Page, name: str, *, full: bool = True) -> Path:
    """A picture of the page in the folder that ``PICTURES`` names, in `.ci/run` else in ``test-results/pictures``; in a plain
    `make test`, where nobody looks at it, none is taken."""
    folder = Path(os.environ.get("PICTURES", PICTURES))
    path = folder / f"{name}.png"
    if not (EVERYTHING or "PICTURES" in os.environ):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    page.evaluate("() => document.fonts.ready")
    page.screenshot(path=path, full_page=full)
    return path
