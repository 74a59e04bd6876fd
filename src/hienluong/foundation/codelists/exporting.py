"""An edition as a CSV file, in the columns in which it goes in again."""

from __future__ import annotations

import csv
import io

from .models import Code, Edition

HEADS = ("code", "parent", "name", "name_en", "valid_from", "valid_to")


def to_csv(edition: Edition) -> bytes:
    """Every code of an edition, UTF-8 with the mark that spreadsheets want; no cell runs as a formula; one query."""
    rows = list(Code.objects.filter(edition=edition).select_related("parent").order_by("order", "pk"))
    extra = sorted({name for row in rows for name in row.attributes})
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*HEADS, *map(_safe, extra)])
    for row in rows:
        days = [day.isoformat() if day else "" for day in (row.valid.lower, row.valid.upper)]
        cells = [row.value, row.parent.value if row.parent else "", row.name, row.name_en, *days]
        writer.writerow(_safe(str(cell)) for cell in [*cells, *(row.attributes.get(name, "") for name in extra)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(cell: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe, taken off again when the file is read."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
