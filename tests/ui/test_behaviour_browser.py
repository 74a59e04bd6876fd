"""What the pages do in a real browser: by keyboard, by touch, and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.ui import navigation
from tests.browser import DESKTOP, PHONE, assert_axe_clean, assert_no_sideways_scroll, new_page, screenshot, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "cầu Hiền Lương 1954"


@pytest.fixture
def lan() -> Account:
    return Account.objects.create_user("lan", PASSWORD, display_name="Trần Thị Hiền Lương")


@pytest.fixture
def full_navigation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header and footer as full as they get."""
    monkeypatch.setattr(navigation, "_entries", list(navigation._entries))
    for order, label in enumerate(
        ("Trang chủ", "Dịch vụ công", "Tra cứu hồ sơ", "Xác minh kết quả", "Số liệu công khai")
    ):
        navigation.register("public", label, href=f"/thiet-ke?{order}" if order != 1 else "/thiet-ke", order=order)
        navigation.register(
            "footer", label, href=f"/f{order}", order=order, group="Dịch vụ" if order < 3 else "Công khai"
        )
    navigation.register("search", "Tìm", href="/thiet-ke")
    navigation.register("bell", "Thông báo", href="/thong-bao", badge=lambda _request: 4)
    navigation.register("account", "Hồ sơ của tôi", href="/ho-so/cua-toi", badge=lambda _request: 2)


def test_the_sign_in_page_by_keyboard(page_desktop: Page, lan: Account) -> None:
    page_desktop.goto("/dang-nhap?next=/thiet-ke")
    page_desktop.keyboard.press("Tab")
    expect(page_desktop.get_by_role("link", name="Đi thẳng đến nội dung chính")).to_be_focused()
    page_desktop.get_by_label("Tên đăng nhập").fill("lan")
    page_desktop.get_by_label("Mật khẩu", exact=True).fill("sai mật khẩu")
    page_desktop.keyboard.press("Enter")
    summary = page_desktop.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng.")
    expect(page_desktop.get_by_label("Tên đăng nhập")).to_have_value("lan")
    assert_axe_clean(page_desktop)
    page_desktop.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page_desktop.keyboard.press("Enter")
    page_desktop.wait_for_url("**/thiet-ke")
    expect(page_desktop.get_by_label("Tài khoản: Trần Thị Hiền Lương")).to_be_visible()


def test_an_empty_sign_in_links_each_fault_to_its_field(page_phone: Page) -> None:
    page_phone.goto("/dang-nhap")
    page_phone.get_by_role("button", name="Đăng nhập", exact=True).click()
    page_phone.get_by_role("link", name="Nhập mật khẩu.").click()
    expect(page_phone.get_by_label("Mật khẩu", exact=True)).to_be_focused()


def test_theme_and_language_are_chosen_in_the_header(page_desktop: Page) -> None:
    page_desktop.goto("/thiet-ke")
    page_desktop.get_by_label("Giao diện sáng, tối").click()
    page_desktop.get_by_role("button", name="Tối", exact=True).click()
    expect(page_desktop.locator("html")).to_have_attribute("data-theme", "dark")
    page_desktop.get_by_role("button", name="EN – English").click()
    expect(page_desktop.locator("html")).to_have_attribute("lang", "en")
    expect(page_desktop.get_by_role("heading", level=1)).to_have_text("Interface components")


def test_components_speak_the_language_of_the_page(page_desktop: Page, live_server: Any) -> None:
    page_desktop.goto("/thiet-ke")
    expect(page_desktop.get_by_text("Chưa chọn tệp").first).to_be_visible()
    page_desktop.context.add_cookies([{"name": "hl_language", "value": "en", "url": live_server.url}])
    page_desktop.reload()
    expect(page_desktop.get_by_text("No file chosen").first).to_be_visible()
    expect(page_desktop.get_by_text("characters left").first).to_be_visible()


def test_the_popover_closes_by_escape_and_gives_the_focus_back(page_desktop: Page, lan: Account) -> None:
    sign_in(page_desktop, lan)
    page_desktop.goto("/thiet-ke")
    account = page_desktop.get_by_label("Tài khoản: Trần Thị Hiền Lương")
    account.click()
    expect(page_desktop.get_by_role("button", name="Đăng xuất")).to_be_visible()
    page_desktop.keyboard.press("Escape")
    expect(page_desktop.get_by_role("button", name="Đăng xuất")).to_be_hidden()
    expect(account).to_be_focused()


def test_a_dialog_opens_holds_the_focus_and_closes(page_desktop: Page) -> None:
    page_desktop.goto("/thiet-ke")
    page_desktop.locator("[data-hl-dialog=sample-dialog]").click()
    dialog = page_desktop.get_by_role("dialog", name="Rút hồ sơ này?")
    expect(dialog).to_be_visible()
    assert_axe_clean(page_desktop)
    screenshot(page_desktop, "dialog-desktop", full=False)
    page_desktop.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_table_sorts_and_says_so(page_desktop: Page) -> None:
    page_desktop.goto("/thiet-ke")
    fee = page_desktop.get_by_role("columnheader", name="Lệ phí")
    fee.get_by_role("button").click()
    fee.get_by_role("button").click()
    expect(fee).to_have_attribute("aria-sort", "descending")
    expect(page_desktop.locator("tbody tr").first).to_contain_text("100.000")
    expect(page_desktop.locator(".moj-sortable-table + [role=status], .govuk-table + [role=status]")).to_contain_text(
        "Đã sắp xếp theo Lệ phí (giảm dần)"
    )


