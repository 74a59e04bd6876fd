"""Somebody who has never seen the code follows docs/officials/tu-lam-tu-dau-den-cuoi.md in Chromium, from an empty
workshop to the record on the map and the page where a stranger sees that the certificate holds."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hienluong.capabilities.registers.models import Version
from hienluong.foundation.actions import Actor
from hienluong.foundation.codelists import actions as codelists
from hienluong.foundation.codelists import shipped
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers.models import Dossier, Result, State
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import TESTER, actor_for_role
from tests.services.dossiers.province import Province
from tests.services.test_journey_browser import do, press, work_off

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PACK, CODE = "giaothong.ben", "giaothong.ben_khach"
WORKSHOP = "/quan-tri/xuong-khai-bao"
FIELDS = {
    "Vị trí": "Điểm trên bản đồ",
    "Địa chỉ bến": "Địa chỉ theo đơn vị hành chính",
    "Chủ bến": "Chữ ngắn",
    "Số định danh của chủ bến": "Số định danh cá nhân",
    "Điện thoại": "Số điện thoại",
    "Loại bến": "Chọn một",
    "Số khách mỗi chuyến": "Số nguyên",
    "Giá vé": "Số tiền",
    "Ngày mở bến": "Ngày",
    "Có chở hàng": "Có hoặc không",
    "Diện tích bến": "Số có đơn vị",
    "Phương tiện": "Bảng nhiều dòng",
    "Ảnh bến": "Ảnh",
    "Dân tộc của chủ bến": "Mã của danh mục",
    "Thu mỗi chuyến": "Số tiền",
}


def as_(page: Page, actor: Actor) -> None:
    assert actor.account_id is not None
    sign_in(page, Account.objects.get(pk=actor.account_id))


def seen(page: Page, name: str = "", path: str = "") -> None:
    """The page is sound (axe) and no wider than the screen; with a name it is kept as a picture, desk and phone."""
    if path:
        page.goto(path)
    assert_axe_clean(page)
    page.evaluate(
        "document.querySelectorAll('[style=\"\"]').forEach((each) => each.removeAttribute('style'))"
    )  # left by axe
    assert_no_sideways_scroll(page)
    if name:
        screenshot(page, f"own-{name}-{page.viewport_size['width']}")  # type: ignore[index]


def on_both(desk: Page, phone: Page, name: str, path: str) -> None:
    """The same page on a desk and on a phone."""
    for page in (desk, phone):
        seen(page, name, path)


def save(page: Page, button: str) -> None:
    """Press a button of the workshop and wait until what it does is one more saved state."""
    state = page.locator(".hl-bench__state p")
    before = state.inner_text().partition(" · ")[0]
    press(page, button)
    expect(state).not_to_contain_text(f"{before} ·")
    expect(page.locator(".govuk-error-summary")).to_have_count(0)


def build_the_register(page: Page) -> None:
    page.goto(f"{WORKSHOP}/")
    page.get_by_role("button", name="Gói mới").first.click()
    page.get_by_label("Tên gói").fill("Bến khách ngang sông")
    page.get_by_label("Mã gói").fill(PACK)
    seen(page, "begin")
    press(page, "Bắt đầu")
    page.get_by_role("button", name="Thêm cơ sở dữ liệu").click()
    page.get_by_label("Tên cơ sở dữ liệu").fill("Bến khách ngang sông")
    page.locator("[name=code]").fill(CODE)
    page.get_by_label("Mỗi bản ghi có cơ quan quản lý riêng").check()
    seen(page, "new-register")
    press(page, "Tạo")
    expect(page.get_by_role("heading", name="2 trường")).to_be_visible()  # the form before has a label that begins so
    for number, (title, kind) in enumerate(FIELDS.items(), 3):
        page.get_by_label("Nhãn của trường").fill(title)
        save(page, kind)
        expect(page.get_by_role("heading", name=f"{number} trường")).to_be_visible()

    def open_field(title: str) -> None:
        page.get_by_role("link", name=title, exact=True).click()
        expect(page.locator("#panel")).to_have_text(title)

    open_field("Loại bến")
    page.get_by_label("Các lựa chọn").fill("Bến ngang sông\nBến dọc tuyến")
    save(page, "Lưu trường này")
    open_field("Diện tích bến")
    page.get_by_label("Các đơn vị").fill("m2")
    save(page, "Lưu trường này")
    open_field("Dân tộc của chủ bến")
    expect(page.get_by_label("Mã lấy từ danh mục nào?")).to_have_value(
        "ethnic-groups"
    )  # the only one there: chosen already
    open_field("Phương tiện")
    page.locator("[name='cot-0-title']").fill("Số đăng ký")
    page.locator("[name='cot-1-title']").fill("Số chỗ")
    page.locator("[name='cot-1-kind']").select_option("integer")
    save(page, "Lưu trường này")
    open_field("Thu mỗi chuyến")
    page.get_by_text("Thêm: giới hạn, công thức").click()
    page.get_by_label("Công thức").fill("Số khách mỗi chuyến * Giá vé")
    save(page, "Lưu trường này")
    expect(page.get_by_label("Công thức")).to_have_value("so_khach_moi_chuyen * gia_ve")
    expect(page.locator(".hl-toast")).to_have_count(1)  # each field was saved, and the page is not covered by it

    tabs = page.get_by_role("navigation", name="Các phần của cơ sở dữ liệu")
    tabs.get_by_role("link", name="Thông tin chung").click()
    page.get_by_label("Trường ghi số của người").select_option("so_dinh_danh_cua_chu_ben")
    save(page, "Lưu")
    expect(page.get_by_label("Trường cho bản đồ")).to_have_value("vi_tri")
    tabs.get_by_role("link", name="Giấy chứng nhận").click()
    page.get_by_label("Tên giấy chứng nhận").fill("Giấy phép hoạt động bến khách")
    page.get_by_label("Cấp cho ai?").select_option("chu_ben")
    page.get_by_label("Dạng của số giấy").fill("{n:04}/{year}/GCN")
    page.get_by_label("Có giá trị mấy năm?").fill("5")
    save(page, "Thêm giấy chứng nhận")
    expect(page.get_by_role("button", name="Lưu giấy chứng nhận")).to_be_visible()
    tabs.get_by_role("link", name="Quyền xem, ghi").click()
    for title in ("Vị trí", "Loại bến", "Giá vé"):
        page.get_by_label(f"{title}: Mọi người xem").check(force=True)
    save(page, "Lưu quyền")
    tabs.get_by_role("link", name="Quy tắc").click()
    page.get_by_label("Chỉ xét khi trường").select_option(label="Có chở hàng")
    page.get_by_label("Giá trị (chỉ xét khi)").select_option(label="có")
    page.get_by_label("Trường thứ 1").select_option(label="Diện tích bến (m²)")
    page.get_by_label("So sánh thứ 1").select_option(label="đã được điền")
    page.get_by_label("Lời báo khi điều đó không đúng").fill("Bến chở hàng thì ghi diện tích.")
    page.get_by_label("Nếu không đúng, báo ở trường").select_option(label="Diện tích bến")
    seen(page, "register-rule")
    save(page, "Thêm quy tắc")
    expect(page.get_by_text("Nếu “Có chở hàng” là có thì “Diện tích bến” đã được điền")).to_be_visible()
    tabs.get_by_role("link", name="Xem thử").click()
    sheet = page.locator(".hl-fields__sheet")
    for label, value in {
        "Tên": "Bến thử",
        "Chủ bến": "Ông Thử",
        "Số khách mỗi chuyến": "3",
        "Giá vé": "2.000",
    }.items():
        sheet.get_by_label(label).first.fill(value)
    sheet.get_by_label("Cơ quan quản lý").first.select_option(index=1)
    press(page, "Thử ghi")
    expect(page.get_by_text("Thu mỗi chuyến: 6.000 đồng")).to_be_visible()


def build_the_procedure(page: Page) -> None:
    page.goto(f"{WORKSHOP}/{PACK}")
    page.get_by_role("button", name="Thêm thủ tục").click()
    page.get_by_label("Tên thủ tục").fill("Cấp phép bến khách ngang sông")
    page.get_by_label("Lĩnh vực").fill("Đường thủy nội địa")
    page.get_by_label("Sở hoặc phòng nào").select_option("VHXH")
    page.get_by_label("Căn cứ pháp lý: số, ký hiệu").fill("08/2021/NĐ-CP")
    page.get_by_label("Căn cứ pháp lý: tên văn bản").fill("Quy định về quản lý hoạt động đường thủy nội địa")
    seen(page, "new-procedure")
    press(page, "Tạo thủ tục")
    page.get_by_role("link", name="2. Biểu mẫu").click()
    page.get_by_label("Tên trang mới").fill("Bến khách")
    save(page, "Thêm trang")
    expect(page.get_by_role("link", name="2. Bến khách")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Lấy câu hỏi từ cơ sở dữ liệu").click()
    page.get_by_label("Lấy từ cơ sở dữ liệu nào?").select_option(CODE)
    press(page, "Tiếp tục")
    seen(page, "take")
    save(page, "Lấy các câu hỏi")
    questions = page.locator("[data-hl-list='ben-khach'] > li")
    expect(questions).to_have_count(len(FIELDS))  # the name and all but what is computed
    page.get_by_label("Câu hỏi", exact=True).fill("Loại hàng được chở")
    save(page, "Chữ ngắn")
    expect(questions.last).to_contain_text("Loại hàng được chở")

    def ask_only(title: str, field: str, how: str, value: str) -> None:
        page.get_by_role("link", name=title, exact=True).click()
        page.get_by_label("Trường thứ 1").select_option(label=field)
        page.get_by_label("So sánh thứ 1").select_option(label=how)
        box = page.get_by_label("Giá trị thứ 1")
        box.select_option(label=value) if value == "có" else box.fill(value)
        if title == "Loại hàng được chở":
            seen(page, "question")
        save(page, "Lưu")
        said = how.partition(",")[0]  # of a number it says “lớn hơn”, of a day “sau”
        expect(page.get_by_text(f"Chỉ hỏi khi “{field}” {said} {value}").first).to_be_visible()

    ask_only("Loại hàng được chở", "Có chở hàng", "là", "có")
    ask_only("Phương tiện", "Số khách mỗi chuyến", "lớn hơn, sau", "12")
    page.get_by_role("link", name="Thêm quy tắc").click()
    page.get_by_label("Trường thứ 1").select_option(label="Ngày mở bến")
    page.get_by_label("So sánh thứ 1").select_option(label="không quá, không sau")
    page.get_by_label("Hoặc trường khác (1)").select_option(label="hôm nay")
    page.get_by_label("Lời báo khi điều đó không đúng").fill("Bến phải mở trước ngày nộp đơn.")
    page.get_by_label("Báo ở câu hỏi").select_option(label="Ngày mở bến")
    seen(page, "rule")
    save(page, "Lưu")
    expect(page.get_by_role("link", name="Bến phải mở trước ngày nộp đơn.")).to_be_visible()

    page.get_by_role("link", name="Quay lại thủ tục").click()
    page.get_by_role("link", name="3. Quy trình giải quyết").click()
    page.get_by_label("Ba bước: tiếp nhận, thẩm định, ký kết quả").check()
    press(page, "Lưu")  # as it is: nothing new to keep
    page.get_by_role("link", name="5. Kết quả và giấy chứng nhận").click()
    expect(page.get_by_text("thì hãy khai nơi ghi trước")).to_be_visible()
    page.get_by_role("link", name="Thêm nơi ghi").click()
    page.get_by_label("Ghi vào cơ sở dữ liệu nào?").select_option(CODE)
    press(page, "Tiếp tục")
    expect(page.get_by_label("Cấp giấy chứng nhận")).to_be_checked()
    seen(page, "effect")
    page.locator("[name=from_chu_ben]").select_option("")
    save(page, "Lưu")  # what could never be signed is said before anybody files
    told = page.get_by_text("trường bắt buộc “Chủ bến” chưa lấy từ đâu")
    expect(told.first).to_be_visible()
    page.locator("main").get_by_role("link", name="Bến khách ngang sông", exact=True).last.click()
    page.locator("[name=from_chu_ben]").select_option(label="Tên chủ hồ sơ")
    save(page, "Lưu")
    expect(told).to_have_count(0)
    page.goto(f"{WORKSHOP}/{PACK}/thu-tuc/8.000001")
    page.get_by_role("link", name="5. Kết quả và giấy chứng nhận").click()
    expect(page.get_by_label("Tên kết quả")).to_have_value("Giấy phép hoạt động bến khách")  # as the register has it
    expect(page.get_by_label("Ký hiệu sau số")).to_have_value("")
    expect(page.get_by_text("Để trống thì như cơ sở dữ liệu: 5 năm.")).to_be_visible()
    expect(page.get_by_label("Tên in trên giấy")).to_have_value("Giấy phép hoạt động bến khách")
    press(page, "Điền mọi trường vào giấy")
    expect(page.get_by_label("Các dòng trên giấy")).to_have_value(re.compile(r"\{vi_tri\}"))
    seen(page, "result-begun")
    save(page, "Lưu")


def file_on_the_phone(page: Page, town: Province, picture: Path) -> Dossier:
    page.goto("/dich-vu/8.000001")
    page.get_by_role("button", name="Nộp hồ sơ ngay").click()
    page.get_by_label(f"Cho tôi: {town.party.name}").check()
    press(page, "Tiếp tục")
    press(page, "Lưu và tiếp tục")  # who applies: all of it is known
    answers = {
        "name": "Bến Tùng Luật",
        "vi_tri": "17.0026, 107.0987",
        "chu_ben": town.party.name,
        "so_dinh_danh_cua_chu_ben": town.party.identifier,
        "dien_thoai": "0912345678",
        "so_khach_moi_chuyen": "12",
        "gia_ve": "5.000",
        "ngay_mo_ben_day": "1",
        "ngay_mo_ben_month": "3",
        "ngay_mo_ben_year": "2100",
        "dien_tich_ben__value": "250",
    }
    for name, value in answers.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_label("Bến ngang sông").check()
    expect(page.locator("[name=loai_hang_duoc_cho]")).to_be_hidden()
    page.get_by_label("Có chở hàng").check()
    page.locator("[name=loai_hang_duoc_cho]").fill("Nông sản")  # asked for now
    page.locator("[name=anh_ben__file]").set_input_files(picture)
    page.locator("[name=dan_toc_cua_chu_ben]").fill("01")
    press(page, "Lưu và tiếp tục")  # the rule between questions says no, and keeps what was typed
    expect(page.get_by_text("Bến phải mở trước ngày nộp đơn.").first).to_be_visible()
    page.locator("[name=ngay_mo_ben_year]").fill("2020")
    seen(page, "filing")
    press(page, "Lưu và tiếp tục")
    page.get_by_label("Xã, phường giải quyết").select_option(label=town.commune.name)
    page.get_by_label("Bản điện tử có chữ ký số").check()
    press(page, "Lưu và tiếp tục")
    seen(page, "check")
    page.get_by_label("Tôi cam đoan").check()
    press(page, "Nộp hồ sơ")
    expect(page.get_by_role("heading", name="Đã nộp hồ sơ")).to_be_visible()
    return Dossier.objects.get()


def settle(page: Page, town: Province, dossier: Dossier) -> None:
    for actor, verb, button, typed in (
        (town.clerk, "receive", "Tiếp nhận và in giấy hẹn", {"note": "Đủ giấy tờ."}),
        (town.officer, "review", "Gửi đề xuất", {"grants": "yes", "conclusion": "Đủ điều kiện."}),
        (town.leader, "sign", "Ký kết quả", {}),
    ):
        as_(page, actor)
        page.goto(f"/lam-viec/ho-so/{dossier.code}")
        do(page, verb, button, **typed)
    work_off(dossier)
    dossier.refresh_from_db()
    assert (Result.objects.get(dossier=dossier).state, dossier.state) == (Result.State.SIGNED, State.RETURNED)


def test_a_newcomer_builds_a_sector_and_it_is_used(
    transactional_db: None, page_desktop: Page, page_phone: Page, tmp_path: Path
) -> None:
    town = Province()
    builder = actor_for_role("admin", town.root)
    codelists.install(
        TESTER, loaded=shipped.load("ethnic-groups")
    )  # a province has the shared lists from its first day
    desk, phone = page_desktop, page_phone
    for page in (desk, phone):
        as_(page, builder)
    build_the_register(desk)
    here = f"{WORKSHOP}/{PACK}"
    register = f"{here}/co-so-du-lieu/ben_khach"
    build_the_procedure(desk)
    procedure = f"{here}/thu-tuc/8.000001"
    for name, path in {
        "draft": here,
        "fields": f"{register}?truong=phuong_tien",
        "about": f"{register}/thong-tin",
        "lists": f"{register}/danh-sach",
        "access": f"{register}/quyen",
        "rules": f"{register}/quy-tac",
        "certificate": f"{register}/giay-chung-nhan",
        "procedure": procedure,
        "form": f"{procedure}/bieu-mau?trang=ben-khach",
        "process": f"{procedure}/quy-trinh",
        "result": f"{procedure}/ket-qua",
        "install": f"{here}/cai-dat",
    }.items():
        on_both(desk, phone, name, path)
    press(desk, "Cài đặt")
    expect(desk.get_by_text("Đã cài gói “Bến khách ngang sông”.")).to_be_visible()

    picture = tmp_path / "ben.jpg"
    Image.new("RGB", (900, 600), "white").save(picture)
    sign_in(phone, town.account)
    dossier = file_on_the_phone(phone, town, picture)
    settle(desk, town, dossier)

    version = Version.objects.get(record__register__code=CODE)
    assert version.data["thu_moi_chuyen"] == 60_000
    assert version.data["agency"] == town.commune.code
    record = f"{CODE}/{version.record_id}"
    as_(desk, town.officer)
    seen(desk, "record", f"/lam-viec/co-so-du-lieu/{record}")
    expect(desk.get_by_role("heading", name="Bến Tùng Luật", level=1)).to_be_visible()
    desk.context.clear_cookies()  # a stranger
    desk.goto(f"/co-so-du-lieu/{CODE}?q=ben tung luat")
    desk.get_by_role("link", name="Bến Tùng Luật").click()
    expect(desk.get_by_text("Còn hiệu lực").first).to_be_visible()
    on_both(desk, phone, "public", f"/co-so-du-lieu/{record}")
    assert re.fullmatch(r"0001/\d{4}/GCN", version.data["so_giay_phep"])
    assert version.data["so_giay_phep"] == Result.objects.get().number
    assert version.data["ngay_het_han_giay_phep"] == str(Result.objects.get().valid_until)
    number = version.data["so_giay_phep"]  # all that a stranger with the paper knows
    desk.goto(f"/co-so-du-lieu/{CODE}?{urlencode({'q': number})}")
    expect(desk.get_by_role("link", name="Bến Tùng Luật")).to_be_visible()
    assert town.party.identifier not in desk.locator("main").inner_text()
