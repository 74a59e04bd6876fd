"""Rows of a code list as people copy them: cells of a spreadsheet, parted by tabs, or lines parted by semicolons.

The columns are in the usual order, or as the headings of the first row say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from hienluong.foundation.schemas.cleaning import storable
from hienluong.foundation.search.text import fold

#: Most rows that are taken at once; a whole edition is brought in as one.
MOST = 1000
_ORDER = ("code", "name", "parent", "since", "until")
#: What a heading may be called, folded.
_HEADINGS: Mapping[str, Sequence[str]] = {
    "code": ("code", "ma", "ma so"),
    "name": ("name", "ten", "ten goi"),
    "parent": ("parent", "ma cha", "ma cap tren"),
    "name_en": ("name_en", "ten tieng anh"),
    "since": ("valid_from", "tu ngay", "dung tu ngay", "co hieu luc tu ngay", "hieu luc tu", "hieu luc tu ngay"),
    "until": ("valid_to", "khong dung nua tu", "khong dung nua tu ngay", "het hieu luc tu ngay"),
}
_MEANT = {name: part for part, names in _HEADINGS.items() for name in names}
_DAYS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d")


@dataclass(frozen=True)
class Line:
    """One row: where it stands (1 is the first), what it says, and why it cannot be read (empty when it can)."""

    number: int
    code: str
    name: str = ""
    parent: str = ""
    name_en: str = ""
    since: date | None = None
    until: date | None = None
    fault: str = ""


def lines(text: str) -> list[Line]:
    """The rows of a text; blank ones are left out. One cell alone is a name."""
    rows = [(number, cells) for number, cells in enumerate(_cells(text), 1) if any(cells)]
    order: Sequence[str] = _ORDER
    if rows and (named := _headings(rows[0][1])):
        order, rows = named, rows[1:]
    return [_line(number, cells, order) for number, cells in rows]


def _cells(text: str) -> list[list[str]]:
    text = storable(text)
    typed = [line for line in text.splitlines() if line.strip()]
    if "\t" not in text or (";" in text and not all("\t" in line for line in typed)):
        return [[cell.strip() for cell in line.split("\t" if "\t" in line else ";")] for line in text.splitlines()]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
    return [[" ".join(cell.split()) for cell in row] for row in reader]


def _headings(cells: Sequence[str]) -> list[str]:
    """The columns that a row names; none when it is no row of headings."""
    found = [_MEANT.get(fold(cell), "") for cell in cells]
    return found if "name" in found and len(cells) > 1 and found.count("name") == 1 else []


def _line(number: int, cells: Sequence[str], order: Sequence[str]) -> Line:
    if len([cell for cell in cells if cell]) == 1 and len(cells) == 1:
        return Line(number, "", cells[0])
    said = {part: cell for part, cell in zip(order, cells, strict=False) if part}
    fault = ""
    if any(cells[len(order) :]):
        fault = _("Dòng có nhiều ô hơn số cột: mã, tên, mã cấp trên, từ ngày, không dùng nữa từ ngày.")
    days: dict[str, date | None] = {}
    for part in ("since", "until"):
        try:
            days[part] = day_of(said.get(part, ""))
        except ValueError:
            days[part], fault = (
                None,
                fault or _("“%(text)s” không phải ngày, ví dụ 01/07/2025.") % {"text": said[part][:40]},
            )
    return Line(
        number,
        said.get("code", ""),
        said.get("name", ""),
        said.get("parent", ""),
        said.get("name_en", ""),
        days["since"],
        days["until"],
        fault,
    )


def day_of(text: str) -> date | None:
    """The day that a cell says; None for a blank one. Raises ValueError."""
    if not text:
        return None
    for pattern in _DAYS:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise ValueError(text)
