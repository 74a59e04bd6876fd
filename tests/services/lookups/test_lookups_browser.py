"""The person's page of looks and the officials' page of questions in a real Chromium, on a phone and a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.lookups import actions
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import actor_for_role, make_enterprise
from tests.services.records.sample import Kept

from .test_lookups import PAGE, looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_looks_and_questions_on_a_phone_and_a_desk(
    transactional_db: None, page_desktop: Page, page_phone: Page
) -> None:
    kept = Kept()
    shop = make_enterprise("Hộ kinh doanh Lành", representative=kept.province.party)
    looks(kept.province, party_id=shop.pk)
    first, _second = looks(kept.province, 2)
    question = actions.ask(kept.province.citizen, read=first, text="Vì sao xem giếng nhà tôi?")
    head = actor_for_role("head", kept.province.division)
    for page, size in ((page_desktop, 1440), (page_phone, 390)):
        sign_in(page, Account.objects.get(pk=kept.province.citizen.account_id))
        page.goto(PAGE)
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"lookups-mine-{size}")
        page.get_by_role("link", name=shop.name).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(shop.name)
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"lookups-represented-{size}")
        page.get_by_role("link", name="Của tôi", exact=True).click()
        page.get_by_role("link", name="Hỏi về lần xem này").first.click()
        expect(page.get_by_label("Bạn muốn hỏi gì?")).to_be_visible()
        assert_axe_clean(page)
        sign_in(page, Account.objects.get(pk=head.account_id))
        for name, address in (("questions", "/lam-viec/cau-hoi-du-lieu"), ("answer", f"/{question.pk}")):
            page.goto(address if name == "questions" else f"/lam-viec/cau-hoi-du-lieu{address}")
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"lookups-{name}-{size}")
