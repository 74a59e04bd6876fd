"""What was changed in a draft, and what installing it does, on a phone and on a desk."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers.models import CounterDraft
from hienluong.services.procedures.queries import version_on
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .test_procedures import CODE, NAME, Builder, office
from .test_told_before_installing import ANSWERS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_change_is_read_without_files_on_a_phone_and_on_a_desk(
    transactional_db: None, page_phone: Page, page_desktop: Page
) -> None:
    place = office()
    builder, p = Builder(place), place.province
    install = reverse("building:install", args=[NAME])
    pages = {"390": page_phone, "1440": page_desktop}
    for page in pages.values():
        sign_in(page, Account.objects.get(pk=place.builder.account_id))
    for width, page in pages.items():
        page.goto(install)
        expect(page.get_by_text("9, trong đó 2 chỉ hỏi khi có điều kiện")).to_be_visible()
        screenshot(page, f"first-plan-{width}")
    builder.client.post(install, {"ban": place.draft.head_id})
    version = version_on(CODE, date.today())
    assert version is not None
    assert p.clerk.account_id is not None
    p.file(version=version, data=ANSWERS, papers=())
    CounterDraft.objects.create(account_id=p.clerk.account_id, procedure=version.procedure)
    builder.field("so_quay", title="Số quầy", required="on")
    texts = place.texts()
    second = texts["registers/cho.yaml"].replace("version: 1", "version: 2", 1)
    second = re.sub(r"effective_from: .*", f"effective_from: {date.today() + timedelta(days=30)}", second)
    second += "migrate:\n  chu_diem_ban: \"'Chưa rõ'\"\n"
    for path, text in {"registers/cho.v2.yaml": second, "results/p8_000001.html": "<p>Giấy</p>"}.items():
        source = reverse("building:source", args=[NAME, path])
        builder.client.post(source, {"ban": place.draft.head_id, "text": text})
    for width, page in pages.items():
        page.goto(reverse("building:compare", args=[NAME]))
        expect(page.get_by_role("heading", name="Cơ sở dữ liệu “Điểm bán hàng”, phiên bản 2")).to_be_visible()
        expect(page.get_by_text("Chuyển dữ liệu › Trường “Chủ điểm bán”")).to_be_visible()
        expect(page.get_by_text("registers/cho.v2.yaml")).to_be_hidden()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"building-compared-{width}")
        page.goto(install)
        expect(page.get_by_text("1 hồ sơ đã nộp, đang giải quyết")).to_be_visible()
        expect(page.get_by_role("heading", name="Cơ sở dữ liệu “Điểm bán hàng”, phiên bản 2")).to_be_visible()
        expect(page.get_by_role("heading", name="Nên xem lại")).to_be_visible()
        assert_axe_clean(page)
        assert_no_sideways_scroll(page)
        screenshot(page, f"update-plan-{width}")
