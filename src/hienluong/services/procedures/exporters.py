"""The catalogue as a file: Excel, CSV, JSON; what comes out goes in again without loss."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.utils import timezone

from .columns import COLUMNS, row_of
from .models import Procedure, ProcedureVersion
from .spec import ProcedureSpec
from .versions import NEVER, stored

#: Excel holds 32,767 characters in a cell.
CELL = 32_000


def current_specs(procedures: Iterable[Procedure]) -> list[ProcedureSpec]:
    """The version in force of each procedure, else its newest; two queries."""
    wanted = [procedure.pk for procedure in procedures]
    today = timezone.localdate()
    chosen: dict[int, ProcedureVersion] = {}
    versions = ProcedureVersion.objects.filter(procedure_id__in=wanted).exclude(valid=NEVER)
    for version in versions.order_by("number"):
        known = chosen.get(version.procedure_id)
        if known is None or today in version.valid or today not in known.valid:
            chosen[version.procedure_id] = version
    return [chosen[pk].spec for pk in wanted if pk in chosen]


def to_json(specs: Iterable[ProcedureSpec]) -> bytes:
    """Our own shape."""
    return json.dumps({"procedures": [stored(spec) for spec in specs]}, ensure_ascii=False, indent=1).encode()


def to_csv(specs: Iterable[ProcedureSpec]) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets in Vietnam expect."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.heading for column in COLUMNS])
    for spec in specs:
        writer.writerow([_safe(cell) for cell in row_of(spec)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def to_excel(specs: Iterable[ProcedureSpec]) -> bytes:
    """One sheet; every cell is a text, none a formula."""
    rows = [row_of(spec) for spec in specs]
    headings, rows = _continued(rows)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Thủ tục")
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for index, heading in enumerate(headings):
            sheet.write_string(0, index, heading, bold)
        for number, row in enumerate(rows, 1):
            for index, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, index, cell, wrap)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(headings) - 1, 28)
        sheet.autofilter(0, 0, len(rows), len(headings) - 1)
    return out.getvalue()


def _continued(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Cells too long for Excel go on in further columns, “… (tiếp 2)”."""
    headings = [column.heading for column in COLUMNS]
    wide = [list(row) for row in rows]
    for index, column in enumerate(COLUMNS):
        longest = max((len(row[index]) for row in rows), default=0)
        for part in range(1, -(-longest // CELL)):
            headings.append(f"{column.heading} (tiếp {part + 1})")
            for row, source in zip(wide, rows, strict=True):
                row.append(source[index][part * CELL : (part + 1) * CELL])
        for row in wide:
            row[index] = row[index][:CELL]
    return headings, wide


def _safe(cell: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe, taken off again on import."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
