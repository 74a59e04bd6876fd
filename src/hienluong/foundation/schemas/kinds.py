"""The kinds of fields that JSON Schema has no word for: ``x-kind`` names one, and the rest follows.

A kind gives the JSON Schema that its values must satisfy (an author writes ``{"x-kind": "money"}`` and no more), turns
what was typed into one spelling, and looks for faults that no schema can express: check digits, a period that ends
before it begins, a polygon that is not closed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from stdnum import ean, isbn
from stdnum.exceptions import ValidationError

from hienluong.foundation.people.identifiers import is_personal_id, is_tax_code

from . import lists
from .properties import Property, properties

Fault = Callable[[Any, Property], str]


def _as_typed(text: str) -> Any:
    return text


def _no_fault(value: Any, prop: Property) -> str:
    return ""


@dataclass(frozen=True)
class Kind:
    """One kind: its JSON Schema, its widget, how a typed text is spelled, and what a sound-looking value may hide."""

    schema: Mapping[str, Any]
    widget: str
    spell: Callable[[str], Any] = _as_typed
    fault: Fault = _no_fault
    #: What a list can be sorted and narrowed by: ``text``, ``number``, ``date``, ``flag``; narrowed only, by its
    #: administrative unit: ``unit``; empty for nothing.
    order: str = ""
    geometry: bool = field(default=False)


_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
#: Metres above or below the sea, at most.
MAX_HEIGHT = 100_000
_NUMBER = {"type": "number"}
_POSITION = {"type": "array", "prefixItems": [_NUMBER, _NUMBER], "items": _NUMBER, "minItems": 2, "maxItems": 3}
#: Series of a number plate in use (Thông tư 79/2024/TT-BCA, Điều 37 and annex 02): twenty letters.
_PLATE = re.compile(r"(\d{2})([ABCDEFGHKLMNPSTUVXYZĐ]{1,2}\d?)(\d{4,5})")


def _digits(text: str) -> str:
    return re.sub(r"[\s.\-]", "", text)


def _plate(text: str) -> str:
    plain = re.sub(r"[\s.\-]", "", text).upper()
    found = _PLATE.fullmatch(plain)
    return f"{found[1]}{found[2]}-{found[3]}" if found else text


def _plate_fault(value: Any, prop: Property) -> str:
    if _PLATE.fullmatch(str(value).replace("-", "")):
        return ""
    return _("%(label)s: biển số chưa đúng, ví dụ 74A-123.45.")


def _personal_fault(value: Any, prop: Property) -> str:
    return "" if is_personal_id(str(value)) else _("%(label)s phải gồm 12 chữ số.")


def _tax_fault(value: Any, prop: Property) -> str:
    if is_tax_code(str(value)):
        return ""
    return _("%(label)s gồm 10 hoặc 13 chữ số; số bạn nhập sai chữ số kiểm tra.")


def _isbn(text: str) -> str:
    try:
        return str(isbn.validate(text, convert=True))
    except ValidationError:
        return text


def _isbn_fault(value: Any, prop: Property) -> str:
    return "" if isbn.is_valid(str(value)) else _("%(label)s: mã ISBN sai chữ số kiểm tra.")


def _gtin_fault(value: Any, prop: Property) -> str:
    return "" if ean.is_valid(str(value)) else _("%(label)s: mã GTIN sai chữ số kiểm tra.")


def _period_fault(value: Any, prop: Property) -> str:
    start, end = value.get("from"), value.get("to")
    return _("%(label)s: ngày kết thúc trước ngày bắt đầu.") if start and end and end < start else ""


def _chainage(text: str) -> Any:
    """``QL1A Km 750+300`` → the road, kilometre and metres of a place along it."""
    found = re.fullmatch(r"(?P<route>\S.*?)\s+[Kk][Mm]\s*(?P<km>\d{1,4})(?:\s*\+\s*(?P<m>\d{1,3}))?", text)
    return {"route": found["route"], "km": int(found["km"]), "m": int(found["m"] or 0)} if found else text


def _positions(shape: Mapping[str, Any]) -> Iterator[list[float]]:
    """Every position of a GeoJSON geometry: longitude, latitude, and perhaps the height."""
    if shape["type"] == "Point":
        yield shape["coordinates"]
        return

    def walk(part: Any) -> Iterator[list[float]]:
        if part and isinstance(part[0], int | float):
            yield part
        else:
            for inner in part:
                yield from walk(inner)

    yield from walk(shape["coordinates"])


def _geometry_fault(value: Any, prop: Property) -> str:
    for x, y, *height in _positions(value):
        if not (-180 <= x <= 180 and -90 <= y <= 90) or (height and any(abs(z) > MAX_HEIGHT for z in height)):
            return _("%(label)s: kinh độ từ -180 đến 180, vĩ độ từ -90 đến 90.")
    if value["type"] == "Polygon" and any(ring[0] != ring[-1] for ring in value["coordinates"]):
        return _("%(label)s: đường bao của vùng chưa khép kín.")
    return ""


def _geometry(name: str, coordinates: Mapping[str, Any]) -> Kind:
    schema = {
        "type": "object",
        "properties": {"type": {"const": name}, "coordinates": coordinates},
        "required": ["type", "coordinates"],
        "additionalProperties": False,
    }
    return Kind(schema, "map", _coordinates if name == "Point" else _shape, _geometry_fault, geometry=True)


def _coordinates(text: str) -> Any:
    """``16.75, 107.19`` (latitude first, as people write it) → a GeoJSON point."""
    found = re.fullmatch(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*", text)
    return {"type": "Point", "coordinates": [float(found[2]), float(found[1])]} if found else text


def _shape(text: str) -> Any:
    """GeoJSON text → the geometry; of a feature, its geometry."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    shape = found.get("geometry") if isinstance(found, dict) and found.get("type") == "Feature" else found
    return shape if isinstance(shape, dict) else text


