"""An administrator brings a sheet in, and one of those on it sets the account up."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from hienluong.foundation.provisioning import tasks
from hienluong.foundation.provisioning.models import Invitation, Sheet
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official, make_org, make_roles
from tests.thorough import looks

from .sheets import excel, line

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_from_the_sheet_to_the_first_password(request: pytest.FixtureRequest, size: str) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    make_roles()
    place = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    sign_in(page, make_account(official=make_official("Bà Quản Trị", role="admin", org=place)))
    page.goto("/quan-tri/nhap-can-bo")
    look(page, f"nhap-can-bo-{size}")
    lines = [line(1, "H50"), line(2, "H50", role="vua"), line(3, "H50", email="sai", **{"from": "31/02/2026"})]
    page.locator("input[type=file]").set_input_files(
        {"name": "can-bo.xlsx", "mimeType": "application/octet-stream", "buffer": excel(lines)}
    )
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("Không có vai trò này.")).to_be_visible()
    look(page, f"xem-truoc-can-bo-{size}")
    page.get_by_role("button", name="Nhập", exact=True).click()
    tasks.go_on(sheet_id=str(Sheet.objects.get().pk))
    expect(page.get_by_text("Đã nhập xong").first).to_be_visible(timeout=15_000)
    look(page, f"da-nhap-can-bo-{size}")
    page.goto("/quan-tri/thoi-chuc-vu")
    look(page, f"thoi-chuc-vu-{size}")
    tasks.send_invitation(invitation_id=Invitation.objects.get().pk)
    link = re.search(r"/thiet-lap/[\w-]+", str(mail.outbox[-1].body))
    assert link
    page.context.clear_cookies()
    page.goto(link[0])
    look(page, f"dat-mat-khau-{size}")
    for label in ("Mật khẩu mới", "Nhập lại mật khẩu mới"):
        page.get_by_label(label, exact=True).fill("Con-song-Thach-Han-1972")
    page.get_by_role("button", name="Đặt mật khẩu").click()
    page.wait_for_url(re.compile("/dang-nhap"))
    page.goto(link[0])
    look(page, f"lien-ket-da-dung-{size}")
