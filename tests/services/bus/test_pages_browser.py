"""The pages of the bus in a real Chromium: axe clean, nothing sideways, on a phone and a desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.bus import catalogue
from hienluong.services.bus.models import Call, Usage
from hienluong.services.mediation import evidence
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.registers.sample import official as keeper
from tests.capabilities.registers.sample import wells

from .sample import UPSTREAM, document
from .test_pages import BASE, ONE, Offices, registers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def here(transactional_db: None) -> Offices:
    here = Offices()
    registers.install(keeper(here.owner, "define", "read"), spec=wells(owner=here.owner.code), owner=here.owner)
    for number, title in enumerate(("Hộ kinh doanh theo xã", "Mực nước các sông", "Thửa đất theo tờ bản đồ")):
        made = here.service(code=f"du-lieu-{number}", title=title, data=f"{title}, cập nhật hằng ngày", personal=False)
        version = catalogue.add_version(here.provider, service=made, document=document(), upstream=UPSTREAM)
        catalogue.publish(here.provider, version=version, text="Bản đầu tiên")
    return here


def test_the_catalogue_and_agreements_on_a_phone_and_a_desk(
    here: Offices, page_desktop: Page, page_phone: Page
) -> None:
    version = here.version()
    agreed = here.agreed(version)
    waiting = here.asked(version, purpose="Đối chiếu hồ sơ vay vốn", weekdays=[0, 1, 2, 3, 4], from_hour=7, to_hour=17)
    catalogue.deprecate(here.provider, version=version, retires_on=timezone.localdate() + timedelta(days=400))
    for hours in range(3):
        Usage.objects.create(
            day=timezone.localdate() - timedelta(days=hours),
            hour=9,
            operation="land-prices/v1/parcel",
            agreement=agreed.code,
            calls=12_345 * (hours + 1),
            refused=12 * hours,
            errors=hours,
            latency=[0, 9000, 3000, 300, 40, 5, 0, 0, 0, 0, 0, 0],
        )
    called = Call.objects.create(
        at=timezone.now(),
        agreement=agreed.code,
        operation="land-prices/v1/parcel",
        client=here.system.pk,
        purpose="Tính thuế",
        status=200,
        evidence=evidence.seal({"method": "GET", "target": "/x"}, settings.BUS_MEDIATOR_SECRET),
    )
    here.version(published=False)
    for page, size in ((page_desktop, 1440), (page_phone, 390)):
        for who, pages in (
            (
                here.head,
                {
                    "services": BASE,
                    "service": f"{ONE}/v1",
                    "declare": f"{BASE}/khai-bao",
                    "retire": f"{ONE}/v1/ngung",
                    "translate": f"{ONE}/v1/thao-tac/parcel",
                    "add": f"{ONE}/phien-ban",
                    "agreements": f"{BASE}/thoa-thuan",
                    "agreement": f"{BASE}/thoa-thuan/{waiting.code}",
                    "used": f"{BASE}/thoa-thuan/{agreed.code}",
                    "proofs": f"{BASE}/bang-chung",
                    "proof": f"{BASE}/bang-chung/{called.uid}",
                },
            ),
            (
                here.officer,
                {
                    "ask": f"{ONE}/v1/de-nghi",
                    "register": f"{BASE}/dich-vu/registers.thu.gieng",
                    "portal": "/dich-vu-du-lieu",
                    "portal-service": "/dich-vu-du-lieu/land-prices",
                },
            ),
        ):
            sign_in(page, Account.objects.get(pk=who.account_id))
            for name, address in pages.items():
                answer = page.goto(address)
                assert answer is not None
                assert answer.ok, address
                assert_axe_clean(page)
                assert_no_sideways_scroll(page)
                screenshot(page, f"bus-{name}-{size}")
    sign_in(page_desktop, Account.objects.get(pk=here.head.account_id))
    page_desktop.goto(f"{BASE}/thoa-thuan/{waiting.code}")
    page_desktop.get_by_role("button", name="Duyệt").click()
    expect(page_desktop.get_by_text("Đã ghi quyết định.")).to_be_visible()
