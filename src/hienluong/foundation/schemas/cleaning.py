"""What was typed becomes data: one Unicode form, no control characters, dates and numbers of the right type.

What cannot be understood is left as it was typed: the schema then refuses it with a message, and the person
finds it again in the form.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from . import kinds
from .properties import Property, properties, type_of, widget_of

#: Longest text of one field, in characters, when its schema says nothing.
MAX_TEXT = 20_000
#: Most items of one list.
MAX_ITEMS = 500
#: Numbers beyond this are not amounts of anything.
MAX_NUMBER = 10**15
MAX_DEPTH = 6

_VN_DATE = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([. ,]\d{3})+")
#: As a number is written in Vietnam: thousands set apart by dots or blanks, a comma before the decimals.
_WRITTEN = re.compile(r"[+-]?[1-9]\d{0,2}([. ])\d{3}(?:\1\d{3})*(?:,\d{1,10})?")
_PLAIN = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?\d{1,15}([.,]\d{1,10})?")
_CURRENCY = re.compile(r"\s*(đồng|đ|₫|vnd|vnđ)\s*$", re.IGNORECASE)
_TRUE = frozenset(("true", "on", "1", "yes", "có", "đồng ý"))
_FALSE = frozenset(("false", "off", "0", "no", "không"))
_KEPT_CONTROLS = "\n\t"
#: Invisible marks that change how a text reads or hide in identifiers: bidirectional overrides, byte order mark.
_INVISIBLE = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0x200B])


def text(value: str, *, lines: bool = False) -> str:
    """NFC, trimmed, no control or invisible characters; runs of blanks become one (line breaks stay when `lines`)."""
    if value.isprintable():  # nearly every text: no break, control, surrogate or invisible character is in it
        return " ".join(unicodedata.normalize("NFC", value).split())
    whole = value.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    whole = unicodedata.normalize("NFC", whole).translate(_INVISIBLE)
    whole = "".join(
        c if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co") else " " for c in whole
    )
    if not lines:
        return " ".join(whole.split())
    return "\n".join(" ".join(line.split()) for line in whole.strip().split("\n"))


def storable(value: str) -> str:
    """What was typed, as it was typed, in a shape the database can hold: composed letters (NFC), and neither NUL nor
    other control characters nor halves of surrogate pairs. Blanks and line breaks stay."""
    whole = value.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    whole = unicodedata.normalize("NFC", whole)
    return "".join(c for c in whole if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cs"))


def coerce(value: object, prop: Property, depth: int = 0) -> Any:
    """A value as its schema wants it; what cannot be understood comes back as text."""
    if depth > MAX_DEPTH:
        return None
    kind = type_of(prop)
    if isinstance(value, str):
        return _from_text(value, kind, prop)
    if isinstance(value, bool | None):
        return value
    if isinstance(value, int):
        if kind in ("integer", "number"):
            return value
        return _from_text(str(value) if abs(value) < MAX_NUMBER else "?", kind, prop)
    if isinstance(value, float):
        return _from_float(value, kind, prop)
    if isinstance(value, date):
        return value.isoformat()[:10] if prop.get("format") == "date" else value.isoformat()
    if isinstance(value, Mapping):
        if (found := kinds.kind_of(prop)) and found.geometry:
            return dict(value) if _is_json(value) else "?"  # numbers in lists: the schema takes nothing else
        return _object(value, prop, depth) if kind == "object" else None
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return _list(value, prop, depth) if kind == "array" else (coerce(value[0], prop, depth + 1) if value else None)
    return None


def _is_json(value: object) -> bool:
    """Whether this can be sent as JSON at all: no number that is none, no half of a surrogate pair, no endless depth."""
    try:
        return bool(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError, RecursionError):
        return False


def _from_text(raw: str, kind: str, prop: Property) -> Any:
    if len(raw) > MAX_TEXT * 4:  # far past any limit: do not normalise megabytes only to refuse them
        raw = raw[: max(int(prop.get("maxLength", 0) or 0), MAX_TEXT) * 4]
    value = text(raw) if raw.isprintable() else text(raw, lines=widget_of(prop) == "textarea")
    if not value:
        return None
    if kind in ("integer", "number"):
        return _number(value, kind)
    if kind == "boolean":
        lowered = value.casefold()
        return True if lowered in _TRUE else False if lowered in _FALSE else value
    if kind == "array":
        lines = value.split("\n") if "\n" in value else [value]
        return _list([line for line in lines if line], prop, 0)
    if "x-kind" in prop and (spelled := kinds.spelled(prop, value)) != value:
        return spelled
    if prop.get("format") == "date" or prop.get("x-widget") == "date":
        return _iso_date(value)
    if prop.get("x-widget") == "phone":
        return phone(value)
    if prop.get("x-widget") == "personal-id":
        digits = re.sub(r"[ .\-]", "", value)
        return digits if digits.isdigit() else value
    if prop.get("x-widget") == "email" or prop.get("format") == "email":
        return value.replace(" ", "")
    return value


def _from_float(value: float, kind: str, prop: Property) -> Any:
    if value != value or value in (float("inf"), float("-inf")):
        return None
    if kind == "integer" and value.is_integer() and abs(value) <= MAX_NUMBER:
        return int(value)
    if kind == "array":
        return _list([value], prop, 0)
    return value if kind in ("integer", "number") else _from_text(str(value), kind, prop)


def _number(value: str, kind: str) -> Any:
    plain = _CURRENCY.sub("", value).strip()
    if len(plain) > 40:
        return value
    if _PLAIN.fullmatch(plain) and plain.isascii():
        return int(plain)
    if kind == "integer":
        grouped = plain.isascii() and _GROUPED.fullmatch(plain)
        return int(re.sub(r"[^\d+-]", "", plain)) if grouped else value
    digits = spelled_out(plain)
    return value if digits is None else float(digits) if "." in digits else int(digits)


def spelled_out(typed: str) -> str | None:
    """A number as people write it in digits that a machine reads: ``1.250,5`` as ``1250.5``, ``2,5`` and ``2.5`` as ``2.5``.

    A dot before exactly three digits sets thousands apart, unless no group could begin so (``0.125``). None: no number.
    """
    if not typed.isascii():
        return None
    if _WRITTEN.fullmatch(typed):
        return typed.replace(".", "").replace(" ", "").replace(",", ".")
    return typed.replace(",", ".") if _DECIMAL.fullmatch(typed) else None


def _iso_date(value: str) -> str:
    found = _VN_DATE.fullmatch(value)
    if not found or not value.isascii():
        return value
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return value


def phone(value: str) -> str:
    """A Vietnamese phone number as ten digits (``0912345678``); what is no number stays as typed."""
    digits = re.sub(r"[ .\-()]", "", value)
    if not digits.removeprefix("+").isdigit():
        return value
    for prefix in ("+84", "0084"):
        if digits.startswith(prefix):
            return "0" + digits[len(prefix) :].lstrip("0")
    if digits.startswith("84") and len(digits) == 11:
        return "0" + digits[2:]
    return digits


def _list(values: Sequence[object], prop: Property, depth: int) -> list[Any]:
    items = prop.get("items")
    each: Property = items if isinstance(items, Mapping) else {}
    cleaned = [coerce(value, each, depth + 1) for value in values[: MAX_ITEMS + 1]]
    return [value for value in cleaned if value is not None]


def _object(value: Mapping[Any, Any], prop: Property, depth: int) -> dict[str, Any]:
    cleaned = {name: coerce(value[name], part, depth + 1) for name, part in properties(prop).items() if name in value}
    return {name: part for name, part in cleaned.items() if part is not None}


class Cleaner:
    """Cleans many by one schema: what it asks of the schema is asked once. The schema must not change afterwards."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._ways = [(name, _way(prop)) for name, prop in properties(schema).items()]

    def clean(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The known fields of `data`, each as its schema wants it; empty answers and unknown names are left out."""
        found = {}
        for name, way in self._ways:
            if name in data:
                value = way(data[name])
                if value is not None and value != []:
                    found[name] = value
        return found


#: Texts of some kinds that :func:`coerce` leaves as they are: most that are typed, and nearly all of a file.
_SPELLED = {
    "personal-id": re.compile("[0-9]{1,40}"),
    "enterprise-id": re.compile("[0-9]{1,40}"),
    "gtin": re.compile("[0-9]{1,40}"),
    "phone": re.compile("0[1-9][0-9]{8}"),
    "date": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
}


def _way(prop: Property) -> Callable[[Any], Any]:
    """What :func:`coerce` does with a value of this field; what it asks of the schema is asked here, once."""
    if _is_plain(prop):
        return lambda value: (
            text(value) or None if type(value) is str and len(value) <= MAX_TEXT else coerce(value, prop)
        )
    if type_of(prop) in ("integer", "number"):
        return lambda value: int(value) if _is_number(value) else coerce(value, prop)
    kind = kinds.kind_of(prop)
    if (
        kind is not None
        and "x-list" not in prop
        and (prop.get("x-widget"), type_of(prop)) == (kind.widget, kind.schema.get("type"))
    ):
        if kind.geometry:
            return partial(_placed, prop, kind.spell)
        if found := _SPELLED.get(str(prop["x-kind"])):
            return lambda value: value if type(value) is str and found.fullmatch(value) else coerce(value, prop)
    return lambda value: coerce(value, prop)


def _is_number(value: object) -> bool:
    """Whether this is a number as texts mostly have it: digits and nothing else."""
    return type(value) is str and len(value) <= 40 and value.isascii() and value.isdigit()


def _placed(prop: Property, spell: Callable[[str], Any], value: Any) -> Any:
    if type(value) is str and len(value) <= MAX_TEXT and value.isprintable():
        return spell(trimmed) if (trimmed := text(value)) else None
    return coerce(value, prop)


def _is_plain(prop: Property) -> bool:
    """Whether a text of this field is only trimmed: one line, no spelling of its own, nothing that it is turned into."""
    return (
        type_of(prop) == "string"
        and widget_of(prop) not in ("textarea", "date", "phone", "personal-id", "email")
        and prop.get("format") not in ("date", "email")
        and not kinds.has_own_spelling(prop)
    )


def clean(schema: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """As :meth:`Cleaner.clean`, once."""
    found = {name: coerce(data[name], prop) for name, prop in properties(schema).items() if name in data}
    return {name: value for name, value in found.items() if value is not None and value != []}
