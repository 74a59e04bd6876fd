"""A person at a browser without scripts: opens addresses, fills in forms, presses buttons, goes where redirects lead."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

import httpx
from django.db import connection
from lxml import html

from hienluong.foundation.sso import tasks

PASSWORD = "mat-khau-rat-dai-45"


class Person:
    """Somebody, with the cookies of one browser."""

    def __init__(self, province: str) -> None:
        self.province = province
        self.browser = httpx.Client(follow_redirects=True, timeout=60)
        self.page: httpx.Response | None = None

    def __enter__(self) -> Person:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.browser.close()

    def open(self, address: str) -> httpx.Response:
        """Go to an address, and on to where it leads."""
        return self._came(self.browser.get(address))

    def ask(self, address: str, query: dict[str, str]) -> httpx.Response:
        """Go to an address with a query."""
        return self._came(self.browser.get(address, params=query))

    def press(self, words: str, **fields: str) -> httpx.Response:
        """Fill in the form with the button of these words, and press it."""
        assert self.page is not None
        document: Any = html.document_fromstring(self.page.text)
        for form in document.forms:
            for button in form.xpath(".//button"):
                if " ".join(button.text_content().split()) == words:
                    data = {**dict(form.form_values()), **fields}
                    if button.get("name"):
                        data[button.get("name")] = button.get("value", "")
                    address = str(self.page.url.join(form.get("action") or str(self.page.url)))
                    return self._came(self.browser.request(form.method, address, data=data))
        raise AssertionError(f"no button “{words}” at {self.page.url}: {self.page.text[:2000]}")

    def sign_in(self) -> httpx.Response:
        """On our sign-in page, the name and the password; then consent, where it is asked for."""
        came = self.press("Đăng nhập", username="binh", password=PASSWORD)
        return self.press("Đồng ý") if str(came.url).startswith(f"{self.province}/sso/dang-nhap") else came

    def is_signed_in_at_the_province(self) -> bool:
        """Whether a page of the account opens."""
        came = self.browser.get(f"{self.province}/tai-khoan/he-thong")
        return came.url.path == "/tai-khoan/he-thong"

    def _came(self, page: httpx.Response) -> httpx.Response:
        assert page.status_code < 400, (page.status_code, str(page.url), page.text[:2000])
        self.page = page
        return page


def tell_logouts() -> int:
    """Do the background work that a sign-out left, once; how many systems were told."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'sso.tell_logout' RETURNING args")
        waiting = [json.loads(args) for (args,) in cursor.fetchall()]
    for args in waiting:
        tasks.tell_logout(**args)
    return len(waiting)
