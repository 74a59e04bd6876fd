"""The accountant's pages and the stranger's, in a real browser: accessible in both themes, whole on a phone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page

from hienluong.capabilities.payments import actions, closing, tasks
from hienluong.capabilities.payments.models import Discrepancy, Receipt
from hienluong.capabilities.signing import actions as signing
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.payments.process import forget_jobs, make_charge, work_off
from tests.capabilities.signing.papers import issue, paper, sign
from tests.factories import TESTER, actor_for_role, make_account, make_official, make_org, make_roles
from tests.thorough import looks


def _prepare() -> tuple[Any, dict[str, str]]:
    """A day with money in every book, a receipt, an issued and a revoked paper; the addresses to look at."""
    make_roles()
    forget_jobs()
    agency = make_org("Trung tâm Phục vụ hành chính công phường Đông Hà")
    clerk = actor_for_role("clerk", agency)
    for _turn in range(3):
        actions.record_cash(clerk, charge=make_charge(agency))
    advised = make_charge(agency)
    actions.record_cash(clerk, charge=advised)
    closing.advise_refund(TESTER, charge=advised, reason="H50.31-261126-0001: Đã rút")
    actions.take_notice(
        actions.channel("bank"),
        provider="bank",
        raw="",
        nonce="n",
        provider_ref="FT17641234567890123",
        reference="CHUYEN TIEN AB12",
        amount=15_000,
        paid_at=timezone.now(),
    )
    work_off(tasks.print_receipt)
    issue(sign(paper()))
    issue(sign(paper(number="02/GP")), token="THUHOI22", subject_ref="t:2")
    signing.revoke(TESTER, token="THUHOI22", reason="Cấp sai")
    receipt = Receipt.objects.order_by("pk").first()
    assert receipt is not None
    admin = make_account(official=make_official(role="admin", org=agency))
    return admin, {
        "reconcile": "/lam-viec/doi-soat",
        "differences": "/lam-viec/doi-soat/chenh-lech",
        "difference": f"/lam-viec/doi-soat/chenh-lech/{Discrepancy.objects.get().pk}",
        "accounts": "/lam-viec/doi-soat/tai-khoan",
        "refund": f"/thanh-toan/{advised.reference}/hoan",
        "verify": "/xac-minh",
        "registered": f"/xac-minh/{receipt.token}",
        "revoked": "/xac-minh/THUHOI22",
        "log": "/minh-bach",
    }


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_money_and_verification_are_accessible_on_every_screen(page_phone: Page, page_desktop: Page) -> None:
    with ThreadPoolExecutor(1) as aside:  # signing runs an event loop of its own; Playwright has one in this thread
        account, pages = aside.submit(_prepare).result()
        aside.submit(lambda: connection.close()).result()
    for page, size, theme in looks([(page_phone, "phone", "light"), (page_desktop, "desktop", "dark")]):
        sign_in(page, account)
        page.emulate_media(color_scheme=theme)
        for name, address in pages.items():
            page.goto(address)
            assert_axe_clean(page)
            assert_no_sideways_scroll(page)
            screenshot(page, f"money-{name}-{size}-{theme}", full=False)
