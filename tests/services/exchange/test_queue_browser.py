"""The queue page in a real Chromium: why each package waits, cut down, given up with a reason, taken up again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from hienluong.foundation.events import dispatcher
from hienluong.services.exchange.models import Incoming, Outgoing
from tests.factories import actor_for_role
from tests.services.documents.offices import Agency, make_agency
from tests.services.documents.test_incoming_browser import enter, look
from tests.services.exchange.offices import issued

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/quan-tri/truc-van-ban"


@pytest.fixture
def health(transactional_db: None) -> Agency:
    return make_agency("Sở Y tế")


def unsent(agency: Agency, code: str, name: str, **more: object) -> Outgoing:
    issued(agency, code)
    dispatcher.dispatch_waiting()
    row = Outgoing.objects.latest("pk")
    Outgoing.objects.filter(pk=row.pk).update(to_name=name, **more)
    row.refresh_from_db()
    return row


def _watch_over_it(page: Page, health: Agency, size: str) -> None:
    ago = timezone.now() - timedelta(days=2, hours=3)
    lost = "19: Mã định danh của bên nhận không tồn tại trên trục"
    dead = unsent(health, "H57.19", "Sở Tài chính thành phố Huế", state="failed", attempts=24, last_error=lost, at=ago)
    unsent(health, "G22.99", "Cục Quản lý khám, chữa bệnh", attempts=3, last_error="sendEdoc: ReadTimeout")
    unsent(health, "H56", "Ủy ban nhân dân tỉnh Thanh Hóa", state="held", held_reason="Chờ ý kiến của lãnh đạo Sở")
    unsent(health, "H46.02", "Sở Nội vụ tỉnh Hà Tĩnh")
    Incoming.objects.create(
        axis_id="77", verdict="held", agency=health.place, sender_code="H57.19", why="Tệp đã bị sửa sau khi ký."
    )
    enter(page, actor_for_role("admin", health.place.parent), PAGE)
    expect(page.get_by_text("Nơi nhận chưa nối với trục.")).to_be_visible()
    look(page, f"exchange-queue-{size}")
    page.get_by_label("Tìm theo mã văn bản, nơi nhận hoặc lỗi").fill("Huế")
    page.get_by_role("button", name="Tìm", exact=True).click()
    row = page.locator("tbody tr").filter(has_text="H57.19").filter(has_text="Gửi lỗi")
    expect(page.get_by_text("Cục Quản lý khám, chữa bệnh")).to_have_count(0)
    row.locator("summary").filter(has_text="Thôi gửi").click()
    look(page, f"exchange-queue-give-up-{size}")
    row.get_by_label("Lý do thôi gửi").fill("Đã gửi bản giấy")
    row.get_by_role("button", name="Thôi gửi").click()
    expect(page.get_by_text("Đã thôi gửi gói tin cho H57.19.")).to_be_visible()
    look(page, f"exchange-queue-given-up-{size}")
    dead.refresh_from_db()
    assert dead.state == "cancelled"
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.get_by_text("Đã xếp gói tin gửi H57.19")).to_be_visible()
    dead.refresh_from_db()
    assert dead.state == "waiting"


def test_the_queue_on_a_desk(health: Agency, page_desktop: Page) -> None:
    _watch_over_it(page_desktop, health, "1440")


def test_the_queue_on_a_phone(health: Agency, page_phone: Page) -> None:
    _watch_over_it(page_phone, health, "390")
