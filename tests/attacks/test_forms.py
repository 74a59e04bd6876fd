"""What the pages of passwords and sessions look like to a browser."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_account, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db


def test_boxes_for_passwords_hide_them_and_let_managers_fill_them() -> None:
    client = Client()
    pages = [client.get("/dang-nhap", secure=True).content.decode()]
    client.force_login(make_account("binh"))
    for name in ("identity:change_password", "signin:confirm"):
        pages.append(client.get(reverse(name), secure=True).content.decode())
    boxes = [box for page in pages for box in re.findall(r"<input[^>]*password[^>]*>", page)]
    assert len(boxes) >= 5
    for box in boxes:
        assert 'type="password"' in box
        assert re.search(r'autocomplete="(current|new)-password"', box), box
        assert "onpaste" not in box
        assert "readonly" not in box


def test_signing_out_is_on_every_page_of_who_is_signed_in() -> None:
    make_roles()
    client = Client()
    client.force_login(make_account(official=make_official(role="admin", org=make_org(kind="province"))))
    for path in ("/", "/lam-viec/", "/tai-khoan/bao-mat", "/quan-tri/tai-khoan", "/tai-khoan/mat-khau", "/dieu-hanh"):
        page = client.get(path, secure=True)
        assert page.status_code == 200, path
        assert 'action="/dang-xuat"' in page.content.decode(), path