KINDS: dict[str, Kind] = {
    "text": Kind({**_TEXT, "maxLength": 500}, "text", order="text"),
    "rich": Kind({**_TEXT, "maxLength": 20_000}, "textarea"),
    "multilingual": Kind(
        {
            "type": "object",
            "properties": {"vi": {**_TEXT, "minLength": 1, "title": "Tiếng Việt"}, "en": {**_TEXT, "title": "English"}},
            "required": ["vi"],
            "additionalProperties": {"type": "string"},
        },
        "languages",
    ),
    "flag": Kind({"type": "boolean"}, "checkbox", order="flag"),
    "integer": Kind({"type": "integer"}, "text", order="number"),
    "number": Kind({"type": "number"}, "text", order="number"),
    "quantity": Kind(
        {
            "type": "object",
            "properties": {"value": {"type": "number", "title": "Giá trị"}, "unit": {**_TEXT, "title": "Đơn vị"}},
            "required": ["value", "unit"],
            "additionalProperties": False,
        },
        "quantity",
    ),
    "money": Kind({"type": "integer", "minimum": 0}, "money", order="number"),
    "date": Kind(_DAY, "date", order="date"),
    "period": Kind(
        {
            "type": "object",
            "properties": {"from": {**_DAY, "title": "Từ ngày"}, "to": {**_DAY, "title": "Đến ngày"}},
            "required": ["from"],
            "additionalProperties": False,
        },
        "period",
        fault=_period_fault,
    ),
    "code": Kind({**_TEXT, "maxLength": 40}, "select", fault=lists.fault, order="text"),
    "reference": Kind({**_TEXT, "maxLength": 120}, "reference", order="text"),
    "personal-id": Kind({**_TEXT, "maxLength": 12}, "personal-id", _digits, _personal_fault, order="text"),
    "enterprise-id": Kind({**_TEXT, "maxLength": 13}, "text", _digits, _tax_fault, order="text"),
    "plate": Kind({**_TEXT, "maxLength": 12}, "text", _plate, _plate_fault, order="text"),
    "isbn": Kind({**_TEXT, "maxLength": 17}, "text", _isbn, _isbn_fault, order="text"),
    "gtin": Kind({**_TEXT, "pattern": r"^\d{8}(\d{4,6})?$"}, "text", _digits, _gtin_fault, order="text"),
    "phone": Kind({**_TEXT, "pattern": r"^0\d{9}$"}, "phone", order="text"),
    "email": Kind({**_TEXT, "format": "email", "maxLength": 254}, "email", order="text"),
    "file": Kind({**_TEXT, "format": "uuid"}, "file"),
    "photo": Kind({**_TEXT, "format": "uuid"}, "photo"),
    "signature": Kind({**_TEXT, "format": "uuid"}, "signature"),
    "table": Kind({"type": "array", "items": {"type": "object"}, "maxItems": 500}, "table"),
    "point": _geometry("Point", _POSITION),
    "line": _geometry("LineString", {"type": "array", "items": _POSITION, "minItems": 2, "maxItems": 20_000}),
    "area": _geometry(
        "Polygon",
        {
            "type": "array",
            "items": {"type": "array", "items": _POSITION, "minItems": 4, "maxItems": 20_000},
            "minItems": 1,
        },
    ),
    "address": Kind(
        {
            "type": "object",
            "properties": {
                "street": {**_TEXT, "maxLength": 250, "title": "Số nhà, đường, thôn"},
                "unit": {
                    "x-kind": "code",
                    "x-list": "administrative-units",
                    "x-leaf": True,
                    "title": "Xã, phường, đặc khu",
                },
            },
            "required": ["unit"],
            "additionalProperties": False,
        },
        "address",
        order="unit",
    ),
    "chainage": Kind(
        {
            "type": "object",
            "properties": {
                "route": {**_TEXT, "minLength": 1, "title": "Tuyến đường"},
                "km": {"type": "integer", "minimum": 0, "title": "Km"},
                "m": {"type": "integer", "minimum": 0, "maximum": 999, "title": "m"},
            },
            "required": ["route", "km"],
            "additionalProperties": False,
        },
        "chainage",
        _chainage,
    ),
}


