"""The pages of organisations, working time and permissions on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.calendars import seed as calendars
from hienluong.foundation.organisations import queries
from hienluong.foundation.organisations import seed as organisations
from hienluong.foundation.organisations.models import Official
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official, make_roles
from tests.snapshots import ready
from tests.thorough import looks

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
CHANGING = {
    "lap-co-quan": "/quan-tri/co-quan/lap-moi?cha=H50.142",
    "doi-ten": "/quan-tri/co-quan/H50.142/doi-ten",
    "chuyen": "/quan-tri/co-quan/H50.142/chuyen",
    "lien-he": "/quan-tri/co-quan/H50.142/lien-he",
    "ban-giao": "/quan-tri/co-quan/ban-giao?cu=H50.142",
    "co-quan-quan-tri": "/quan-tri/co-quan/H50.142",
    "can-bo": "/quan-tri/can-bo",
    "can-bo-them": "/quan-tri/can-bo/them",
    "can-bo-lan": "/quan-tri/can-bo/CB-LAN",
    "bo-nhiem": "/quan-tri/can-bo/CB-LAN/bo-nhiem",
    "tai-khoan": "/quan-tri/tai-khoan",
    "vai-tro": "/quan-tri/vai-tro",
    "mat-khau": "/tai-khoan/mat-khau",
    "uy-quyen": "/tai-khoan/uy-quyen",
    "uy-quyen-moi": "/tai-khoan/uy-quyen/moi",
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


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_the_pages_fit_and_are_accessible(request: pytest.FixtureRequest, size: str) -> None:
    ready(organisations.load_quang_tri)
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
    ready(organisations.load_quang_tri)
    page_phone.goto("/quan-tri/co-quan?ngay=30/06/2025")
    page_phone.get_by_text("UBND thành phố Đông Hà", exact=True).click()
    page_phone.get_by_role("link", name="Thông tin về UBND thành phố Đông Hà").click()
    expect(page_phone.get_by_role("heading", level=1)).to_have_text("UBND thành phố Đông Hà")
    expect(page_phone.get_by_text("Công việc đang làm do nơi sau tiếp nhận")).to_be_visible()


@pytest.mark.parametrize("size", looks(["phone", "desktop"], 1))
def test_the_pages_that_change_the_government_fit_and_are_accessible(request: pytest.FixtureRequest, size: str) -> None:
    ready(organisations.load_quang_tri)
    make_roles()
    page: Page = request.getfixturevalue(f"page_{size}")
    lan = make_official("Trần Thị Lan", role="clerk", org=queries.current("H50.03"))
    Official.objects.filter(pk=lan.pk).update(code="CB-LAN")
    account = make_account("lan", official=lan)
    sign_in(page, make_account(official=make_official("Lê Văn Quản", role="admin", org=queries.province())))
    _look(page, CHANGING, size)
    _look(page, {"tai-khoan-lan": f"/quan-tri/tai-khoan/{account.pk}"}, size)
    page.goto(f"/quan-tri/tai-khoan/{account.pk}/mat-khau")
    page.get_by_label("Lý do").fill("Quên mật khẩu")
    page.get_by_role("button", name="Cấp mật khẩu dùng một lần").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mật khẩu dùng một lần")
    assert_axe_clean(page)
    screenshot(page, f"quan-tri-mat-khau-mot-lan-{size}", full=False)
    page.goto("/quan-tri/co-quan/ban-giao")
    page.get_by_label("Cơ quan kết thúc").fill("H50.142")
    page.get_by_label("Cơ quan tiếp nhận").fill("H50.141")
    page.get_by_label("Căn cứ pháp lý").fill("Nghị quyết 01/NQ-HĐND")
    page.get_by_text("Sáp nhập", exact=True).click()
    page.get_by_role("button", name="Xem trước những gì sẽ chuyển").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi quyết định")
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"quan-tri-xem-truoc-{size}", full=False)
