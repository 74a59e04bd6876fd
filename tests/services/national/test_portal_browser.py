"""Filing on the simulated portal with a browser, on a phone and on a desk, and the page of the IT officer beside it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.events import dispatcher
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier
from hienluong.services.national import sending
from hienluong.services.national.models import Outgoing
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.payments.process import wait_until
from tests.factories import actor_for_role
from tests.services.dossiers.province import Province
from tests.services.national.process import PortalProcess, picture
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_filed_there_handled_here_seen_there(
    request: pytest.FixtureRequest, live_portal: PortalProcess, size: str
) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    province = Province()
    page.goto(f"{live_portal.url}/")
    look(page, f"cong-quoc-gia-dau-{size}")
    page.get_by_role("link", name="Xác nhận tình trạng nhà ở").first.click()
    page.get_by_label("Lý do").fill("Vay vốn sửa nhà")
    page.get_by_label("Bản sao căn cước").set_input_files(
        {"name": "cccd.png", "mimeType": "image/png", "buffer": picture()}
    )
    look(page, f"cong-quoc-gia-nop-{size}")
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.wait_for_url(re.compile(r"/ho-so/"))
    number = page.url.rsplit("/", 1)[1]
    wait_until(lambda: Dossier.objects.filter(national_code=number).exists(), "the dossier never arrived")
    dossier = Dossier.objects.get(national_code=number)
    items = [{"code": "CC", "name": "Bản sao căn cước", "what": "chụp rõ hơn"}]
    actions.request_supplement(province.clerk, dossier=dossier, reason="Ảnh căn cước mờ.", items=items)
    dispatcher.dispatch_waiting()
    assert sending.push(dossier.pk) is None
    page.reload()
    expect(page.locator("body")).to_contain_text("5. Yêu cầu bổ sung giấy tờ")
    look(page, f"cong-quoc-gia-ho-so-{size}")
    page.goto(f"{live_portal.url}/loi")
    look(page, f"cong-quoc-gia-loi-{size}")

    live_portal.switch(**{"500": 1})
    stuck = province.file()
    dispatcher.dispatch_waiting()
    assert sending.push(stuck.pk) is not None
    failed = province.file()
    dispatcher.dispatch_waiting()
    Outgoing.objects.filter(dossier=failed).update(state="failed", last_error="04: MaTTHC", attempts=1)
    sign_in(page, Account.objects.get(pk=actor_for_role("admin", province.root).account_id))
    page.goto("/quan-tri/cong-quoc-gia")
    look(page, f"cong-quoc-gia-hang-doi-{size}")
    page.get_by_role("button", name=f"Gửi lại {failed.code}").click()
    page.get_by_text(f"Đã xếp {failed.code} để gửi lại.").wait_for()
