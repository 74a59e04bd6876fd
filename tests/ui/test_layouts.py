"""The layouts: what every page has, and pages that must appear even when little else works."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject

from hienluong.house import errors


def test_no_page_has_inline_style_or_script() -> None:
    for path in ("/thiet-ke", "/thiet-ke/trang-mau", "/thiet-ke/noi-lam-viec", "/thiet-ke/ban-in", "/dang-nhap"):
        page = Client().get(path).content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert page.count("<script") == 1
        assert "hienluong.js" in page


def test_the_content_policy_lets_nothing_in_from_elsewhere() -> None:
    policy = Client().get("/thiet-ke")["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "style-src 'self';" in policy + ";"
    assert "unsafe" not in policy


def _broken() -> Any:
    raise OperationalError("the database is down")


def test_the_page_of_a_failure_needs_no_database() -> None:
    request = RequestFactory().get("/ho-so/cua-toi")
    request.COOKIES["sessionid"] = "x" * 32
    request.user = SimpleLazyObject(_broken)
    request.actor = SimpleLazyObject(_broken)  # type: ignore[attr-defined]
    response = errors.server_error(request)
    assert response.status_code == 500
    assert "Hệ thống gặp sự cố" in response.content.decode()


@pytest.mark.parametrize(("level", "tone"), [(constants.SUCCESS, "success"), (constants.ERROR, "error")])
def test_messages_become_toasts(level: int, tone: str) -> None:
    html = render_to_string("ui/layout/toasts.html", {"messages": [Message(level, "<b>Đã lưu</b>")]})
    assert f"hl-toast--{tone}" in html
    assert "&lt;b&gt;Đã lưu" in html


def test_an_error_page_says_which_rules_were_tried() -> None:
    html = render_to_string(
        "ui/error.html", {"title": "Không được", "message": "Vì thế.", "reasons": ["Chức vụ: không"]}
    )
    assert "Chức vụ: không" in html