#: Kinds whose value is the number of a stored file, and those of them that are a picture.
FILES = ("file", "photo", "signature")
PICTURES = ("photo", "signature")


def kind_of(prop: Property) -> Kind | None:
    """The kind of a field, None when it names none (or one that does not exist)."""
    return KINDS.get(str(prop.get("x-kind", "")))


def expanded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in plain JSON Schema: what each kind demands is written out, what the author wrote stands above it."""
    whole = dict(schema)
    kind = kind_of(schema)
    if kind:
        whole = _merged({**kind.schema, "x-widget": kind.widget}, whole)
        if "x-units" in schema:
            unit = {**whole["properties"].get("unit", {}), "enum": list(schema["x-units"])}
            whole["properties"] = {**whole["properties"], "unit": unit}
        if schema.get("x-kind") == "address" and schema.get("x-unit-only"):
            whole["properties"] = {name: part for name, part in whole["properties"].items() if name != "street"}
    for keyword in ("properties", "$defs"):
        if isinstance(whole.get(keyword), Mapping):
            whole[keyword] = {
                name: expanded(part) for name, part in whole[keyword].items() if isinstance(part, Mapping)
            }
    if isinstance(whole.get("items"), Mapping):
        whole["items"] = expanded(whole["items"])
    if kind:
        for part in (whole, whole.get("items")):
            if isinstance(part, dict) and isinstance(part.get("properties"), Mapping):
                part.setdefault("x-order", list(part["properties"]))
    return whole


def written(prop: Property) -> dict[str, Any]:
    """A field as an author writes it: without what its kind says anyway (see :func:`expanded`)."""
    kind = KINDS.get(str(prop.get("x-kind", "")))
    if kind is None:
        return dict(prop)
    said = {**kind.schema, "x-widget": kind.widget}
    part: dict[str, Any] = {
        word: value for word, value in prop.items() if word != "x-order" and said.get(word) != value
    }
    if kind.schema.get("type") == "object":  # a group: its parts are the kind's
        part.pop("properties", None)
    if isinstance(items := part.get("items"), Mapping):
        inside = {name: written(column) for name, column in properties(items).items()}
        part["items"] = {**{word: value for word, value in items.items() if word != "x-order"}, "properties": inside}
    return part


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    found = {**under, **over}
    if "properties" in under and "properties" in over:
        found["properties"] = {**under["properties"], **over["properties"]}
    return found


def may_hide_faults(prop: Property) -> bool:
    """Whether :func:`faults` may find something in values of this field."""
    kind = kind_of(prop)
    nested = bool(properties(prop)) or isinstance(prop.get("items"), Mapping)
    return nested or (kind is not None and kind.fault is not _no_fault)


def faults(prop: Property, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Faults that the schema of a sound value does not see, each with its place inside the value."""
    kind = kind_of(prop)
    if kind and (message := kind.fault(value, prop)):
        yield path, message
        return
    if kind and kind.geometry:  # numbers in lists: nothing of any kind is in them
        return
    if isinstance(value, Mapping):
        for name, part in properties(prop).items():
            if name in value:
                yield from faults(part, value[name], (*path, name))
    items = prop.get("items")
    if isinstance(value, list) and isinstance(items, Mapping):
        for number, part in enumerate(value):
            yield from faults(items, part, (*path, number))


def has_own_spelling(prop: Property) -> bool:
    """Whether :func:`spelled` may make something else of a text of this field."""
    kind = kind_of(prop)
    return "x-list" in prop or (kind is not None and kind.spell is not _as_typed)


def spelled(prop: Property, text: str) -> Any:
    """What was typed into a field of this kind, in the one spelling that is kept; what cannot be understood stays."""
    if "x-list" in prop:
        return lists.spelled(prop, text)
    kind = kind_of(prop)
    return kind.spell(text) if kind else text


def box_of(shape: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """West, south, east and north of a GeoJSON geometry, in degrees."""
    if shape["type"] == "Point":
        x, y = shape["coordinates"][:2]
        return x, y, x, y
    positions = list(_positions(shape))
    xs, ys = [position[0] for position in positions], [position[1] for position in positions]
    return min(xs), min(ys), max(xs), max(ys)
