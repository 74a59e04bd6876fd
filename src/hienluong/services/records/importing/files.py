"""An uploaded file as headings and rows: Excel, CSV, JSON or GeoJSON, within limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files import tables
from hienluong.foundation.files.tables import Limits

#: A file of 200,000 records of a dozen fields.
LIMITS = Limits(size=100 * 1024 * 1024, unfolded=800 * 1024 * 1024, rows=250_000, columns=200)
#: The column that holds the geometry of a GeoJSON feature.
GEOMETRY = "geometry"
#: Where lists of records stand in a JSON file that wraps them.
_WRAPPERS = ("records", "items", "data", "result")
MAX_HEADING = 200


@dataclass(frozen=True)
class Table:
    """What a file holds: headings, and rows of as many values each (texts; in JSON whatever JSON holds). A row that stands
    below empty ones has one value more: the number of its line in the file (:func:`line_of`)."""

    columns: list[str]
    rows: list[list[Any]]


def read(name: str, content: bytes) -> Table:
    """The table of a file, its format told by its ending. Raises :class:`InvalidInput` in words for anything else."""
    ending = name.rsplit(".", 1)[-1].lower()
    if ending == "xlsx":
        return _headed(tables.read_cells(content, LIMITS))
    if ending in ("csv", "tsv", "txt"):
        return _headed(tables.read_csv(content, LIMITS))
    if ending in ("json", "geojson"):
        return _records(content)
    raise InvalidInput(_("Chỉ nhận tệp .xlsx, .csv, .json hoặc .geojson."), field="file")


def _headed(rows: Sequence[Sequence[str | float]]) -> Table:
    if not rows:
        raise InvalidInput(_("Tệp không có dòng nào."), field="file")
    columns = _named(rows[0])
    filled: list[list[Any]] = []
    for number, row in enumerate(rows[1:], 2):
        if any(row):
            cells = list(row[: len(columns)]) + [""] * (len(columns) - len(row))
            filled.append(cells if number == len(filled) + 2 else [*cells, number])
    return _not_empty(Table(columns, filled))


def line_of(row: Sequence[Any], columns: Sequence[str], counted: int) -> int:
    """The line of a file that a row stood in, the headings being line 1; `counted`: where no empty lines stood before."""
    return int(row[len(columns)]) if len(row) > len(columns) else counted


def _named(headings: Iterable[object]) -> list[str]:
    """Every column has a name of its own, so that a fault can name it."""
    found: list[str] = []
    for number, heading in enumerate(headings, 1):
        name = " ".join(str(heading or "").split())[: MAX_HEADING - 10] or _("Cột %(number)d") % {"number": number}
        found.append(name if name not in found else f"{name} ({number})")
    return found


def _records(content: bytes) -> Table:
    tables.require_size(content, LIMITS)
    try:
        value = json.loads(tables.decoded(content), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InvalidInput(_("Tệp JSON không đúng."), field="file") from None
    if isinstance(value, dict) and value.get("type") == "FeatureCollection":
        records = [_feature(one) for one in _listed(value.get("features"))]
    elif isinstance(value, dict):
        wrapped = next((value[name] for name in _WRAPPERS if isinstance(value.get(name), list)), [value])
        records = _listed(wrapped)
    else:
        records = _listed(value)
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > LIMITS.columns:
        raise InvalidInput(_("Tệp có quá %(limit)d cột.") % {"limit": LIMITS.columns}, field="file")
    rows = [[record.get(name, "") for name in names] for record in records]
    return _not_empty(Table(_named(names), rows))


def _no_number(text: str) -> Any:
    """NaN and infinities are no JSON, and no database holds them."""
    raise ValueError(text)


def _listed(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise InvalidInput(_("Tệp JSON phải là một danh sách các bản ghi."), field="file")
    if len(value) > LIMITS.rows:
        raise InvalidInput(_("Tệp có quá %(limit)d dòng.") % {"limit": LIMITS.rows}, field="file")
    return value


def _feature(one: dict[str, Any]) -> dict[str, Any]:
    properties = one.get("properties")
    return {**(properties if isinstance(properties, dict) else {}), GEOMETRY: one.get("geometry") or ""}


def _not_empty(table: Table) -> Table:
    if not table.rows:
        raise InvalidInput(_("Tệp chỉ có tiêu đề, không có bản ghi nào."), field="file")
    return table
