"""Which column goes to which field: guessed from the headings, said by a person, applied to a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hienluong.capabilities.registers import attached
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.schemas.properties import label_of, properties, type_of
from hienluong.foundation.search.text import fold

#: The two numbers of a point, each in a column of its own.
LATITUDE, LONGITUDE = "latitude", "longitude"
_LATITUDES, _LONGITUDES = {"lat", "latitude", "vi do", "y"}, {"lon", "lng", "long", "longitude", "kinh do", "x"}


@dataclass(frozen=True)
class Target:
    """Where a column may go: a field, or a part of one (``licence.from``)."""

    path: str
    label: str
    names: frozenset[str]  # by which a heading is recognised, folded


def targets(spec: RegisterSpec, writable: Collection[str]) -> list[Target]:
    """Every place a column may go, in the order of the definition."""
    found = []
    for name, prop in spec.fields.items():
        if name not in writable or prop.get("x-kind") in attached.KINDS:  # no cell holds a file
            continue
        label = label_of(name, prop)
        found.append(Target(name, label, frozenset((fold(name), fold(label)))))
        if prop.get("x-kind") == "point":
            for part, words, names in ((LATITUDE, _("vĩ độ"), _LATITUDES), (LONGITUDE, _("kinh độ"), _LONGITUDES)):
                found.append(Target(f"{name}.{part}", f"{label}: {words}", frozenset(names)))
        elif type_of(prop) == "object":
            for part, inner in properties(prop).items():
                words = f"{label}: {label_of(part, inner)}"
                names = {fold(words), fold(f"{name}.{part}"), fold(label_of(part, inner))}
                found.append(Target(f"{name}.{part}", words, frozenset(names)))
    return found


def guess(columns: Sequence[str], places: Sequence[Target], geometry: str = "") -> dict[str, str]:
    """Number of a column → the field it most likely goes to; each field once, what nobody recognises is left out."""
    found: dict[str, str] = {}
    for number, heading in enumerate(columns):
        plain = re.sub(r"\s*\(.*?\)\s*$", "", heading)
        wanted = {fold(heading), fold(plain)}
        for place in places:
            if place.path not in found.values() and (wanted & place.names or _is_map(heading, place.path, geometry)):
                found[str(number)] = place.path
                break
    return found


def _is_map(heading: str, path: str, geometry: str) -> bool:
    return heading == "geometry" and path == geometry != ""


def faults(mapping: Mapping[str, str], spec: RegisterSpec, places: Sequence[Target]) -> list[str]:
    """What keeps a mapping from being used, in words."""
    known = {place.path: place.label for place in places}
    used = list(mapping.values())
    found = [
        _("Hai cột cùng vào trường “%(label)s”.") % {"label": known[path]} for path in known if used.count(path) > 1
    ]
    fields = {path.split(".")[0] for path in used}
    required = [name for name in spec.schema_.get("required", ()) if name in attached.fields_of(spec)]
    if required:
        label = label_of(required[0], spec.fields[required[0]])
        found.append(
            _("“%(label)s” là tệp và bắt buộc: không nhập từ bảng được, hãy thêm từng bản ghi.") % {"label": label}
        )
    needed = [name for name in spec.schema_.get("required", ()) if name in spec.fields and name not in spec.computed]
    needed = [name for name in needed if name not in required]
    if missing := [label_of(name, spec.fields[name]) for name in needed if name not in fields]:
        found.append(_("Chưa có cột cho trường bắt buộc: %(names)s.") % {"names": ", ".join(missing)})
    return found


def reader(mapping: Mapping[str, str], spec: RegisterSpec) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """What makes a row the data of a record, in the words of the file: cleaning and checking come after.

    What it asks of the mapping and the definition it asks once, for all rows.
    """
    ways: list[tuple[int, str, str, bool, Callable[[str], Any] | None]] = []
    for number, path in mapping.items():
        name, _dot, part = path.partition(".")
        is_point = part in (LATITUDE, LONGITUDE) and spec.fields[name].get("x-kind") == "point"
        ways.append((int(number), name, part, is_point, None if part else _said(spec.fields[name])))

    def data_of(row: Sequence[Any]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        points: dict[str, dict[str, Any]] = {}
        width = len(row)
        for number, name, part, is_point, said in ways:
            value = row[number] if number < width else None
            if value is None or value == "":
                continue
            if is_point:
                points.setdefault(name, {})[part] = value
            elif part:
                data.setdefault(name, {})[part] = value
            else:
                data[name] = said(value) if said is not None and isinstance(value, str) else value
        for name, pair in points.items():
            data[name] = f"{_plain(pair.get(LATITUDE))}, {_plain(pair.get(LONGITUDE))}"
        return data

    return data_of


def _plain(value: Any) -> str:
    return str("" if value is None else value).strip().replace(",", ".")


def _said(prop: Mapping[str, Any]) -> Callable[[str], Any] | None:
    """What a cell of a field says: a choice may stand there by its label, several values a line each; None: what it is."""
    if type_of(prop) == "array":
        return lambda text: _rows_of(text, prop)
    labels = prop.get("x-enum-labels")
    if not isinstance(labels, Mapping):
        return None
    codes = {fold(str(label)): code for code, label in reversed(list(labels.items()))}  # of two alike, the first
    return lambda text: text if text in labels else codes.get(fold(text), text)


def _rows_of(text: str, prop: Mapping[str, Any]) -> Any:
    """The values of a list in one cell, a line each; of a table, the columns of a line are parted by ``|``."""
    items = prop.get("items")
    inner = properties(items) if isinstance(items, Mapping) else {}
    if not inner:
        said = _said(items) if isinstance(items, Mapping) else None
        return [said(line) if said else line for line in text.split("\n")]
    rows = []
    for line in text.replace("\r", "").split("\n"):
        values = [value.strip() for value in line.split("|")]
        row = {name: value for name, value in zip(inner, values, strict=False) if value}
        if row:
            rows.append(row)
    return rows


def column_of(field: str, mapping: Mapping[str, str], columns: Sequence[str]) -> tuple[int | None, str]:
    """The column that a field's value came from: its number and heading."""
    for number, path in mapping.items():
        if path.split(".")[0] == field:
            return int(number), columns[int(number)]
    return None, ""
