"""The pages of organisations, working time and permissions on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.calendars import seed as calendars
from hienluong.foundation.organisations import queries
from hienluong.foundation.organisations import seed as organisations
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official, make_roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PUBLIC = {
    "co-quan": "/quan-tri/co-quan?ngay=01/07/2025",
    "co-quan-tim": "/quan-tri/co-quan?q=dong+ha&ngay=30/06/2025",
    "co-quan-trung-tam": "/quan-tri/co-quan/H50.142.01",
    "co-quan-ket-thuc": "/quan-tri/co-quan/H50.31",
    "thu-tinh": "/quan-tri/lich-lam-viec/thu-tinh?ngay=28/08/2026&gio=15:30&so=5&don_vi=working_day&sau_15h=on",
}
STAFF = {
    "lich-lam-viec": "/quan-tri/lich-lam-viec?nam=2026",
    "ngay-moi": "/quan-tri/lich-lam-viec/ngay-moi",
    "gio-moi": "/quan-tri/lich-lam-viec/gio-moi",
    "giai-thich": "/quan-tri/giai-thich?ai=lan&quyen=calendars.manage&o_dau=H50.03",
}
AUDITOR = {"nhat-ky": "/quan-tri/nhat-ky"}


def _look(page: Page, pages: dict[str, str], size: str) -> None:
    for name, address in pages.items():
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"quan-tri-{name}-{size}", full=False)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_pages_fit_and_are_accessible(request: pytest.FixtureRequest, size: str) -> None:
    organisations.load_quang_tri()
    calendars.load_viet_nam()
    make_roles()
    page: Page = request.getfixturevalue(f"page_{size}")
    _look(page, PUBLIC, size)
    make_account("lan", official=make_official("Trần Thị Lan", role="clerk", org=queries.current("H50.03")))
    sign_in(page, make_account(official=make_official("Lê Văn Quản", role="admin", org=queries.province())))
    _look(page, STAFF, size)
    page.context.clear_cookies()
    sign_in(page, make_account(official=make_official("Ngô Thị Soát", role="auditor", org=queries.province())))
    _look(page, AUDITOR, size)


def test_the_tree_unfolds_without_scripts_and_leads_to_the_page(page_phone: Page) -> None:
    organisations.load_quang_tri()
    page_phone.goto("/quan-tri/co-quan?ngay=30/06/2025")
    page_phone.get_by_text("UBND thành phố Đông Hà", exact=True).click()
    page_phone.get_by_role("link", name="Thông tin về UBND thành phố Đông Hà").click()
    expect(page_phone.get_by_role("heading", level=1)).to_have_text("UBND thành phố Đông Hà")
    expect(page_phone.get_by_text("Công việc đang làm do nơi sau tiếp nhận")).to_be_visible()
