"""The page on which two records become one: suggested, side by side, done, undone; not for others."""

from __future__ import annotations

import pytest

from hienluong.capabilities.registers.models import Merge, Record

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db


def test_duplicates_are_shown_merged_and_separated_again(kept: Kept) -> None:
    one, other = kept.add("G001", name="Giếng chợ Đông Hà"), kept.add("G002", name="Giếng chợ Đông Hà", depth=3)
    browser, page = browser_of(kept.officer), kept.address(one, "trung")
    assert "G002" in browser.get(page).content.decode()
    assert "Lấy Độ sâu" in browser.get(f"{page}?kia=G002").content.decode()
    stale = {"kia": "G002", "lay": ["depth"], "thay-doi": "0", "reason": "Ghi hai lần"}
    assert "Ghi hai lần" in browser.post(page, stale).content.decode(), "somebody was faster: what was typed stays"
    assert browser.post(page, {"kia": "G002", "lay": ["depth"]}).status_code == 302
    assert browser.get(kept.address(other)).headers["Location"] == kept.address(one)
    assert "Tách lại G002" in browser.get(page).content.decode()
    assert browser.post(page, {"viec": "hoan-tac", "nhap": str(Merge.objects.get().pk)}).status_code == 302
    assert Record.objects.get(key="G002").merged_into is None
    assert "Không có bản ghi" in browser.get(f"{page}?kia=zzz").content.decode()
    assert browser_of(kept.province.other_clerk).get(page).status_code == 403
