"""The pictures of ``docs/screens``: the main pages of the demo, on a phone and on a desk. Run by ``make screens``."""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hienluong.house.demo.accounts import PASSWORD
from tests.browser import ARGUMENTS, DESKTOP, PHONE, ROOT, chromium_path
from tests.house.running import Installation

FOLDER = ROOT / "docs/screens"
#: Long pages are cut at these heights.
CUT = {390: 2200, 1440: 1800}
STRANGER = ""


@dataclass(frozen=True)
class Shot:
    """One picture: whose page it is, and how to get there from the first page of that account."""

    name: str
    username: str
    go: Callable[[Page], object]


def _open(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def _follow(path: str, link: str) -> Callable[[Page], object]:
    """Open a page, then the first link on it whose address begins like this.

    A result is signed in the background: the page is opened again until the link is there, for two minutes.
    """

    def go(page: Page) -> None:
        wanted = page.locator(f'main a[href^="{link}"]')
        for _ in range(60):
            page.goto(path)
            if wanted.count():
                break
            time.sleep(2)
        page.goto(str(wanted.first.get_attribute("href")))

    return go


def _check(page: Page) -> None:
    _follow("/ho-so", "/nop/")(page)
    page.goto(page.url.split("?")[0].rsplit("/", 1)[0] + "/kiem-tra")


def _form_page(page: Page) -> None:
    """The page of the form that asks for the paper to be certified, from the answers of the draft."""
    _check(page)
    page.goto(str(page.locator('main a[href*="/nop/"]').nth(1).get_attribute("href")))


def _payment(page: Page) -> None:
    """The draft is filed, and its fee asked for."""
    _check(page)
    page.locator("main input[type=checkbox]").check()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.wait_for_url("**/da-nop")
    page.goto(str(page.locator('main a[href*="/thanh-toan/"]').first.get_attribute("href")))


def _with_papers(page: Page) -> None:
    """The first dossier received that has a paper to look at beside the form."""
    page.goto("/lam-viec/?state=received")
    links = page.locator('main a[href^="/lam-viec/ho-so/"]').evaluate_all("links => links.map(link => link.href)")
    for link in links:
        page.goto(link)
        if page.locator("#viewer img").count():
            return
    raise RuntimeError("no dossier of the demo official has a paper to look at")


def _with_result(page: Page) -> None:
    _follow("/giay-to-cua-toi", "/ho-so/H")(page)


SHOTS = (
    Shot("home", STRANGER, _open("/")),
    Shot("services", STRANGER, _open("/dich-vu?q=khai+sinh")),
    Shot("service", STRANGER, _open("/dich-vu/1.001193")),
    Shot("form-page", "nguyenthilanh", _form_page),
    Shot("check", "nguyenthilanh", _check),
    Shot("payment", "nguyenthilanh", _payment),
    Shot("my-dossiers", "nguyenthilanh", _open("/ho-so")),
    Shot("citizen-dossier", "nguyenthilanh", _with_result),
    Shot("verification", "nguyenthilanh", _follow("/giay-to-cua-toi", "/xac-minh/")),
    Shot("inbox", "motcua", _open("/lam-viec/")),
    Shot("official-dossier", "chuyenvien.snnmt", _with_papers),
    Shot("oversight", "dieuhanh", _open("/dieu-hanh")),
    Shot("documents-in", "vanthu.syt", _open("/lam-viec/van-ban/den/")),
    Shot("document", "lanhdao.syt", _follow("/lam-viec/van-ban/den/", "/lam-viec/van-ban/den/")),
    Shot("drafting", "chuyenvien.syt", _open("/lam-viec/van-ban/di/moi")),
    Shot("tasks", "lanhdao.syt", _open("/lam-viec/giao-viec/bang")),
)


def signed_in(browser: Browser, base: str, username: str) -> BrowserContext:
    """A browser profile of one demo account (of a stranger when it is empty), signed in as the form does."""
    context = browser.new_context(base_url=base, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    context.set_default_timeout(30_000)
    if username:
        came = context.request.get("/dang-nhap")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', came.text())
        assert token, f"no sign-in form: {came.status} {came.url} {came.text()[:500]}"
        given = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        answer = context.request.post("/dang-nhap", form=given, max_redirects=0)
        assert answer.status == 302, f"{username} is not let in"
    return context


def take(browser: Browser, base: str, wanted: set[str]) -> None:
    """Take the wanted pictures (all when none is named)."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for shot in SHOTS:
        if wanted and shot.name not in wanted:
            continue
        context = signed_in(browser, base, shot.username)
        page = context.new_page()
        shot.go(page)
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            page.evaluate("() => document.fonts.ready")
            height = int(page.evaluate("() => document.documentElement.scrollHeight"))
            box = {"x": 0, "y": 0, "width": size["width"], "height": min(height, CUT[size["width"]])}
            taken = page.screenshot(full_page=True, clip=box)
            small = Image.open(BytesIO(taken)).convert("RGB").quantize(256)  # a third of the size, to the eye the same
            small.save(FOLDER / f"{shot.name}-{size['width']}.png", optimize=True)
        context.close()
        print(f"▸ {shot.name}", flush=True)


def main() -> int:
    """Start the demo, take the pictures, stop it."""
    with tempfile.TemporaryDirectory(prefix="hienluong-screens-") as folder:
        province = Installation(Path(folder) / "state", "--demo", patience=300).start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
                take(browser, province.url, set(sys.argv[1:]))
        finally:
            province.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
