"""The step where it is decided: it names the agency, why it is that one, and where and when its counter is open."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from hienluong.foundation.organisations import opening
from hienluong.foundation.organisations.models import Organization, OrganizationVersion
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Draft
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.services.dossiers.province import SPEC, Province

pytestmark = pytest.mark.django_db

WEEK = [["07:30", "11:30"], ["13:30", "17:00"]]


def a_draft(p: Province, code: str = "8.000900", data: dict[str, Any] | None = None, **changes: Any) -> Draft:
    version = p.publish(code, **changes) if changes else p.versions["single_agency"]
    draft = actions.start_draft(p.citizen, version=version, subject=p.party)
    actions.save_draft(p.citizen, draft=draft, data={"reason": "Vay vốn", **(data or {})}, page="ly-do")
    return draft


def place_of(draft: Draft) -> str:
    return reverse("portal:place", kwargs={"draft_id": draft.pk})


def page_of(client: Client, draft: Draft, **query: Any) -> str:
    answer = client.get(place_of(draft), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def live_in(party: Party, commune: Organization) -> None:
    party.commune_code = commune.commune_code
    party.save(update_fields=["commune_code"])


def open_at(counter: Organization) -> None:
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WEEK) | {"sat": [["07:30", "11:30"]]}
    OrganizationVersion.objects.filter(organization=counter).update(
        address="12 Hùng Vương", phone="0233 3000 000", opening_hours=hours
    )


def test_the_commune_of_my_address_is_shown_with_its_counter(browser_of_citizen: Client, province: Province) -> None:
    live_in(province.party, province.commune)
    open_at(province.counter)
    page = page_of(browser_of_citizen, a_draft(province))
    assert "Bước 3 trên 5" in page
    assert f"Cơ quan giải quyết: {province.commune.name}" in page
    assert "Theo địa chỉ của bạn." in page
    assert province.counter.name in page
    assert "12 Hùng Vương" in page
    assert "Thứ Hai đến Thứ Sáu: 07:30–11:30, 13:30–17:00" in page
    assert "Thứ Bảy: 07:30–11:30" in page
    assert "Chủ Nhật" not in page


def test_another_commune_is_shown_when_chosen(browser_of_citizen: Client, province: Province) -> None:
    live_in(province.party, province.commune)
    draft = a_draft(province)
    page = page_of(browser_of_citizen, draft, commune=province.other_commune.pk)
    assert f"Cơ quan giải quyết: {province.other_commune.name}" in page
    assert "Theo lựa chọn của bạn." in page
    for odd in ("x", "\x00", "9" * 40, str(province.division.pk)):
        assert "Cơ quan giải quyết:" not in page_of(browser_of_citizen, draft, commune=odd)


def test_the_commune_named_in_the_form_goes_before_my_own(browser_of_citizen: Client, province: Province) -> None:
    live_in(province.party, province.commune)
    Organization.objects.filter(pk=province.other_commune.pk).update(commune_code="19496")
    form = {
        "code": "don",
        "title": "Đơn",
        "schema": {
            "type": "object",
            "required": ["reason", "where"],
            "properties": {
                **SPEC["form"]["schema"]["properties"],
                "where": {"type": "string", "title": "Xã có bến", "x-widget": "commune"},
            },
        },
        "pages": [{"id": "ly-do", "title": "Lý do của bạn", "fields": ["reason", "where"]}],
    }
    page = page_of(browser_of_citizen, a_draft(province, "8.000920", {"where": "19496"}, form=form))
    assert f"Cơ quan giải quyết: {province.other_commune.name}" in page
    assert "Theo điều bạn đã khai ở mục “Xã có bến”." in page


def test_without_an_address_nothing_is_guessed(browser_of_citizen: Client, province: Province) -> None:
    page = page_of(browser_of_citizen, a_draft(province))
    assert "Chọn xã, phường" in page
    assert "Cơ quan giải quyết:" not in page


def test_a_department_is_named_though_there_is_nothing_to_choose(
    browser_of_citizen: Client, province: Province
) -> None:
    draft = a_draft(province, "8.000921", agency={"level": "department", "key": "S1"})
    page = page_of(browser_of_citizen, draft)
    assert f"Cơ quan giải quyết: {province.agency_one.name}" in page
    assert "cho cả tỉnh" in page
    browser_of_citizen.post(place_of(draft), {"delivery": "online"})
    draft.refresh_from_db()
    assert draft.organization == province.agency_one


def test_the_only_commune_is_named_and_taken(browser_of_citizen: Client, province: Province) -> None:
    gone = DateRange(province.other_commune.valid.lower, timezone.localdate())
    Organization.objects.filter(pk=province.other_commune.pk).update(valid=gone)
    draft = a_draft(province)
    page = page_of(browser_of_citizen, draft)
    assert f"Cơ quan giải quyết: {province.commune.name}" in page
    assert "chỉ nơi này" in page
    assert 'name="commune"' not in page
    browser_of_citizen.post(place_of(draft), {"delivery": "online"})
    draft.refresh_from_db()
    assert draft.organization == province.commune


def test_the_steps_after_it_are_counted_too(browser_of_citizen: Client, province: Province) -> None:
    draft = a_draft(province)
    for name, step in (("draft_papers", "Bước 4 trên 5"), ("check", "Bước 5 trên 5")):
        page = browser_of_citizen.get(reverse(f"portal:{name}", kwargs={"draft_id": draft.pk})).content.decode()
        assert step in page


def test_hours_in_words_join_days_that_follow_each_other() -> None:
    assert opening.in_words({}) == []
    assert opening.in_words({"mon": WEEK, "wed": WEEK, "thu": WEEK}) == [
        ("Thứ Hai", "07:30–11:30, 13:30–17:00"),
        ("Thứ Tư đến Thứ Năm", "07:30–11:30, 13:30–17:00"),
    ]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_choosing_another_commune_shows_its_counter(page_desktop: Page, page_phone: Page) -> None:
    town = Province()
    live_in(town.party, town.commune)
    open_at(town.counter)
    draft = a_draft(town)
    for page in (page_phone, page_desktop):
        sign_in(page, town.account)
        page.goto(place_of(draft))
        told = page.get_by_role("heading", name="Cơ quan giải quyết:")
        expect(told).to_contain_text(town.commune.name)
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"place-{page.viewport_size['width']}")  # type: ignore[index]
        page.get_by_label("Xã, phường giải quyết").select_option(label=town.other_commune.name)
        expect(told).to_contain_text(town.other_commune.name)
        assert_axe_clean(page)