def test_the_panels_fold_on_a_phone(page_phone: Page) -> None:
    page_phone.goto("/thiet-ke/noi-lam-viec")
    expect(page_phone.get_by_role("link", name="Bản in")).to_be_hidden()
    page_phone.get_by_text("Danh mục").click()
    expect(page_phone.get_by_role("link", name="Bản in")).to_be_visible()
    assert_axe_clean(page_phone)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 1920])
def test_a_full_header_fits_every_width(
    browser: Browser, live_server: Any, lan: Account, full_navigation: None, width: int, theme: str
) -> None:
    page = new_page(browser, live_server, {"width": width, "height": 800})
    sign_in(page, lan)
    page.context.add_cookies([{"name": "hl_theme", "value": theme, "url": live_server.url}])
    page.goto("/thiet-ke")
    assert_no_sideways_scroll(page)
    page.evaluate("() => scrollTo(0, 0)")
    screenshot(page, f"header-{width}-{theme}", full=False)
    if width in {390, 1440}:
        page.get_by_label("Tài khoản: Trần Thị Hiền Lương").click()
        assert_axe_clean(page)
        screenshot(page, f"menu-{width}-{theme}", full=False)
    page.context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_pages_work_without_scripts(browser: Browser, live_server: Any, lan: Account, size: dict[str, int]) -> None:
    page = new_page(browser, live_server, size, java_script_enabled=False)
    page.goto("/dang-nhap?next=/thiet-ke/noi-lam-viec")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/thiet-ke/noi-lam-viec")
    expect(page.get_by_role("link", name="Bản in")).to_be_visible()
    expect(
        page.get_by_role("heading", name="Hồ sơ đang xử lý").or_(page.get_by_text("Hồ sơ đang xử lý"))
    ).to_be_visible()
    page.context.close()


def test_two_search_boxes_have_names_of_their_own(page_desktop: Page, full_navigation: None) -> None:
    page_desktop.goto("/thiet-ke/trang-mau")
    expect(page_desktop.get_by_role("search")).to_have_count(2)
    assert_axe_clean(page_desktop)


def test_keys_move_through_a_list(page_desktop: Page) -> None:
    page_desktop.goto("/thiet-ke/noi-lam-viec")
    page_desktop.locator("h1").click()
    page_desktop.keyboard.press("j")
    page_desktop.keyboard.press("j")
    page_desktop.keyboard.press("x")
    expect(page_desktop.locator("#pick-2")).to_be_checked()
    page_desktop.keyboard.press("/")
    page_desktop.keyboard.type("xjk")
    expect(page_desktop.locator("#row-q")).to_have_value("xjk")


def test_print_leaves_out_what_only_works_on_a_screen(page_desktop: Page) -> None:
    page_desktop.goto("/thiet-ke")
    page_desktop.emulate_media(media="print")
    for css in (".hl-header", ".hl-footer", ".govuk-button >> nth=0", ".hl-filter"):
        expect(page_desktop.locator(css)).to_be_hidden()
    expect(page_desktop.get_by_role("heading", level=1)).to_be_visible()


def test_the_menu_folds_on_a_phone_and_holds_everything(
    full_navigation: None, browser: Browser, live_server: Any, page_phone: Page, page_desktop: Page
) -> None:
    without_script = new_page(browser, live_server, PHONE, java_script_enabled=False)
    without_script.goto("/thiet-ke")
    listed = without_script.locator(".hl-nav__list")
    expect(listed).to_be_hidden()
    without_script.locator(".hl-nav__toggle").click()
    expect(listed).to_be_visible()
    without_script.context.close()
    for page, is_phone in ((page_phone, True), (page_desktop, False)):
        page.goto("/thiet-ke")
        links = page.get_by_role("navigation", name="Chính").get_by_role("link")
        fold = page.locator(".hl-nav__toggle")
        assert page.evaluate("document.querySelector('.hl-nav').getBoundingClientRect().bottom") < 200
        if is_phone:
            expect(fold).to_contain_text("Dịch vụ công")
            expect(links).to_have_count(0)
            fold.click()
        else:
            expect(fold).to_be_hidden()
        width = page.viewport_size["width"] if page.viewport_size else 0
        boxes = [box for link in links.all() if (box := link.bounding_box())]
        assert len(boxes) >= 5
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)


def test_little_stands_above_a_page_of_a_demonstration_on_a_phone(
    full_navigation: None, settings: Any, page_phone: Page
) -> None:
    settings.DEMO = True
    page_phone.goto("/thiet-ke")
    expect(page_phone.locator(".hl-banner")).to_be_visible()
    expect(page_phone.get_by_role("navigation", name="Chính").get_by_role("link")).to_have_count(0)
    assert page_phone.evaluate("document.querySelector('.hl-nav').getBoundingClientRect().bottom") < 200
    assert_axe_clean(page_phone)
