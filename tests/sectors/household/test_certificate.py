"""One template prints the certificate of a household business: registered, changed, lost; and the draft of a change."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

pytestmark = pytest.mark.once
FILED = {
    "business_name": "Nước mắm Bà Lành",
    "filer_pid": "045190001234",
    "business_address": "12 Trần Hưng Đạo",
    "business_phone": "0912345678",
    "main_line": "Bán lẻ",
    "main_code": "4711",
    "capital": 80_000_000,
    "founder": "person",
    "filer_name": "Nguyễn Thị Lành",
    "filer_sex": "Nữ",
    "filer_dob": "1990-05-12",
    "filer_address": "Phường Đông Hà",
}
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


def printed(data: dict[str, Any], record: dict[str, Any] | None = None) -> str:
    context = {
        "data": data,
        "records": {"business_household": record} if record else {},
        "agency": SimpleNamespace(name="UBND phường Đông Hà", parent=None),
        "result": SimpleNamespace(number="01/GCN-HKD"),
        "signed_at": datetime(2026, 11, 26),
        "signer": SimpleNamespace(full_name="Võ Văn Thành"),
        "signer_title": "Chủ tịch",
    }
    page = render_to_string("sectors/business/household/results/household_certificate.html", context)
    return " ".join(page.split("<body", 1)[1].split())


def test_a_registration_prints_what_was_filed() -> None:
    page = printed(FILED)
    for words in ("HỘ KINH DOANH Nước mắm Bà Lành", "Đăng ký lần đầu, ngày 26 tháng 11 năm 2026", "Bán lẻ (mã 4711)"):
        assert words in page
    assert "80.000.000" in page
    assert "Cá nhân" in page
    assert "sinh ngày 12/05/1990, số định danh cá nhân 045190001234" in page
    assert printed(FILED, RECORD) == page, "what the register then says is the same, in fewer words"


def test_a_change_and_a_lost_paper_print_the_whole_record() -> None:
    page = printed({"household_code": "045190001234", "contact_phone": "0905341872"}, RECORD)
    for words in (
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
    asked = {"household_code": "1", "change_name": True, "new_name": "Tên khác", "change_owner": False}
    page = printed(asked)
    assert "Nội dung in theo cơ sở dữ liệu" in page
    assert "Tên mới: Tên khác" in page
    assert "Chủ hộ mới" not in page
