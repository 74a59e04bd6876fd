"""The verification page and whose signatures are believed, in a real browser: accessible, whole on a phone and on a desk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from playwright.sync_api import Page, expect

from hienluong.capabilities.signing import trust, trusting
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.capabilities.signing.papers import paper, with_classic_xref
from tests.capabilities.signing.strangers import make_authority, sign_cms, sign_pdf
from tests.factories import TESTER, make_account, make_official, make_org, make_roles
from tests.thorough import looks


def _prepare(folder: Path) -> tuple[Any, Path, str]:
    """Whoever looks after the installation, a root to add with its fingerprint, and files in the folder."""
    make_roles()
    province = make_org("Tỉnh Quảng Trị", code="H50", kind="province")
    known, unknown = make_authority("Nơi chứng thực ngoài"), make_authority("Gốc khác")
    told = trust.read(known.der).fingerprint
    trusting.trust_authority(TESTER, certificate=known.der, fingerprint=told, basis="Thông báo 12/TB-CTS, 01/10/2026")
    person = known.issue("Trần Thị Ngoài", "Công ty trách nhiệm hữu hạn Thương mại và Dịch vụ Ngoài")
    signed = sign_pdf(with_classic_xref(paper()), person, stamped=True)
    (folder / "chua-hoi-duoc.pdf").write_bytes(signed)
    (folder / "bi-sua.pdf").write_bytes(signed.replace(b"/Type", b"/Typo", 1))
    (folder / "van-ban.txt").write_bytes(b"Noi dung van ban")
    (folder / "van-ban.p7s").write_bytes(sign_cms(b"Noi dung van ban", unknown.issue(), folder))
    root = folder / "goc.cer"
    root.write_bytes(unknown.der)
    return make_account(official=make_official(role="admin", org=province)), root, trust.read(unknown.der).fingerprint


def _look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"verify-{name}")


def _verify(page: Page, *files: Path) -> None:
    page.goto("/xac-minh")
    page.get_by_label("Tệp cần xác minh").set_input_files(files[0])
    if len(files) > 1:
        page.get_by_label("Tệp chữ ký rời, nếu có").set_input_files(files[1])
    page.get_by_role("button", name="Xác minh tệp").click()
    page.locator(".hl-verdict").wait_for()
    page.locator("details.govuk-details").evaluate("each => { each.open = true }")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_stranger_and_who_looks_after_the_installation(
    page_phone: Page, page_desktop: Page, tmp_path: Path, settings: LazySettings
) -> None:
    settings.TRUST_FOLDER = tmp_path / "trust"
    settings.TRUST_FOLDER.mkdir()
    (settings.TRUST_FOLDER / "khong-phai.cer").write_bytes(b"junk")
    with ThreadPoolExecutor(1) as aside:  # signing runs an event loop of its own; Playwright has one in this thread
        account, root, told = aside.submit(_prepare, tmp_path).result()
        aside.submit(lambda: connection.close()).result()
    for page, size, theme in looks([(page_phone, "phone", "light"), (page_desktop, "desktop", "dark")]):
        page.emulate_media(color_scheme=theme)
        page.goto("/xac-minh")
        _look(page, f"form-{size}")
        _verify(page, tmp_path / "chua-hoi-duoc.pdf")
        expect(page.locator(".hl-verdict--unchecked")).to_contain_text("Trần Thị Ngoài")
        _look(page, f"unchecked-{size}")
        _verify(page, tmp_path / "bi-sua.pdf")
        expect(page.locator(".hl-verdict--altered, .hl-verdict--unreadable")).to_be_visible()
        _look(page, f"altered-{size}")
        _verify(page, tmp_path / "van-ban.txt", tmp_path / "van-ban.p7s")
        expect(page.locator(".hl-verdict--untrusted")).to_be_visible()
        _look(page, f"untrusted-{size}")
        sign_in(page, account)
        page.goto("/quan-tri/chung-thu-goc")
        expect(page.locator("main")).to_contain_text("khong-phai.cer")
        _look(page, f"anchors-{size}")
        page.get_by_role("link", name="Thêm chứng thư gốc").click()
        page.locator('input[name="file"]').set_input_files(root)
        page.get_by_label("Dấu vân tay SHA-256").fill("00" * 32)
        page.get_by_label("Căn cứ").fill("Quyết định 1/QĐ")
        page.get_by_role("button", name="Tin cậy").click()
        expect(page.get_by_label("Căn cứ")).to_have_value("Quyết định 1/QĐ")
        _look(page, f"add-{size}")
    page.locator('input[name="file"]').set_input_files(root)
    page.get_by_label("Dấu vân tay SHA-256").fill(told)
    page.get_by_role("button", name="Tin cậy").click()
    expect(page.locator("main")).to_contain_text(told)
    _verify(page, tmp_path / "van-ban.txt", tmp_path / "van-ban.p7s")
    expect(page.locator(".hl-verdict--unchecked")).to_be_visible()
    page.goto("/quan-tri/chung-thu-goc")
    page.get_by_role("link", name="Thôi tin cậy").first.click()
    assert_axe_clean(page)
    page.get_by_label("Lý do").fill("Nơi cấp bị xâm nhập")
    page.get_by_role("button", name="Thôi tin cậy").click()
    expect(page.locator("main")).to_contain_text("Nơi cấp bị xâm nhập")
