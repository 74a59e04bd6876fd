"""Records as Excel, CSV, JSON and GeoJSON, written row by row: a long list does not fill the memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.queries import Row

from .. import presentation
from .columns import Cell, cells, columns, plain

#: Excel holds 32,767 characters in a cell, and 1,048,576 rows; days before 1900 it does not know.
MOST_IN_CELL, MOST_IN_EXCEL = 32_000, 1_000_000
FIRST_DAY_OF_EXCEL = date(1900, 1, 1)
#: Digits that a number of Excel keeps.
_DIGITS = 15
_PART = 1_000


@dataclass(frozen=True)
class Sheet:
    """What is to be written: the register's definition, the fields, the records in their order."""

    spec: RegisterSpec
    fields: Sequence[str]
    rows: Iterable[Row]

    @property
    def numbered(self) -> bool:
        """Whether records have numbers of a series, which stand in no field."""
        return bool(self.spec.key.series)


@dataclass(frozen=True)
class Format:
    """One format: its name, the ending and the media type of its files, how it is written."""

    label: str
    ending: str
    media_type: str
    write: Callable[[Sheet, IO[bytes]], None]


def _table(sheet: Sheet) -> tuple[list[str], Iterator[list[Cell]]]:
    wanted = columns(sheet.spec, sheet.fields)
    numbered = [_("Số bản ghi")] if sheet.numbered else []

    def lines() -> Iterator[list[Cell]]:
        rows = iter(sheet.rows)
        while part := list(islice(rows, _PART)):
            places = presentation.named_places(sheet.spec, [row.data for row in part])
            for row in part:
                yield [*([row.key] if numbered else []), *cells(sheet.spec, wanted, row.data, places)]

    return [*numbered, *(column.heading for column in wanted)], lines()


def to_csv(sheet: Sheet, out: IO[bytes]) -> None:
    """UTF-8 with a byte order mark, as spreadsheets in Vietnam expect; no text that one of them would run."""
    headings, lines = _table(sheet)
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([_safe(heading) for heading in headings])
    writer.writerows([_safe(value) if isinstance(value, str) else plain(value) for value in line] for line in lines)
    text.flush()
    text.detach()


def _safe(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe, taken off again on import."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def to_excel(sheet: Sheet, out: IO[bytes]) -> None:
    """One sheet: texts that are never formulas, numbers and days as such."""
    headings, lines = _table(sheet)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet()
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        page.set_column(0, len(headings) - 1, 22)
        page.freeze_panes(1, 1)
        for index, heading in enumerate(headings):
            page.write_string(0, index, heading, bold)
        for number, line in enumerate(lines, 1):
            for index, value in enumerate(line):
                _put(page, number, index, value, day)


def _put(page: Any, row: int, column: int, value: Cell, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date) and value >= FIRST_DAY_OF_EXCEL:
        page.write_datetime(row, column, datetime(value.year, value.month, value.day), day)
    elif isinstance(value, int | float) and abs(value) < 10**_DIGITS:
        page.write_number(row, column, value)
    else:
        text = plain(value)
        if len(text) > MOST_IN_CELL:
            text = text[:MOST_IN_CELL] + _(" … (còn nữa: Excel không chứa hết, hãy xuất CSV)")
        page.write_string(row, column, text)


def to_json(sheet: Sheet, out: IO[bytes]) -> None:
    """The data as the register keeps them: ``{"register": …, "records": […]}``."""
    head = {"register": sheet.spec.code, "version": sheet.spec.version}
    _stream(out, head, "records", ({**_key(sheet, row), **_data(sheet, row)} for row in sheet.rows))


def to_geojson(sheet: Sheet, out: IO[bytes]) -> None:
    """A feature for each record, with the register's map field as its geometry (RFC 7946)."""
    place = sheet.spec.map

    def feature(row: Row) -> dict[str, Any]:
        data = _data(sheet, row)
        geometry = data.pop(place, None)
        return {"type": "Feature", "geometry": geometry, "properties": {**_key(sheet, row), **data}}

    _stream(out, {"type": "FeatureCollection"}, "features", map(feature, sheet.rows))


def _key(sheet: Sheet, row: Row) -> dict[str, str]:
    return {"_key": row.key} if sheet.numbered else {}


def _data(sheet: Sheet, row: Row) -> dict[str, Any]:
    return {name: row.data[name] for name in sheet.fields if name in row.data}


def _stream(out: IO[bytes], head: Mapping[str, Any], name: str, items: Iterable[Mapping[str, Any]]) -> None:
    out.write(f"{json.dumps(head, ensure_ascii=False)[:-1]}, {json.dumps(name)}: [".encode())
    for number, item in enumerate(items):
        out.write((",\n" if number else "\n").encode() + json.dumps(item, ensure_ascii=False).encode())
    out.write(b"\n]}\n")


EXCEL, CSV, JSON, GEOJSON = "xlsx", "csv", "json", "geojson"
FORMATS: dict[str, Format] = {
    EXCEL: Format(
        "Excel (.xlsx)", EXCEL, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_excel
    ),
    CSV: Format("CSV (UTF-8)", CSV, "text/csv; charset=utf-8", to_csv),
    JSON: Format("JSON", JSON, "application/json", to_json),
    GEOJSON: Format("GeoJSON", GEOJSON, "application/geo+json", to_geojson),
}
