"""The certificate of a household business after a change or for a lost paper: the whole record; before, what was asked for."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

pytestmark = pytest.mark.once
RECORD = {
    "name": "Nước mắm Bà Lành Mới",
    "address": "15 Lê Lợi",
    "lines": [{"name": "Bán lẻ", "code": "4711"}, {"name": "Bán buôn"}],
    "founder": "family",
    "members": [{"name": "Trần Văn Bình", "number": "045082004321"}],
    "owner_name": "Nguyễn Thị Lành",
    "owner_number": "045190001234",
    "registered_on": "2025-09-15",
}


def printed(kind: str, data: dict[str, Any], record: dict[str, Any] | None = None) -> str:
    context = {
        "data": {"household_code": "045190001234", "contact_phone": "0905341872", **data},
        "records": {"business_household": record} if record else {},
        "agency": SimpleNamespace(name="UBND phường Đông Hà", parent=None),
        "result": SimpleNamespace(number="01/GCN-HKD"),
        "signed_at": datetime(2026, 11, 26),
        "signer": SimpleNamespace(full_name="Võ Văn Thành"),
        "signer_title": "Chủ tịch",
    }
    page = render_to_string(f"sectors/business/household/results/household_{kind}.html", context)
    return " ".join(page.split("<body", 1)[1].split())


def test_a_change_and_a_lost_paper_print_the_same_record() -> None:
    page = printed("change", {"change_name": True, "new_name": "Tên khác"}, RECORD)
    assert page == printed("reissue", {}, RECORD)
    for words in (
        "GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH",
        "mã số thuế): 045190001234",
        "Đăng ký lần đầu, ngày 15/09/2025; cấp ngày 26/11/2026",
        "HỘ KINH DOANH Nước mắm Bà Lành Mới",
        "Điện thoại: 0905341872",
        "Bán lẻ (mã 4711); Bán buôn",
        "không ghi",
        "Các thành viên hộ gia đình<br>Trần Văn Bình, 045082004321",
        "<strong>Nguyễn Thị Lành</strong>, số định danh cá nhân 045190001234",
    ):
        assert words in page, words


def test_the_draft_of_a_change_says_what_was_asked_for() -> None:
    page = printed("change", {"change_name": True, "new_name": "Tên khác", "change_owner": False})
    assert "Nội dung in theo cơ sở dữ liệu" in page
    assert "Tên mới: Tên khác" in page
    assert "Chủ hộ mới" not in page
