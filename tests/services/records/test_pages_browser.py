"""Registers in a real Chromium: an officer finds, writes, corrects and compares; every page is held to the rules."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from hienluong.capabilities.registers import actions
from hienluong.capabilities.registers.models import Record, Version
from hienluong.foundation.identity.models import Account
from hienluong.services.records import tasks
from hienluong.services.records.models import Import
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.records.sample import Kept
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = ("Giếng chợ Đông Hà", "Giếng đình làng Bích La", "Giếng trường Nguyễn Huệ", "Giếng cổ Gio An")


@pytest.fixture
def kept(transactional_db: None) -> Kept:
    made = Kept()
    for number, name in enumerate(NAMES, 1):
        made.add(
            f"G{number:03}", name=name, depth=20 * number + 0.5, fee=1_500_000 * number, owner_number="045190001234"
        )
    return made


def officer_on(page: Page, kept: Kept) -> None:
    sign_in(page, Account.objects.get(pk=kept.officer.account_id))


def test_an_officer_writes_a_record_and_corrects_it(kept: Kept, page_desktop: Page) -> None:
    page = page_desktop
    officer_on(page, kept)
    page.goto("/lam-viec/")
    page.get_by_role("link", name="Cơ sở dữ liệu", exact=True).click()
    page.get_by_role("link", name="Giếng khoan").click()
    page.get_by_role("button", name="Thêm bản ghi").click()
    page.get_by_label("Số giấy phép").fill("G010")
    page.get_by_label("Tên giếng").fill("Giếng Ái Tử")
    page.get_by_label("Độ sâu (m)").fill("12,5")
    page.get_by_label("Vị trí").fill("16.75, 107.15")
    rows = page.get_by_role("group", name="Các lần thử nước")
    rows.get_by_label("Ngày", exact=True).fill("5")
    rows.get_by_label("Tháng").fill("1")
    rows.get_by_label("Năm").fill("2026")
    rows.get_by_role("button", name="Thêm dòng").click()
    second = rows.get_by_role("group", name="Dòng 2")
    expect(second).to_be_visible()
    second.get_by_label("Năm").fill("2026")
    second.get_by_role("button", name="Bỏ dòng này").click()
    expect(second).to_be_hidden()
    page.get_by_label("Cơ quan quản lý").select_option(kept.here.code)
    page.get_by_role("button", name="Ghi").click()
    expect(page.get_by_role("heading", name="Giếng Ái Tử", level=1)).to_be_visible()
    record = Record.objects.get(key="G010")
    assert Version.objects.get(record=record).data["tests"] == [{"day": "2026-01-05"}]
    page.get_by_role("button", name="Sửa").click()
    page.get_by_label("Tên giếng").fill("Giếng phường Ái Tử")
    page.get_by_label("Trước đây ghi sai").check()
    page.get_by_role("button", name="Ghi").click()
    expect(page.get_by_role("alert").get_by_role("link", name="lý do đính chính")).to_be_visible()
    page.get_by_label("Lý do, căn cứ").fill("Gõ thiếu chữ")
    page.get_by_role("button", name="Ghi").click()
    expect(page.get_by_text("Giếng Ái Tử → Giếng phường Ái Tử")).to_be_visible()


def test_the_pages_are_clean_on_a_phone_and_on_a_desk(kept: Kept, page_phone: Page, page_desktop: Page) -> None:
    record = Record.objects.get(key="G001")
    actions.change(kept.officer, record=record, data={"depth": 130, "name": "Giếng chợ mới"}, since=date(2026, 6, 1))
    for page, size in looks([(page_phone, 390), (page_desktop, 1440)]):
        officer_on(page, kept)
        for name, path in {
            "registers": "/lam-viec/co-so-du-lieu/",
            "records": kept.address(),
            "export": f"{kept.address(page='xuat')}?loc-deep=true",
            "record": kept.address(record),
            "compare": f"{kept.address(record, 'so-sanh')}?a-ngay=01/02/2026",
            "change": kept.address(record, "sua"),
            "create": kept.address(page="them"),
            "end": kept.address(record, "cham-dut"),
            "public-registers": "/co-so-du-lieu/",
            "public-records": "/co-so-du-lieu/thu.gieng?q=G001",
            "public-record": f"/co-so-du-lieu/thu.gieng/{record.pk}",
        }.items():
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"records-{name}-{size}")


def test_a_file_is_brought_in_on_the_page(kept: Kept, page_desktop: Page, page_phone: Page) -> None:
    lines = [f"G{number:03};Giếng {number};{number},5;{kept.here.code}" for number in range(20, 60)]
    lines[3] = f"X;Giếng hỏng;sâu;{kept.here.code}"
    content = "\n".join(["Số giấy phép;Tên giếng;Độ sâu (m);Cơ quan quản lý", *lines]).encode()
    page = page_desktop
    officer_on(page, kept)
    page.goto(kept.address())
    page.get_by_role("button", name="Nhập từ tệp").click()
    page.locator("input[type=file]").set_input_files({"name": "gieng.csv", "mimeType": "text/csv", "buffer": content})
    assert_axe_clean(page)
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_text("Đã kiểm tra 40 dòng đầu: 1 dòng có lỗi.")).to_be_visible()
    officer_on(page_phone, kept)
    page_phone.goto(page.url)
    for shown, size in ((page, 1440), (page_phone, 390)):
        assert_axe_clean(shown)
        assert_no_sideways_scroll(shown)
        screenshot(shown, f"records-map-{size}")
    page.get_by_role("button", name="Nhập 40 dòng").click()
    expect(page.get_by_text("Đang nhập")).to_be_visible()
    tasks.go_on(batch_id=str(Import.objects.get().pk))
    expect(page.get_by_text("Đã nhập xong")).to_be_visible()  # the page looks again by itself
    expect(page.get_by_text("Đã đọc 40 trên 40 dòng")).to_be_visible()
    assert_axe_clean(page)
    screenshot(page, "records-import-1440")
    assert Record.objects.count() == len(NAMES) + 39


def test_a_list_is_taken_out_as_a_file(kept: Kept, page_desktop: Page) -> None:
    page = page_desktop
    officer_on(page, kept)
    page.goto(f"{kept.address()}?q=gieng+cho")
    page.get_by_role("button", name="Xuất danh sách này").click()
    expect(page.get_by_text("1 bản ghi sẽ ra khỏi hệ thống")).to_be_visible()
    page.get_by_label("CSV (UTF-8)").check()
    page.get_by_label("Mọi trường bạn được xem").check()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Xuất", exact=True).click()
    assert waiting.value.suggested_filename.endswith(".csv")
    assert "045190001234" in waiting.value.path().read_text("utf-8-sig")


def test_a_list_is_kept_and_found_again(kept: Kept, page_desktop: Page, page_phone: Page) -> None:
    page = page_desktop
    officer_on(page, kept)
    page.goto(f"{kept.address()}?loc-deep=false&cot=fee&cot=depth")
    page.get_by_text("Lưu bộ lọc, cột và thứ tự này").click()
    page.get_by_label("Tên bộ lọc").fill("Giếng nông")
    page.get_by_role("button", name="Lưu bộ lọc").click()
    expect(page.get_by_text("Đã lưu bộ lọc “Giếng nông”.")).to_be_visible()
    page.get_by_text("Quản lý bộ lọc đã lưu").click()
    page.get_by_role("button", name="Mở đầu bằng bộ lọc này Giếng nông").click()
    page.goto(kept.address())
    assert "cot=fee" in page.url
    officer_on(page_phone, kept)
    page_phone.goto(kept.address())
    for shown, size in ((page, 1440), (page_phone, 390)):
        shown.get_by_text("Quản lý bộ lọc đã lưu").click()
        assert_axe_clean(shown)
        assert_no_sideways_scroll(shown)
        screenshot(shown, f"records-saved-{size}")


def test_many_records_are_changed_together(kept: Kept, page_desktop: Page, page_phone: Page) -> None:
    for page, size in ((page_phone, 390), (page_desktop, 1440)):
        officer_on(page, kept)
        page.goto(kept.address())
        assert_axe_clean(page)
        screenshot(page, f"records-ticks-{size}")
        for name in NAMES[:3]:
            page.get_by_label(f"Chọn {name}").check(force=True)
        page.get_by_role("button", name="Sửa các bản ghi đã chọn").click()
        page.get_by_label("Sửa trường nào?").select_option(label="Độ sâu (m)")
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_label("Độ sâu (m)").fill(f"{size % 400},5")
        page.get_by_label("Lý do, căn cứ").fill("Đo lại")
        page.get_by_role("button", name="Xem trước").click()
        expect(page.get_by_text("3 bản ghi sẽ đổi")).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"records-together-{size}")
        if size == 390:
            page.get_by_role("button", name="Ghi 3 bản ghi").click()
            expect(page.get_by_text("Đã ghi thay đổi ở 3 bản ghi.")).to_be_visible()


def test_a_number_stands_away_from_the_column_beside_it(kept: Kept, page_desktop: Page) -> None:
    page = page_desktop
    officer_on(page, kept)
    page.goto(kept.address() + "?cot=depth&cot=code")
    number, beside = page.locator("tbody tr").first.locator("td.govuk-table__cell:not(.hl-table__tick)").all()
    expect(number).to_have_class("govuk-table__cell govuk-table__cell--numeric")
    ends, begins = (
        cell.evaluate(
            """(cell, edge) => {
                const range = document.createRange();
                range.selectNodeContents(cell);
                return range.getBoundingClientRect()[edge];
            }""",
            edge,
        )
        for cell, edge in ((number, "right"), (beside, "left"))
    )
    assert begins - ends >= 36
    screenshot(page, "records-numbers-1440")
