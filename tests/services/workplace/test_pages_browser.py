"""The workplace in a real Chromium: papers beside the form, keys in the inbox, every list held to the rules of a page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Opinion
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.dossiers.province import Province
from tests.services.dossiers.test_papers import scan
from tests.services.workplace.desk import to_signature
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(transactional_db: None) -> Province:
    return Province()


def with_file(town: Province, model: str = "single_agency") -> actions.PaperIn:
    return actions.PaperIn(code="CC", name="Bản sao căn cước", file_id=scan(town.account.pk), copies=1)


def test_papers_stand_beside_the_form_and_one_part_at_a_time_on_a_phone(
    town: Province, page_desktop: Page, page_phone: Page
) -> None:
    dossier = town.file(papers=(with_file(town),))
    for page in (page_desktop, page_phone):
        sign_in(page, Account.objects.get(pk=town.clerk.account_id))
        page.goto(f"/lam-viec/ho-so/{dossier.code}")
        expect(page.locator("#pane-acts")).to_be_visible()
    expect(page_desktop.locator("#viewer img")).to_be_visible()
    assert page_desktop.locator("#viewer img").evaluate("(img) => img.decode().then(() => img.naturalWidth > 100)")
    papers, acts = (page_desktop.locator(part).bounding_box() for part in ("#pane-papers", "#pane-acts"))
    assert papers is not None
    assert acts is not None
    assert acts["x"] >= papers["x"] + papers["width"]
    expect(page_phone.locator("#viewer img")).to_be_hidden()
    page_phone.get_by_role("link", name="Giấy tờ", exact=True).click()
    expect(page_phone.locator("#viewer img")).to_be_visible()
    expect(page_phone.locator("#pane-acts")).to_be_hidden()
    for page, size in ((page_desktop, 1440), (page_phone, 390)):
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"workplace-dossier-{size}")


def test_without_papers_what_was_applied_for_has_the_wide_column(town: Province, page_desktop: Page) -> None:
    dossier = town.file()
    sign_in(page_desktop, Account.objects.get(pk=town.clerk.account_id))
    page_desktop.goto(f"/lam-viec/ho-so/{dossier.code}")
    form, acts = (page_desktop.locator(part).bounding_box() for part in ("#pane-form", "#pane-acts"))
    assert form is not None
    assert acts is not None
    assert form["x"] + form["width"] <= acts["x"]
    assert form["width"] > acts["width"]
    assert abs(form["y"] - acts["y"]) < 8
    assert_axe_clean(page_desktop)
    screenshot(page_desktop, "workplace-dossier-without-papers-1440")


def test_the_keys_of_the_inbox(town: Province, page_desktop: Page) -> None:
    first, second = town.file(), town.file()
    sign_in(page_desktop, Account.objects.get(pk=town.clerk.account_id))
    page_desktop.goto("/lam-viec/")
    boxes = (page_desktop.locator(f"form.hl-filter [name={name}]").bounding_box() for name in ("mine", "due", "q"))
    tick, due, words = boxes
    assert words is not None
    assert tick is not None
    assert due is not None
    assert abs(tick["y"] + tick["height"] / 2 - due["y"] - due["height"] / 2) < 8, "beside the boxes, not their words"
    assert abs(words["y"] - due["y"]) < 3, "the words to look for stand in the same line"
    keys = page_desktop.keyboard
    keys.press("?")
    expect(page_desktop.locator("[data-shortcuts-help]")).to_have_attribute("open", "")
    keys.press("j")
    keys.press("j")
    keys.press("x")
    expect(page_desktop.locator(f'input[name="code"][value="{second.code}"]')).to_be_checked()
    keys.press("k")
    keys.press("Enter")
    page_desktop.wait_for_url(f"**/lam-viec/ho-so/{first.code}")
    page_desktop.goto("/lam-viec/")
    keys.press("/")
    expect(page_desktop.locator("main input[name=q]")).to_be_focused()


def test_every_list_and_form_is_clean_on_both_sizes_and_in_the_dark(
    town: Province, page_desktop: Page, page_phone: Page
) -> None:
    dossier = actions.receive(town.clerk, dossier=town.file(model="parallel_opinions", papers=(with_file(town),)))
    actions.review(town.officer, dossier=dossier, grants=True, conclusion="Xin ý kiến.")
    opinion = Opinion.objects.filter(dossier=dossier, organization=town.agency_one).get()
    waiting = town.file()
    places = {
        "search": ("/lam-viec/tra-cuu", town.clerk),
        "to-return": ("/lam-viec/tra-ket-qua", town.clerk),
        "register": ("/lam-viec/so-theo-doi", town.clerk),
        "file": ("/lam-viec/lap-ho-so", town.clerk),
        "file-procedure": ("/lam-viec/lap-ho-so/8.000900", town.clerk),
        "correct": (f"/lam-viec/ho-so/{waiting.code}/sua-don", town.clerk),
        "opinion": (f"/lam-viec/y-kien/{opinion.pk}", town.asked),
    }
    for page, size, scheme in looks([(page_desktop, 1440, "dark"), (page_phone, 390, "light")]):
        page.emulate_media(color_scheme=scheme)
        for name, (path, who) in places.items():
            sign_in(page, Account.objects.get(pk=who.account_id))
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"workplace-{name}-{size}-{scheme}")


def test_what_was_typed_is_shown_when_a_colleague_was_faster(
    town: Province, page_desktop: Page, page_phone: Page
) -> None:
    for page, size in ((page_desktop, 1440), (page_phone, 390)):
        dossier = town.file()
        sign_in(page, Account.objects.get(pk=town.clerk.account_id))
        page.goto(f"/lam-viec/ho-so/{dossier.code}?viec=refuse#viec-refuse")
        page.locator("#viec-refuse textarea").fill("Thiếu bản sao căn cước có chứng thực")
        actions.receive(town.clerk, dossier=dossier)
        page.locator("#viec-refuse button[type=submit]").click()
        expect(page.locator("#viec-refuse .govuk-error-summary")).to_contain_text("không còn làm được")
        expect(page.locator("#viec-refuse dd")).to_have_text("Thiếu bản sao căn cước có chứng thực")
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"workplace-too-late-{size}")


def test_what_was_ticked_is_ticked_again_after_signing_in(town: Province, page_desktop: Page, page_phone: Page) -> None:
    clerk = Account.objects.get(pk=town.clerk.account_id)
    for page, size in ((page_desktop, 1440), (page_phone, 390)):
        dossiers = [town.file() for _ in range(2)]
        sign_in(page, clerk)
        page.goto("/lam-viec/")
        for dossier in dossiers:
            page.locator(f'input[name="code"][value="{dossier.code}"]').check()
        page.context.clear_cookies(name="sessionid")
        page.get_by_role("button", name="Tiếp nhận các hồ sơ đã chọn").click()
        page.locator("input[name=username]").fill(clerk.username)
        page.locator("input[name=password]").fill("Mat-khau-thu-2026")
        page.get_by_role("button", name="Đăng nhập", exact=True).click()
        page.wait_for_url("**/lam-viec/nhieu-ho-so")
        expect(page.locator("input[name=code]:checked")).to_have_count(2)
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"workplace-ticked-again-{size}")
        page.locator("main form button[type=submit]").click()
        expect(page.get_by_text("Đã xử lý 2 hồ sơ.")).to_be_visible()


def test_a_leader_sees_signing_apart_from_sending_back(town: Province, page_desktop: Page, page_phone: Page) -> None:
    dossier = to_signature(town)
    for page in (page_desktop, page_phone):
        sign_in(page, Account.objects.get(pk=town.leader.account_id))
        page.goto(f"/lam-viec/ho-so/{dossier.code}")
        if page is page_phone:
            page.get_by_role("link", name="Việc của bạn").click()
        sign = page.locator("#viec-sign")
        expect(sign.get_by_role("button", name="Ký kết quả", exact=True)).to_be_visible()
        back = page.get_by_role("button", name="Trả lại để sửa")
        expect(back).to_be_hidden()
        page.get_by_text("Trả lại dự thảo để sửa, không ký", exact=True).click()
        expect(back).to_be_visible()
        expect(back).to_have_class("govuk-button govuk-button--secondary")
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"sign-{page.viewport_size['width']}")  # type: ignore[index]
