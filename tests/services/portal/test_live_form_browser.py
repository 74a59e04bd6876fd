"""A form with two conditions and a rule, filled in with JavaScript and without: the same outcome, and help on the way."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Draft
from tests.browser import (
    DESKTOP,
    PHONE,
    assert_axe_clean,
    assert_no_sideways_scroll,
    new_page,
    screenshot,
    sign_in,
)
from tests.services.dossiers.province import Province
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORM: dict[str, Any] = {
    "code": "don",
    "title": "Đơn xin xác nhận nơi ở",
    "schema": {
        "type": "object",
        "required": ["purpose", "stay_from", "stay_to", "together"],
        "allOf": [
            {
                "if": {"properties": {"purpose": {"const": "other"}}, "required": ["purpose"]},
                "then": {"required": ["reason"]},
            }
        ],
        "properties": {
            "purpose": {
                "type": "string",
                "title": "Xác nhận để làm gì?",
                "enum": ["loan", "other"],
                "x-enum-labels": {"loan": "Vay vốn", "other": "Việc khác"},
            },
            "reason": {
                "type": "string",
                "title": "Việc gì?",
                "minLength": 5,
                "maxLength": 200,
                "pattern": r"^\p{L}[\p{L}\p{M}\p{N} ,.]*$",
                "x-when": "purpose == 'other'",
                "x-errors": {"pattern": "Việc gì? chỉ gồm chữ, số, dấu phẩy và dấu chấm."},
            },
            "together": {
                "type": "boolean",
                "title": "Có ai ở cùng không?",
                "x-widget": "radios",
            },
            "members": {
                "type": "integer",
                "title": "Số người ở cùng",
                "minimum": 1,
                "maximum": 30,
                "x-when": "together && purpose != ''",
            },
            "stay_from": {"type": "string", "format": "date", "title": "Ở từ ngày"},
            "stay_to": {"type": "string", "format": "date", "title": "Ở đến ngày"},
            "copies": {"type": "integer", "title": "Số bản cần", "minimum": 1, "maximum": 100},
            "fee": {
                "type": "integer",
                "title": "Tiền in các bản",
                "x-widget": "money",
                "x-computed": "copies * 5000",
                "x-hint": "5.000 đồng một bản.",
            },
        },
    },
    "pages": [
        {"id": "muc-dich", "title": "Mục đích", "fields": ["purpose", "reason", "together", "members"]},
        {"id": "thoi-gian", "title": "Thời gian", "fields": ["stay_from", "stay_to", "copies", "fee"]},
    ],
    "rules": [
        {"when": "stay_from <= stay_to", "field": "stay_to", "message": "Ngày đi phải sau ngày đến, hoặc cùng ngày."}
    ],
}
OUTCOME = {
    "purpose": "other",
    "reason": "Xin cho con đi học",
    "together": True,
    "members": 3,
    "stay_from": "2026-01-02",
    "stay_to": "2026-02-01",
    "copies": 3,
    "fee": 15_000,
}


@pytest.fixture
def town(transactional_db: None) -> Province:
    """The small province, whose form asks more."""
    return Province(form=FORM)


def begin(page: Page, town: Province) -> Draft:
    """Sign in and open the first page of a new draft."""
    draft = Draft(account=town.account, procedure_version=town.versions["single_agency"], subject=town.party)
    actions.save_draft(town.citizen, draft=draft, data={})
    sign_in(page, Account.objects.get(pk=town.account.pk))
    page.goto(f"/nop/{draft.pk}/muc-dich")
    return draft


def fill_date(page: Page, label: str, day: str, month: str, year: str) -> None:
    group = page.get_by_role("group", name=label)
    for part, value in (("Ngày", day), ("Tháng", month), ("Năm", year)):
        group.get_by_label(part, exact=True).fill(value)


def save(page: Page) -> None:
    page.get_by_role("button", name="Lưu và tiếp tục").click()


@pytest.mark.parametrize("script", [True, False])
def test_the_same_outcome_with_and_without_javascript(
    browser: Browser, live_server: Any, town: Province, script: bool
) -> None:
    page = new_page(browser, live_server, PHONE, java_script_enabled=script)
    draft = begin(page, town)
    page.get_by_label("Việc khác").check()
    page.get_by_label("Có", exact=True).check()
    if not script:  # the questions come with the answer to the first sending
        expect(page.get_by_label("Việc gì?")).to_have_count(0)
        with page.expect_navigation():
            save(page)
        come = page.locator(".hl-come")
        expect(come).to_contain_text("Câu trả lời của bạn mở thêm câu hỏi")
        expect(come.get_by_role("link")).to_have_text(["Việc gì?", "Số người ở cùng"])
        expect(page.locator(".govuk-error-summary")).to_have_count(0)
    page.get_by_label("Việc gì?").fill("Xin cho con đi học")
    page.get_by_label("Số người ở cùng").fill("3")
    with page.expect_navigation():
        save(page)
    fill_date(page, "Ở từ ngày", "2", "1", "2026")
    fill_date(page, "Ở đến ngày", "1", "1", "2026")
    page.get_by_label("Số bản cần").fill("3")
    expect(page.get_by_label("Tiền in các bản")).to_have_text("15.000 đồng" if script else "–")
    assert_no_sideways_scroll(page)
    if script:
        assert_axe_clean(page)
        screenshot(page, "live-form-computed-phone")
    if script:
        save(page)
    else:
        with page.expect_navigation():
            save(page)
    expect(page.locator(".govuk-error-summary")).to_contain_text("Ngày đi phải sau ngày đến, hoặc cùng ngày.")
    expect(page.locator("#id_stay_to-error")).to_contain_text("Ngày đi phải sau ngày đến, hoặc cùng ngày.")
    fill_date(page, "Ở đến ngày", "1", "2", "2026")
    save(page)
    expect(page).to_have_url(f"{live_server.url}/nop/{draft.pk}/noi-giai-quyet")
    draft.refresh_from_db()
    assert draft.data == OUTCOME
    page.context.close()


def test_without_javascript_an_optional_question_is_shown_before_one_goes_on(
    browser: Browser, live_server: Any, town: Province
) -> None:
    page = new_page(browser, live_server, PHONE, java_script_enabled=False)
    draft = begin(page, town)
    page.get_by_label("Vay vốn").check()
    page.get_by_label("Có", exact=True).check()
    with page.expect_navigation():
        save(page)
    expect(page.get_by_label("Số người ở cùng")).to_be_visible()
    expect(page.locator("#id_members-hint")).to_have_text("Câu hỏi mới.")
    expect(page.get_by_label("Vay vốn")).to_be_checked()
    expect(page.locator(".hl-come")).to_be_focused()
    assert_no_sideways_scroll(page)
    screenshot(page, "form-question-come-phone")
    with page.expect_navigation():
        save(page)
    expect(page).to_have_url(f"{live_server.url}/nop/{draft.pk}/thoi-gian")
    page.context.close()


def test_with_javascript_what_the_browser_showed_is_not_shown_once_more(page_phone: Page, town: Province) -> None:
    draft = begin(page_phone, town)
    page = page_phone
    page.get_by_label("Vay vốn").check()
    page.get_by_label("Có", exact=True).check()
    expect(page.get_by_label("Số người ở cùng")).to_be_visible()
    with page.expect_navigation():
        save(page)
    expect(page).to_have_url(f"{page.url.split('/nop/')[0]}/nop/{draft.pk}/thoi-gian")


def test_questions_come_and_go_as_one_answers(page_desktop: Page, town: Province) -> None:
    draft = begin(page_desktop, town)
    page = page_desktop
    reason, members = page.get_by_label("Việc gì?"), page.get_by_label("Số người ở cùng")
    expect(reason).to_have_count(0)
    page.get_by_label("Việc khác").check()
    expect(reason).to_be_visible()
    expect(page.locator("label[for=id_reason]")).to_have_text("Việc gì?")  # not “(không bắt buộc)”: it must be answered
    expect(page.locator("[data-hl-said]")).to_have_text("Có thêm câu hỏi: Việc gì?")
    expect(members).to_have_count(0)
    page.get_by_label("Có", exact=True).check()
    expect(members).to_be_visible()
    reason.fill("Một việc")
    page.get_by_label("Vay vốn").check()
    expect(reason).to_have_count(0)
    page.get_by_label("Không", exact=True).check()
    expect(members).to_have_count(0)
    page.get_by_label("Việc khác").check()
    expect(reason).to_have_value("Một việc")  # what was typed is still there …
    page.get_by_label("Vay vốn").check()
    save(page)
    expect(page).to_have_url(f"{page.url.split('/nop/')[0]}/nop/{draft.pk}/thoi-gian")
    draft.refresh_from_db()
    assert draft.data == {"purpose": "loan", "together": False}  # … and counts only while it is asked for


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_faults_are_told_in_the_words_of_the_server(
    browser: Browser, live_server: Any, town: Province, size: str
) -> None:
    page = new_page(browser, live_server, PHONE if size == "phone" else DESKTOP)
    begin(page, town)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.get_by_label("Việc khác").check()
    page.get_by_label("Có", exact=True).check()
    reason = page.get_by_label("Việc gì?")
    reason.fill("#!")
    page.get_by_label("Số người ở cùng").fill("31")
    page.get_by_label("Số người ở cùng").blur()
    expect(page.locator("#id_reason-error")).to_contain_text("Việc gì? phải có ít nhất 5 ký tự.")
    expect(page.locator("#id_reason-error")).to_contain_text("chỉ gồm chữ, số")
    expect(page.locator("#id_members-error")).to_contain_text("Số người ở cùng không được quá 30.")
    expect(reason).to_have_attribute("aria-describedby", "id_reason-error")
    save(page)
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    told = summary.get_by_role("link").all_inner_texts()
    assert posts == []
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"live-form-faults-{size}")
    summary.get_by_role("link").last.click()
    expect(page.get_by_label("Số người ở cùng")).to_be_focused()
    with page.expect_navigation():
        save(page)  # unchanged: the server is asked, and says the same
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert len(posts) == 1
    assert page.locator(".govuk-error-summary").get_by_role("link").all_inner_texts() == told
    reason = page.get_by_label("Việc gì?")
    reason.fill("Xin cho con đi học")
    expect(page.locator("#id_reason-error")).to_have_count(0)  # what the server told goes away too
    expect(reason).not_to_have_attribute("aria-invalid", "true")
    page.get_by_label("Số người ở cùng").fill("4")
    assert_axe_clean(page)
    screenshot(page, f"live-form-{size}")
    assert page.broken == []  # type: ignore[attr-defined]
    page.context.close()


def test_a_page_whose_sheet_cannot_be_read_still_works(page_desktop: Page, town: Province) -> None:
    draft = begin(page_desktop, town)
    page_desktop.route("**/form*.js", lambda route: route.abort())
    page_desktop.reload()
    page_desktop.get_by_label("Vay vốn").check()
    page_desktop.get_by_label("Không", exact=True).check()
    save(page_desktop)
    expect(page_desktop).to_have_url(f"{page_desktop.url.split('/nop/')[0]}/nop/{draft.pk}/thoi-gian")
