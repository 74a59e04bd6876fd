"""The tables of the figures pages as rows of cells, each cell with the address of the list behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from html import escape

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from . import ageing
from .asking import Asked
from .figures import Line, OpenLine


@dataclass(frozen=True)
class Cell:
    """One number: its text, its value for sorting, the list behind it and what to call that for who cannot see."""

    text: str
    sort: float = 0
    href: str = ""
    about: str = ""

    @property
    def html(self) -> SafeString:
        """The cell in HTML, its texts escaped."""
        inside = escape(self.text)
        if self.href:
            about = f'<span class="govuk-visually-hidden"> {escape(self.about)}</span>'
            inside = f'<a class="govuk-link" href="{escape(self.href)}">{inside}{about}</a>'
        # The attribute is for a script: a number with a point, whatever the language.
        cell = f'<td class="govuk-table__cell govuk-table__cell--numeric" data-sort-value="{self.sort}">{inside}</td>'
        return SafeString(cell)


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    label: str
    cells: tuple[Cell, ...]

    @property
    def html(self) -> SafeString:
        """The row in HTML; written here, since a page has a thousand cells and a template takes its time for each."""
        head = f'<th scope="row" class="govuk-table__header">{escape(self.label)}</th>'
        return SafeString(f'<tr class="govuk-table__row">{head}{"".join(cell.html for cell in self.cells)}</tr>')


@dataclass(frozen=True)
class Table:
    """A table with a caption, heads and rows."""

    id: str
    caption: str
    first: str
    heads: tuple[str, ...]
    rows: list[Row]


def count(value: int) -> str:
    """A number with points between thousands."""
    return number_format(value, force_grouping=True)


def rounded(value: float, places: int) -> str:
    """A number rounded half up to so many places; ``number_format`` by itself cuts the rest off."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return number_format(exact, places)


def percent(value: float | None) -> str:
    """A share in percent with one decimal; a dash where there is none."""
    return "—" if value is None else f"{rounded(value, 1)}%"


def score(value: float | None) -> str:
    """A mean score with two decimals; a dash where there is none."""
    return "—" if value is None else rounded(value, 2)


def line_heads() -> tuple[str, ...]:
    """The heads of a table of finished work."""
    return (_("Đã nộp"), _("Đã xong"), _("Đúng hạn"), _("Trễ hạn"), _("Tỷ lệ đúng hạn"), _("Trực tuyến"), _("Hài lòng"))


def by_organization(asked: Asked, lines: Sequence[Line]) -> Table:
    """A row an agency."""
    rows = [_line(asked, line, {"co-quan": line.key}) for line in lines]
    return Table("theo-co-quan", _("Kết quả giải quyết theo cơ quan"), _("Cơ quan"), line_heads(), rows)


def by_month(asked: Asked, lines: Sequence[Line]) -> Table:
    """A row a month."""
    rows = [_line(asked, line, asked.month(date.fromisoformat(line.key))) for line in lines]
    return Table("theo-thang", _("Kết quả giải quyết theo tháng"), _("Tháng"), line_heads(), rows)


def _line(asked: Asked, line: Line, narrow: dict[str, str]) -> Row:
    def cell(text: str, sort: float | None, kind: str, about: str) -> Cell:
        return Cell(text, sort or 0, asked.list_of(kind, **narrow), f"{about}, {line.label}")

    return Row(
        line.label,
        (
            cell(count(line.filed), line.filed, "da-nop", _("hồ sơ đã nộp")),
            cell(count(line.finished), line.finished, "da-xong", _("hồ sơ đã có kết quả")),
            cell(count(line.on_time), line.on_time, "dung-han", _("hồ sơ đúng hạn")),
            cell(count(line.late), line.late, "tre-han", _("hồ sơ trễ hạn")),
            cell(percent(line.on_time_rate), line.on_time_rate, "dung-han", _("tỷ lệ đúng hạn")),
            cell(percent(line.online_rate), line.online_rate, "truc-tuyen", _("tỷ lệ nộp trực tuyến")),
            cell(score(line.satisfaction), line.satisfaction, "danh-gia", _("điểm hài lòng")),
        ),
    )


def bucket_heads() -> tuple[str, ...]:
    """How late, in working days."""
    return (_("1–5 ngày"), _("6–30 ngày"), _("Trên 30 ngày"))


def open_heads() -> tuple[str, ...]:
    """The heads of a table of work in hand."""
    return (_("Đang giải quyết"), _("Tạm dừng"), _("Quá hạn"), *bucket_heads())


def in_hand(asked: Asked, lines: Sequence[OpenLine]) -> Table:
    """A row an agency: what it has in hand."""
    rows = [_open_line(asked, line, {"co-quan": line.key}) for line in lines]
    caption = _("Đang giải quyết và quá hạn theo cơ quan (ngày làm việc)")
    return Table("dang-giai-quyet", caption, _("Cơ quan"), open_heads(), rows)


def officials(asked: Asked, lines: Sequence[OpenLine]) -> Table:
    """A row an official who holds overdue dossiers."""
    rows = [_open_line(asked, line, {"can-bo": line.key}) for line in lines]
    caption = _("Cán bộ đang giữ hồ sơ quá hạn (ngày làm việc)")
    return Table("theo-can-bo", caption, _("Cán bộ"), open_heads(), rows)


def _open_line(asked: Asked, line: OpenLine, narrow: dict[str, str]) -> Row:
    def cell(value: int, kind: str, about: str, **more: str) -> Cell:
        return Cell(count(value), value, asked.list_of(kind, **narrow, **more), f"{about}, {line.label}")

    names = dict(zip(ageing.ALL_BUCKETS, bucket_heads(), strict=True))
    return Row(
        line.label,
        (
            cell(line.open, "dang-giai-quyet", _("hồ sơ đang giải quyết")),
            cell(line.paused, "tam-dung", _("hồ sơ tạm dừng")),
            cell(line.overdue, "qua-han", _("hồ sơ quá hạn")),
            *(
                cell(line.late[bucket], "qua-han", _("hồ sơ quá hạn %(age)s") % {"age": names[bucket]}, tuoi=bucket)
                for bucket in ageing.ALL_BUCKETS
            ),
        ),
    )
