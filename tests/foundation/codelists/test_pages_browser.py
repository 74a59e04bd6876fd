"""The pages of code lists on a phone and on a desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.codelists import queries, shipped
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.codelists.models import Code
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import TESTER, make_account, make_official, make_org, make_roles
from tests.thorough import looks

from .sample import installed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HERE = "/quan-tri/danh-muc"


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_the_pages_fit_and_are_accessible(request: pytest.FixtureRequest, tmp_path: Path, size: str) -> None:
    make_roles()
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    installed(tmp_path)
    for name in ("industries", "legal-forms", "ethnic-groups"):
        install(TESTER, loaded=shipped.load(name))
    code = Code.objects.get(edition=queries.edition("trees", "2025"), value="G11")
    page: Page = request.getfixturevalue(f"page_{size}")
    sign_in(page, make_account(official=make_official("Lê Văn Quản", role="admin", org=province)))
    looks = {
        "danh-muc": "",
        "danh-muc-nganh": "/industries",
        "danh-muc-nganh-nhom": "/industries?ma=011",
        "danh-muc-nganh-tim": "/industries?q=trong+lua",
        "danh-muc-chuyen": "/trees?an-ban=2020&ma=G1",
        "danh-muc-loai-hinh": "/legal-forms",
        "danh-muc-them": "/trees/them?an-ban=2025&cha=G1",
        "danh-muc-nap": "/trees/nap",
        "danh-muc-bang": "/trees/bang?an-ban=2025",
        "danh-muc-dong": f"/ma/{code.pk}/dong",
        "danh-muc-sua": f"/ma/{code.pk}/sua",
    }
    for name, address in looks.items():
        answer = page.goto(HERE + address)
        assert answer is not None
        assert answer.status == 200, address
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"{name}-{size}", full=False)


def test_a_code_is_added_by_hand(page_phone: Page, tmp_path: Path) -> None:
    make_roles()
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    installed(tmp_path)
    sign_in(page_phone, make_account(official=make_official("Lê Văn Quản", role="admin", org=province)))
    page_phone.goto(f"{HERE}/trees?ma=G1")
    page_phone.get_by_role("button", name="Thêm mã con").click()
    page_phone.get_by_label("Mã", exact=True).fill("G12")
    page_phone.get_by_label("Tên", exact=True).fill("Lim đỏ")
    page_phone.get_by_label("Căn cứ pháp lý").fill("Quyết định 9/QĐ-UBND")
    page_phone.get_by_role("button", name="Thêm mã").click()
    expect(page_phone.get_by_role("heading", level=1)).to_have_text("G12 Lim đỏ")
    expect(page_phone.get_by_text("Đã thêm mã G12.")).to_be_visible()


def test_the_parent_is_looked_up_while_one_types(page_phone: Page, tmp_path: Path) -> None:
    make_roles()
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    installed(tmp_path)
    sign_in(page_phone, make_account(official=make_official("Lê Văn Quản", role="admin", org=province)))
    page_phone.goto(f"{HERE}/trees/them?an-ban=2025")
    box = page_phone.locator("#id_parent")
    button = page_phone.get_by_role("button", name="Thêm mã")
    stood = button.evaluate("e => e.getBoundingClientRect().top + scrollY")
    box.press_sequentially("lim xanh")
    offered = page_phone.get_by_role("option")
    expect(offered).to_have_text(["G1 Lim xanh", "G11 Lim xanh rừng trồng"])
    assert button.evaluate("e => e.getBoundingClientRect().top + scrollY") == stood, "what is below stays where it is"
    assert_axe_clean(page_phone)
    assert_no_sideways_scroll(page_phone)
    screenshot(page_phone, "danh-muc-goi-y-phone", full=False)
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(offered.nth(1)).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("G11 - Lim xanh rừng trồng")
    expect(page_phone.get_by_role("listbox")).to_be_hidden()
    box.fill("không có")
    expect(page_phone.get_by_text("Không tìm thấy mục nào như vậy.")).to_be_visible()
    box.press("Escape")
    expect(page_phone.get_by_role("listbox")).to_be_hidden()
    box.fill("lim xanh")
    page_phone.get_by_role("option", name="G1 Lim xanh", exact=True).click()
    expect(box).to_have_value("G1 - Lim xanh")
    page_phone.get_by_label("Mã", exact=True).fill("G12")
    page_phone.get_by_label("Tên", exact=True).fill("Lim đỏ")
    page_phone.get_by_label("Căn cứ pháp lý").fill("Quyết định 9/QĐ-UBND")
    page_phone.get_by_role("button", name="Thêm mã").click()
    expect(page_phone.get_by_role("heading", level=1)).to_have_text("G12 Lim đỏ")
    assert Code.objects.get(value="G12").parent == Code.objects.get(edition__code="2025", value="G1")


def test_an_edition_is_brought_in_after_its_faults_are_mended(page_phone: Page, tmp_path: Path) -> None:
    make_roles()
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    installed(tmp_path)
    table = tmp_path / "bang.csv"
    table.write_text("code,parent,name\nG,,Gỗ\nG9,H,Lim\nG9,H,Lim\n", "utf-8")
    sign_in(page_phone, make_account(official=make_official("Lê Văn Quản", role="admin", org=province)))
    page_phone.goto(f"{HERE}/trees")
    page_phone.get_by_role("button", name="Nạp ấn bản mới").click()
    page_phone.get_by_label("Tên ấn bản").fill("Danh mục 2027")
    page_phone.get_by_label("Mã ấn bản").fill("2027")
    for part, value in (("day", "1"), ("month", "1"), ("year", "2027")):
        page_phone.locator(f"#id_valid_from_{part}").fill(value)
    page_phone.get_by_label("Căn cứ pháp lý").fill("Quyết định 9/QĐ-UBND")
    page_phone.get_by_label("Nguồn của bảng mã").fill("Công báo")
    page_phone.locator('input[name="table"]').set_input_files(table)
    page_phone.get_by_role("button", name="Nạp ấn bản").click()
    expect(page_phone.get_by_text("Bảng mã, dòng 3: không có mã cha “H”")).to_be_visible()
    assert_axe_clean(page_phone)
    assert_no_sideways_scroll(page_phone)
    screenshot(page_phone, "danh-muc-nap-loi-phone")
    table.write_text("code,parent,name\nG,,Gỗ\nG9,G,Lim\n", "utf-8")
    page_phone.locator('input[name="table"]').set_input_files(table)
    page_phone.get_by_role("button", name="Nạp ấn bản").click()
    expect(page_phone.get_by_text("Đã nạp “Danh mục 2027”: 2 mã.")).to_be_visible()
