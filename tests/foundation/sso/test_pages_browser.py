"""A person signs in at another system through our consent page, and later takes it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.sso.models import Consent
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official, make_org, make_roles
from tests.thorough import looks

from .system import Flow, registered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name, full=True)


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_from_registering_a_system_to_taking_consent_back(request: pytest.FixtureRequest, back: str, size: str) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    make_roles()
    place = make_org(kind="province")
    system, secret = registered(
        owner=place, scopes=["profile", "organisation", "email"], redirect_uris=["http://127.0.0.1/quay-lai"]
    )
    sign_in(page, make_account(official=make_official("Lê Văn Quản", role="admin", org=place)))
    page.goto("/quan-tri/he-thong-ket-noi")
    look(page, f"he-thong-{size}")
    page.get_by_role("link", name="Kho tài liệu").click()
    expect(page.get_by_role("heading", name="Cho kỹ sư của hệ thống")).to_be_visible()
    look(page, f"mot-he-thong-{size}")
    page.goto("/quan-tri/he-thong-ket-noi/them")
    look(page, f"dang-ky-he-thong-{size}")
    flow = Flow(system, secret, None, scope="openid profile organisation email", redirect_uri=back)  # type: ignore[arg-type]
    query = "&".join(f"{name}={value}" for name, value in flow.params.items())
    page.goto(f"/sso/dang-nhap?{query.replace(' ', '%20')}")
    look(page, f"dong-y-{size}")
    page.get_by_role("button", name="Đồng ý", exact=True).click()
    page.wait_for_url(re.compile(r"/quay-lai\?.*code="))
    page.goto("/tai-khoan/he-thong")
    look(page, f"da-dong-y-{size}")
    page.get_by_role("button", name="Rút lại").click()
    expect(page.locator("main").get_by_text("Đã rút").first).to_be_visible()
    assert Consent.objects.get().withdrawn_at
    page.goto(f"/sso/dang-nhap?{query.replace(' ', '%20')}&redirect_uri=https://ke-gian.example/")
    look(page, f"khong-dang-nhap-duoc-{size}")
    page.goto("/sso/dang-xuat?post_logout_redirect_uri=https://ke-gian.example/")
    look(page, f"dang-xuat-{size}")
    page.get_by_role("button", name="Đăng xuất tất cả").click()
    expect(page.get_by_role("heading", name="Đã đăng xuất")).to_be_visible()
    look(page, f"da-dang-xuat-{size}")
