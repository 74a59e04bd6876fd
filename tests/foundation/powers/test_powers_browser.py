"""A head goes through the quarter's review; an emergency is looked at afterwards."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.powers import emergencies, reviewing
from hienluong.foundation.powers.models import Item
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import TESTER, make_account, make_official, make_org, make_roles
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_from_the_review_of_the_quarter_to_the_review_of_an_emergency(
    request: pytest.FixtureRequest, size: str
) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    make_roles()
    place = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    boss = make_account(official=make_official("Bà Quản Trị", role="admin", org=place))
    make_account(official=make_official("Ông Viên Chức", role="officer", org=place))
    make_account(official=make_official("Cô Một Cửa", role="clerk", org=place))
    duty = make_account(official=make_official("Anh Trực", role="officer", org=place))
    campaign = reviewing.open_campaign(TESTER)
    sign_in(page, boss)
    page.goto("/quan-tri/xac-nhan-quyen")
    look(page, f"xac-nhan-quyen-{size}")
    page.get_by_role("link", name=campaign.label, exact=True).click()
    look(page, f"dot-xac-nhan-{size}")
    boxes = page.locator("main input[type=checkbox]")
    page.get_by_role("button", name="Chọn tất cả trên trang này").click()
    assert boxes.count() == len([box for box in boxes.all() if box.is_checked()]) > 1
    page.get_by_role("button", name="Bỏ chọn tất cả").click()
    assert not [box for box in boxes.all() if box.is_checked()]
    page.get_by_label("Ông Viên Chức:").check(force=True)
    page.get_by_role("button", name="Xác nhận các mục đã chọn").click()
    expect(page.locator("main, .hl-toasts").get_by_text("Đã xác nhận 1 quyền.").first).to_be_visible()
    page.get_by_label("Cô Một Cửa:").check(force=True)
    page.get_by_role("button", name="Thu hồi các mục đã chọn").click()
    expect(page.get_by_text("Thu hồi thì phải nêu lý do.").first).to_be_visible()
    look(page, f"thu-hoi-thieu-ly-do-{size}")
    page.get_by_label("Lý do").fill("Đã chuyển sang phòng khác")
    page.get_by_role("button", name="Thu hồi các mục đã chọn").click()
    page.wait_for_load_state()
    assert Item.objects.get(holder="Cô Một Cửa").state == Item.State.WITHDRAWN
    page.goto(f"/quan-tri/xac-nhan-quyen/{campaign.pk}/bao-cao")
    look(page, f"bao-cao-xac-nhan-{size}")
    page.goto("/quan-tri/quyen-tam-dung")
    look(page, f"quyen-tam-dung-{size}")
    page.goto("/quan-tri/xac-nhan-quyen/quy-tac")
    look(page, f"quy-tac-xac-nhan-{size}")

    identity.grant_role(TESTER, account=duty, role="duty", organization=place, reason="Lịch trực")
    taken = emergencies.take(
        actor_of(duty),
        account=duty,
        role="head",
        organization=place,
        hours=1,
        reason="Bão số 9, trưởng phòng mất liên lạc.",
        proved_at=time.time(),
    )
    identity.set_preferences(actor_of(duty), account=duty, theme="auto")
    sign_in(page, duty)
    page.goto("/quan-tri/quyen-khan-cap")
    expect(page.get_by_label("Quyền đang dùng")).to_be_visible()
    look(page, f"quyen-khan-cap-{size}")
    page.get_by_role("link", name="Anh Trực").click()
    page.get_by_role("button", name="Trả quyền ngay").click()
    sign_in(page, boss)
    page.goto(f"/quan-tri/quyen-khan-cap/{taken.pk}")
    look(page, f"xem-xet-khan-cap-{size}")
    page.get_by_label("Có lý do chính đáng").check(force=True)
    page.get_by_label("Kết quả xem xét").fill("Đúng việc, đúng lúc.")
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.get_by_text("Đúng việc, đúng lúc.")).to_be_visible()
