"""Mail that could not be taken in, in a real Chromium: the records office sees why, tries again, gives one up with a reason."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from hienluong.foundation.actions import system
from hienluong.services.documents.actions import mailboxes
from hienluong.services.documents.models import HeldMail

from .offices import Agency, make_agency
from .test_incoming_browser import enter, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/lam-viec/van-ban/den/hop-thu"


@pytest.fixture
def health(transactional_db: None) -> Agency:
    return make_agency()


def held(health: Agency, uid: int, why: str, *, for_good: bool = False) -> HeldMail:
    message = mailboxes.Message(
        health.place,
        "vanthu.syt@quangtri.example/INBOX",
        1,
        uid,
        sender="Sở Xây dựng thành phố Đà Nẵng <vanthu.soxaydung@danang.example>",
        sent_at=timezone.now(),
        size=61_000_000,
    )
    return mailboxes.note_failure(system("thử"), message=message, why=why, for_good=for_good)


def _try_again_and_give_up(page: Page, health: Agency, size: str) -> None:
    waits = held(health, 40, "Hệ thống không đọc được thư này. Xin báo bộ phận kỹ thuật mã KeyError, _files:512.")
    stays = held(health, 41, "Thư lớn quá 60 MB.", for_good=True)
    enter(page, health.clerk, PAGE)
    expect(page.get_by_text("Thư lớn quá 60 MB.")).to_be_visible()
    look(page, f"mailbox-{size}")
    rows = page.locator("tbody tr")
    rows.filter(has_text="không đọc được").get_by_role("button", name="Thử lại").click()
    expect(page.get_by_text("Đang thử lại")).to_be_visible()
    rows.filter(has_text="Thư lớn quá").get_by_role("link", name="Không tiếp nhận").click()
    look(page, f"mailbox-settle-{size}")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Lý do").fill("Đã nhận bản giấy, số đến 15.")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.get_by_text("Thư lớn quá 60 MB.")).to_have_count(0)
    stays.refresh_from_db()
    waits.refresh_from_db()
    assert (stays.state, waits.state) == (HeldMail.State.SETTLED, HeldMail.State.TRYING)


def test_held_mail_on_a_desk(health: Agency, page_desktop: Page) -> None:
    _try_again_and_give_up(page_desktop, health, "1440")


def test_held_mail_on_a_phone(health: Agency, page_phone: Page) -> None:
    _try_again_and_give_up(page_phone, health, "390")
