"""Every page of the portal in a real browser, empty and full, light and dark, on a phone and on a desk: axe-clean."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from hienluong.capabilities.payments.models import Charge
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.identity.queries import actor_of
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Draft, State
from hienluong.services.procedures.versions import describe
from hienluong.services.surveys.actions import rate
from hienluong.services.surveys.models import QUESTIONS
from tests.browser import DESKTOP, PHONE, assert_axe_clean, assert_no_sideways_scroll, new_page, sign_in
from tests.factories import make_account, make_citizen, make_enterprise
from tests.services.dossiers.province import Province
from tests.services.test_journey_browser import CHARGE
from tests.thorough import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 320, "height": 640}
LOOKS = [pytest.param(PHONE, "light", id="phone-light"), pytest.param(DESKTOP, "dark", id="desk-dark")]


def look(page: Page, path: str, *, status: int = 200) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status, f"{path}: {answer.status}"
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)


def send(page: Page) -> None:
    """Send the page's form as it is: the page comes back with its faults."""
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_load_state("load")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)


def steps_of(draft: Draft) -> list[str]:
    names = ("whom", "represented", "place", "draft_papers", "check")
    first = reverse("portal:draft_page", kwargs={"draft_id": draft.pk, "page_id": "ly-do"})
    return [first, *(reverse(f"portal:{name}", kwargs={"draft_id": draft.pk}) for name in names)]


def a_full_town() -> tuple[Province, dict[str, Dossier], Draft]:
    p = Province(CHARGE)
    make_enterprise("Công ty TNHH Sông Hiếu", representative=p.party)
    p.citizen = actor_of(p.account)
    draft = p.draft()
    actions.save_draft(
        p.citizen, draft=draft, papers={"CC": [str(p.picture().pk)]}, organization=p.commune, delivery="online"
    )
    dossiers = {"filed": p.file(), "asked": p.file(), "returned": p.file(), "rated": p.file()}
    items = [{"code": "CC", "name": "Bản sao căn cước", "what": "Chụp cả hai mặt"}]
    actions.request_supplement(p.clerk, dossier=dossiers["asked"], reason="Ảnh mờ.", items=items)
    Dossier.objects.filter(pk__in=[dossiers[k].pk for k in ("returned", "rated")]).update(state=State.RETURNED)
    rated = Dossier.objects.get(pk=dossiers["rated"].pk)
    rate(p.citizen, dossier=rated, scores={key: 5 for key, _label in QUESTIONS})
    dispatch_waiting()
    return p, dossiers, draft


@pytest.mark.parametrize(("size", "theme"), looks(LOOKS))
def test_the_pages_of_a_person_who_has_something(
    browser: Browser, live_server: Any, size: dict[str, int], theme: str
) -> None:
    p, dossiers, draft = a_full_town()
    page = new_page(browser, live_server, size, color_scheme=theme)
    sign_in(page, p.account)
    codes = {name: f"/ho-so/{dossier.code}" for name, dossier in dossiers.items()}
    charge = Charge.objects.filter(subject_ref=f"dossier:{dossiers['filed'].code}").get()
    for path in (
        *("/", "/dich-vu", "/dich-vu?q=nha+o", "/dich-vu/8.000900", "/dich-vu/8.000900/nop", "/huong-dan"),
        *("/ho-so", "/giay-to-cua-toi", "/thong-bao", "/ho-so/tra-cuu"),
        *codes.values(),
        *(f"{codes['filed']}/da-nop", f"{codes['filed']}/rut", f"{codes['asked']}/bo-sung"),
        *(f"{codes['returned']}/danh-gia", f"{codes['rated']}/danh-gia", f"/thanh-toan/{charge.reference}"),
        *steps_of(draft),
    ):
        look(page, path, status=404 if path == "/huong-dan" else 200)
    look(page, f"{codes['filed']}/danh-gia", status=409)
    for path in (
        *("/dich-vu/8.000900/nop", "/ho-so/tra-cuu", f"{codes['returned']}/danh-gia", f"{codes['asked']}/bo-sung"),
        steps_of(draft)[-1],
    ):
        page.goto(path)
        send(page)
    assert not page.broken  # type: ignore[attr-defined]
    page.context.close()


@pytest.mark.parametrize(("size", "theme"), looks(LOOKS, 1))
def test_the_pages_of_a_person_who_has_nothing_and_of_a_stranger(
    browser: Browser, live_server: Any, size: dict[str, int], theme: str
) -> None:
    p = Province()
    page = new_page(browser, live_server, size, color_scheme=theme)
    for path in ("/", "/dich-vu", "/dich-vu?q=khongcogi", "/dich-vu/8.000900", "/ho-so/tra-cuu", "/dang-nhap"):
        look(page, path)
    account = make_account(party=make_citizen("Người Mới"))
    sign_in(page, account)
    for path in ("/", "/ho-so", "/giay-to-cua-toi", "/thong-bao", "/dich-vu/8.000900/nop"):
        look(page, path)
    draft = Draft.objects.create(account=account, procedure_version=p.versions["single_agency"], subject=account.party)
    for path in steps_of(draft):
        look(page, path)
    assert not page.broken  # type: ignore[attr-defined]
    page.context.close()


def test_from_search_to_payment_without_javascript_on_the_smallest_phone(
    browser: Browser, live_server: Any, tmp_path: Path
) -> None:
    p = Province(CHARGE)
    version = p.versions["single_agency"]
    describe(version.procedure, version.spec)
    version.procedure.save()
    photo = tmp_path / "can-cuoc.jpg"
    Image.new("RGB", (900, 600), "white").save(photo)
    page = new_page(browser, live_server, SMALL, java_script_enabled=False)
    sign_in(page, p.account)
    page.goto("/")
    page.get_by_role("searchbox", name="Tìm dịch vụ").fill("xac nhan tinh trang nha o")
    page.get_by_role("button", name="Tìm", exact=True).click()
    page.locator("main a[href='/dich-vu/8.000900']").click()
    page.get_by_role("button", name="Nộp hồ sơ ngay").click()
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.get_by_label(f"Cho tôi: {p.party.name}").check()
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Lý do").fill("Bổ túc hồ sơ vay vốn sửa nhà")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.get_by_label("Xã, phường giải quyết").select_option(label=p.commune.name)
    page.get_by_label("Bản điện tử có chữ ký số").check()
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.get_by_label("Chọn tệp có sẵn Bản sao căn cước").set_input_files(photo)
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(page.get_by_text("Bổ túc hồ sơ vay vốn sửa nhà")).to_be_visible()
    expect(page.get_by_text("can-cuoc.jpg")).to_be_visible()
    page.get_by_label("Tôi cam đoan").check()
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    expect(page.get_by_role("heading", name="Đã nộp hồ sơ")).to_be_visible()
    page.get_by_role("link", name="Thanh toán bằng QR").click()
    charge = Charge.objects.get(subject_ref=f"dossier:{Dossier.objects.get().code}")
    expect(page).to_have_url(re.compile(f"/thanh-toan/{charge.reference}$"))
    expect(page.locator("main")).to_contain_text(charge.reference)
    page.context.close()
