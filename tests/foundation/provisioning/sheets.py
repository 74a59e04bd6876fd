"""Sheets of officials as people fill them in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

HEADINGS = (
    "Mã cán bộ *",
    "Họ và tên *",
    "Thư điện tử",
    "Cơ quan *",
    "Chức vụ *",
    "Vai trò *",
    "Từ ngày",
    "Đến hết ngày",
)


def line(number: int, org: str = "H50.101", **changes: str) -> list[str]:
    """A sound row of one official."""
    told = {
        "code": f"CC-{number:04}",
        "name": f"Nguyễn Văn {number}",
        "email": f"cc{number}@tinh.example",
        "org": org,
        "title": "Chuyên viên",
        "role": "officer",
        "from": "01/01/2026",
        "to": "",
        **changes,
    }
    return list(told.values())


def excel(lines: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> bytes:
    """An Excel file with these rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([headings, *lines]):
            sheet.write_row(number, 0, row)
    return out.getvalue()
