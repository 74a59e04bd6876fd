"""A procedure built in a real Chromium: dragging, keys, live preview, a trial with conditions."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.building import files
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .test_procedures import CODE, NAME, Builder, Office, office

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(transactional_db: None) -> Office:
    return office()


def looked_at(page: Page, view: str, name: str, *args: object) -> None:
    page.goto(reverse(f"building:{view}", args=[NAME, CODE, *args]))
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def test_a_form_is_put_together_and_tried(place: Office, page_desktop: Page, page_phone: Page) -> None:
    page = page_desktop
    for each in (page, page_phone):
        sign_in(each, Account.objects.get(pk=place.builder.account_id))
    page.set_viewport_size({"width": 1440, "height": 2000})
    page.goto(reverse("building:form", args=[NAME, CODE]) + "?trang=diem-ban")
    questions = page.locator("[data-hl-list='diem-ban'] > li")
    expect(questions).to_have_count(6)

    page.get_by_label("Câu hỏi", exact=True).fill("Ngày mở bán")
    page.get_by_role("button", name="Ngày", exact=True).click()
    expect(questions.last).to_contain_text("Ngày mở bán")
    page.wait_for_load_state("networkidle")
    questions.first.scroll_into_view_if_needed()  # source and goal are both on the screen: nothing moves under the pointer
    questions.last.locator(".hl-arrange__handle").drag_to(questions.first, target_position={"x": 60, "y": 4})
    expect(questions.first).to_contain_text("Ngày mở bán")
    questions.first.get_by_role("link").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(questions.nth(1)).to_contain_text("Ngày mở bán")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(questions.first).to_contain_text("Ngày mở bán")
    expect(page.locator(".hl-fields__panel").get_by_text("Ngày mở bán").first).to_be_visible()

    page.get_by_role("link", name="Thử cả biểu mẫu từ đầu").click()
    page.get_by_label("Họ tên").fill("Nguyễn Thị Lành")
    page.get_by_label("Số định danh cá nhân").fill("045190001234")
    page.get_by_label("Số điện thoại").fill("0912345678")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Tên điểm bán").fill("Chợ Phiên")
    page.get_by_label("Số quầy").fill("0")
    expect(page.get_by_label("Nguồn nước")).to_be_hidden()
    page.get_by_label("Có bán đồ tươi sống").check()
    expect(page.get_by_label("Nguồn nước")).to_be_visible()  # a condition at work, in the browser
    page.get_by_label("Nguồn nước").fill("Giếng")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_text("Phải có ít nhất một quầy").first).to_be_visible()
    screenshot(page, "builder-trial-1440")

    assert files.check(place.texts()).faults == ()
    looked_at(page, "effect", "builder-effect-1440", 0)
    looked_at(page_phone, "field", "builder-field-390", "nguon_nuoc")


def test_a_condition_on_a_number_with_its_unit_is_followed_while_one_types(place: Office, page_phone: Page) -> None:
    builder = Builder(place)
    for kind, title in (("quantity", "Chiều sâu giếng"), ("text", "Ống chống")):
        builder.post("form", viec=f"them {kind}", ten=title, trang="diem-ban")
    builder.field("chieu_sau_gieng", title="Chiều sâu giếng", **{"x-units": "m"})
    builder.field("ong_chong", title="Ống chống", required="on", f0="chieu_sau_gieng", c0="gt", v0="30 m")
    page = page_phone
    sign_in(page, Account.objects.get(pk=place.builder.account_id))
    page.goto(reverse("building:form", args=[NAME, CODE]) + "?trang=diem-ban")
    preview = page.locator(".hl-fields__seen")
    expect(preview.get_by_label("Ống chống")).to_have_count(0)
    expect(preview.get_by_text("Chỉ hỏi khi “Chiều sâu giếng” lớn hơn 30 m")).to_be_visible()
    assert_no_sideways_scroll(page)

    page.goto(reverse("building:trial", args=[NAME, CODE]))
    page.get_by_label("Họ tên").fill("Nguyễn Thị Lành")
    page.get_by_label("Số định danh cá nhân").fill("045190001234")
    page.get_by_label("Số điện thoại").fill("0912345678")
    page.get_by_role("button", name="Tiếp tục").click()
    depth, casing = page.locator("[name=chieu_sau_gieng__value]"), page.get_by_label("Ống chống")
    page.get_by_label("Tên điểm bán").fill("Chợ Phiên")
    page.get_by_label("Số quầy").fill("2")
    for typed, is_asked in (("45", True), ("30", False), ("45,5", True), ("", False), ("80", True)):
        depth.fill(typed)
        expect(casing).to_be_visible() if is_asked else expect(casing).to_be_hidden()
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_text("Nhập ống chống.").first).to_be_visible()
    expect(casing).to_be_visible()  # never a message for a question that is not there
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, "builder-trial-quantity-390")
    depth.fill("20")
    expect(casing).to_be_hidden()
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_text("Biểu mẫu nhận các câu trả lời này")).to_be_visible()


def test_the_process_is_drawn_as_this_procedure_goes_and_can_be_read(
    place: Office, page_desktop: Page, page_phone: Page
) -> None:
    for page, size in ((page_desktop, 1440), (page_phone, 390)):
        sign_in(page, Account.objects.get(pk=place.builder.account_id))
        looked_at(page, "process", f"builder-process-{size}")
        drawn = page.locator("svg.hl-process")
        expect(drawn).to_contain_text("Cần bổ sung")
        expect(drawn).not_to_contain_text("Kiểm tra dự thảo")
        heights = drawn.locator(".hl-process__when").evaluate_all(
            "all => all.map(one => getComputedStyle(one).fontSize)"
        )
        scale = drawn.evaluate("svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")
        assert set(heights) == {"13px"}
        hidden = page.locator(".hl-process-scroll").evaluate("box => box.scrollWidth - box.clientWidth")
        if size == 1440:
            assert hidden <= 0, "nothing is cut off on a desk"
            assert scale > 0.75, "and it can still be read"
        else:
            assert scale == 1, "as large on a phone: it is moved, not shrunk"
        page.get_by_text("Các bước bằng lời").click()
        expect(page.get_by_text("Trả lại → Thẩm định")).to_be_visible()
        assert_axe_clean(page)


def test_the_value_of_a_condition_is_chosen_where_there_are_few(place: Office, page_desktop: Page) -> None:
    page = page_desktop
    sign_in(page, Account.objects.get(pk=place.builder.account_id))
    looked_at(page, "rule", "building-condition-1440")
    value = page.get_by_label("Giá trị thứ 1")
    assert value.evaluate("e => e.tagName") == "INPUT"
    field = page.get_by_label("Trường thứ 1")
    kinds = page.locator("template[data-hl-values]")
    chosen = kinds.first.get_attribute("data-hl-values") or ""
    field.select_option(chosen)
    assert value.evaluate("e => e.tagName") == "SELECT"
    assert_axe_clean(page)
    value.select_option(index=1)
    picked = value.input_value()
    comparison, other = page.get_by_label("So sánh thứ 1"), page.get_by_label("Hoặc trường khác (1)")
    comparison.select_option("given")
    expect(value).to_be_hidden()
    expect(other).to_be_hidden()
    comparison.select_option("eq")
    expect(value).to_be_visible()
    page.get_by_label("Lời báo khi điều đó không đúng").fill("Không được.")
    page.get_by_label("Báo ở câu hỏi").select_option(index=1)
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_role("link", name="Không được.").click()
    expect(value).to_have_value(picked)
    assert value.evaluate("e => e.tagName") == "SELECT"
