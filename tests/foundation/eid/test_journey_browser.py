"""A newcomer enters by VNeID, adds a passkey, and gets in on the day when VNeID is away; on a phone and on a desk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.eid import standing, wire
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot
from tests.factories import make_org
from tests.foundation.signin.test_signing_in_browser import device
from tests.thorough import looks

from .provider import Simulator, using

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


@pytest.mark.parametrize("size", looks(["phone", "desktop"], 1))
def test_from_the_first_entering_to_the_day_when_the_provider_is_away(
    request: pytest.FixtureRequest, live_server: Any, settings: Any, tmp_path: Path, size: str
) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    make_org(kind="province")
    vneid, dvc = Simulator("vneid", tmp_path, live_server.url), Simulator("dvc", tmp_path, live_server.url)
    wire.forget()
    using(settings, vneid.configured(), dvc.configured())
    settings.BASE_URL = live_server.url
    device(page)
    page.goto("/dang-nhap?next=/tai-khoan/bao-mat")
    look(page, f"dang-nhap-dinh-danh-{size}")
    page.get_by_role("button", name="Đăng nhập bằng VNeID").click()
    expect(page.get_by_role("heading", name="Xác nhận đăng nhập")).to_be_visible()
    look(page, f"vneid-mo-phong-{size}")
    page.get_by_text("Lê Văn Mới").click()
    page.get_by_role("button", name="Từ chối").click()
    expect(page.get_by_text("Bạn đã dừng lại")).to_be_visible()
    look(page, f"dinh-danh-tu-choi-{size}")
    page.get_by_role("button", name="Đăng nhập lại").click()
    page.get_by_text("Lê Văn Mới").click()
    page.get_by_role("button", name="Đồng ý đăng nhập").click()
    expect(page.get_by_role("heading", name="Lần sau vào nhanh hơn")).to_be_visible()
    look(page, f"moi-them-khoa-{size}")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.get_by_role("button", name="Tạo khóa trên thiết bị này").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    page.get_by_role("link", name="Để sau").click()
    expect(page).to_have_url(re.compile(r"^[^?]*/tai-khoan/bao-mat$"))
    page.get_by_role("link", name="Liên kết ngay tài khoản Dịch vụ công quốc gia").click()
    page.get_by_text("Lê Văn Mới").click()
    page.get_by_role("button", name="Đồng ý đăng nhập").click()
    expect(page.get_by_text("Đã liên kết").nth(2)).to_be_visible()
    look(page, f"bao-mat-dinh-danh-{size}")
    page.get_by_role("link", name="Bỏ liên kết VNeID").click()
    look(page, f"bo-lien-ket-{size}")
    page.context.clear_cookies()
    vneid.stop()
    dvc.stop()
    assert standing.look(settings.IDENTITY_PROVIDERS["vneid"]) == "ConnectError"
    page.goto("/dang-nhap?next=/tai-khoan/bao-mat")
    expect(page.get_by_text("VNeID đang gián đoạn.")).to_be_visible()
    page.get_by_role("button", name="Đăng nhập bằng VNeID").click()
    expect(page.get_by_role("heading", name="VNeID đang không trả lời")).to_be_visible()
    look(page, f"vneid-gian-doan-{size}")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page).to_have_url(re.compile(r"^[^?]*/tai-khoan/bao-mat$"))
