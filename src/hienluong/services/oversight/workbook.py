"""The figures as a workbook, numbers as numbers; and the public ones as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _

from . import ageing
from .asking import Asked
from .figures import InHand, Line, OpenLine, Summary
from .tables import Table, line_heads, open_heads

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | float | None


def of_leader(asked: Asked, done: Summary, open_: InHand) -> HttpResponse:
    """Every table of the leader's page, with codes; None stays an empty cell."""
    coded = (_("Mã"),)
    sheets: list[tuple[str, Sequence[str], Iterable[Sequence[Value]]]] = [
        (_("Tổng hợp"), (_("Chỉ tiêu"), _("Giá trị")), _overview(asked, done, open_)),
        (
            _("Theo cơ quan"),
            (_("Cơ quan"), *coded, *line_heads()),
            [(line.label, line.key, *_line(line)) for line in done.organizations],
        ),
        (_("Theo tháng"), (_("Tháng"), *line_heads()), [(line.label, *_line(line)) for line in done.months]),
        (
            _("Đang giải quyết"),
            (_("Cơ quan"), *coded, *open_heads()),
            [(line.label, line.key, *_open(line)) for line in open_.organizations],
        ),
        (
            _("Theo cán bộ"),
            (_("Cán bộ"), *coded, *open_heads()),
            [(line.label, line.key, *_open(line)) for line in open_.officials],
        ),
    ]
    return book("dieu-hanh.xlsx", sheets)


def _overview(asked: Asked, done: Summary, open_: InHand) -> list[Sequence[Value]]:
    named = zip(line_heads(), _line(done.total), strict=True)
    in_hand = zip(open_heads(), _open(open_.total), strict=True)
    period = f"{asked.since:%d/%m/%Y} – {asked.until:%d/%m/%Y}"
    return [(_("Kỳ"), period), (_("Lĩnh vực"), asked.field), (_("Khu vực"), asked.area), *named, *in_hand]


def _line(line: Line) -> tuple[Value, ...]:
    rates = (line.on_time_rate, line.online_rate, line.satisfaction)
    return (line.filed, line.finished, line.on_time, line.late, *(_rounded(rate) for rate in rates))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _open(line: OpenLine) -> tuple[Value, ...]:
    return (line.open, line.paused, line.overdue, *(line.late[bucket] for bucket in ageing.ALL_BUCKETS))


def of_tables(name: str, tables: Sequence[tuple[str, Table]]) -> HttpResponse:
    """Tables as they are shown, a sheet each: what is hidden on the page is hidden here."""
    return book(
        name,
        [
            (
                title,
                (table.first, *table.heads),
                [(row.label, *(_shown(c.text) for c in row.cells)) for row in table.rows],
            )
            for title, table in tables
        ],
    )


def _shown(text: str) -> Value:
    plain = text.replace(".", "")
    return int(plain) if plain.isdigit() else text


def as_csv(name: str, tables: Sequence[Table]) -> HttpResponse:
    """Tables as they are shown, one after another, in UTF-8 with the mark that Excel wants."""
    out = StringIO()
    writer = csv.writer(out)
    for table in tables:
        writer.writerow([table.caption])
        writer.writerow([table.first, *table.heads])
        writer.writerows([row.label, *(cell.text for cell in row.cells)] for row in table.rows)
        writer.writerow([])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def book(name: str, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> HttpResponse:
    """A workbook of sheets: title, heads, rows; None stays an empty cell."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "text_wrap": True})
    for title, heads, rows in sheets:
        sheet = book.add_worksheet(title[:31])
        sheet.write_row(0, 0, heads, bold)
        sheet.set_column(0, 0, 52)
        sheet.set_column(1, len(heads), 16)
        sheet.freeze_panes(1, 1)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(number, place, value)
    book.close()
    response = HttpResponse(content.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
