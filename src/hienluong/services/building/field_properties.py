"""A field's definition as boxes of a page, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import order_of, sorts
from hienluong.foundation.schemas.kinds import FILES, KINDS, expanded
from hienluong.foundation.schemas.properties import Property, properties, type_of

from .presets import NOTHING, Presets
from .schema_operations import CHOICE, name_from, new_field, tidy

_TEXTS = frozenset(("text", "rich"))
_NUMBERS = frozenset(("integer", "number", "money"))
_ALWAYS = frozenset(("title", "kind", "hint", "required", "computed", "name"))
_BOXES: dict[str, frozenset[str]] = {
    CHOICE: frozenset(("options",)),
    "quantity": frozenset(("units",)),
    "code": frozenset(("list", "leaf")),
    "address": frozenset(("unit_only",)),
    "reference": frozenset(("register",)),
    "table": frozenset(("rows_least", "rows_most")),
    **{kind: frozenset(("shortest", "longest", "pattern")) for kind in _TEXTS},
    **{kind: frozenset(("least", "most")) for kind in _NUMBERS},
}
#: Box → word of JSON Schema.
_LIMITS = {
    "shortest": "minLength",
    "longest": "maxLength",
    "least": "minimum",
    "most": "maximum",
    "rows_least": "minItems",
    "rows_most": "maxItems",
    "pattern": "pattern",
}


def boxes_of(kind: str) -> frozenset[str]:
    """The boxes of a field of this kind."""
    return _ALWAYS | _BOXES.get(kind, frozenset())


def kind_of(prop: Property) -> str:
    """The kind of a field as the palette calls it, also where it is written in plain JSON Schema."""
    named = str(prop.get("x-kind", ""))
    if named in KINDS:
        return named
    if "enum" in prop:
        return CHOICE
    if prop.get("format") == "date":
        return "date"
    return {"boolean": "flag", "integer": "integer", "number": "number", "array": "table"}.get(type_of(prop), "text")


def menu(offered: Sequence[tuple[str, Any]], now: str) -> list[tuple[str, Any]]:
    """What a field may name, with what it names now; while it names nothing, that is what stands there."""
    there = [*offered, *([] if not now or now in dict(offered) else [(now, now)])]
    return there if now else [("", _("Chọn…")), *there]


def options_from(lines: Sequence[str]) -> list[tuple[str, str]]:
    """``dang_mo: Đang mở`` → code and label; a line without a colon is a label, its code is made of it."""
    found: list[tuple[str, str]] = []
    for line in lines:
        code, colon, label = (part.strip() for part in line.partition(":"))
        if colon and code and label:
            found.append((code, label))
        else:
            found.append((name_from(line.strip(": "), (known for known, _label in found)), line.strip(": ")))
    return found


def options_checked(lines: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    """Code and label of each choice, and what is wrong with them; empty when nothing is."""
    found = options_from(lines)
    if len(found) < 2:
        return found, _("Ghi ít nhất hai lựa chọn.")
    if len({code for code, _label in found}) < len(found):
        return found, _("Hai lựa chọn có cùng mã.")
    return found, ""


def boxes(name: str, prop: Property, *, required: bool, computed: str) -> dict[str, Any]:
    """What the boxes of a field hold."""
    return {
        "title": prop.get("title", ""),
        "kind": kind_of(prop),
        "hint": prop.get("x-hint") or prop.get("description") or "",
        "required": required,
        "computed": computed,
        "name": name,
        **_boxes_of_kind(prop),
        **{box: prop.get(word) for box, word in _LIMITS.items()},
    }


def _boxes_of_kind(prop: Property) -> dict[str, Any]:
    labels, options = prop.get("x-enum-labels"), prop.get("enum")
    known = labels if isinstance(labels, Mapping) else {}
    return {
        "options": [f"{value}: {known.get(value, value)}" for value in (options if isinstance(options, list) else ())],
        "units": prop.get("x-units", []),
        "list": prop.get("x-list", ""),
        "leaf": bool(prop.get("x-leaf")),
        "unit_only": bool(prop.get("x-unit-only")),
        "register": prop.get("x-register", ""),
    }


def _put_of_kind(prop: dict[str, Any], said: Mapping[str, Any]) -> None:
    """Put into a field what the boxes of its kind say."""
    if "options" in said:
        prop["enum"] = [code for code, _label in said["options"]]
        prop["x-enum-labels"] = dict(said["options"])
    for box, word in (("units", "x-units"), ("list", "x-list"), ("register", "x-register")):
        if box in said:
            prop[word] = said[box]
    for box, word in (("leaf", "x-leaf"), ("unit_only", "x-unit-only")):
        if box in said:
            prop[word] = said[box] or None


def prop_from(
    prop: Property,
    said: Mapping[str, Any],
    columns: Sequence[Mapping[str, Any]] = (),
    presets: Presets = NOTHING,
) -> dict[str, Any]:
    """The field as the boxes say; what no box knows of stays, unless the kind changed."""
    kind = said["kind"]
    changes_kind = kind != kind_of(prop)
    begun = presets.of(kind, said["title"]) if changes_kind else {}
    changed = new_field(kind, said["title"], begun) if changes_kind else dict(prop)
    changed["title"] = said["title"]
    changed["x-hint" if "x-hint" in prop else "description"] = said["hint"]
    if changes_kind:
        return tidy(changed)
    _put_of_kind(changed, said)
    for box, word in _LIMITS.items():
        if box in said:
            changed[word] = _number(said[box])
    if kind == "table" and columns:
        changed["items"] = items_from(changed.get("items"), columns, presets)
    reference = {"x-register": changed["x-register"]} if "register" in said else {}
    return {**tidy(changed), **reference}


def columns_of(prop: Property) -> list[dict[str, Any]]:
    """The columns of a table as rows of boxes."""
    items = prop.get("items")
    if not isinstance(items, Mapping):
        return []
    required = items.get("required", ())
    return [
        {
            "title": part.get("title", ""),
            "kind": kind_of(part),
            "required": name in required,
            "name": name,
            **_boxes_of_kind(part),
        }
        for name, part in properties(items).items()
    ]


def items_from(before: Any, columns: Sequence[Mapping[str, Any]], presets: Presets = NOTHING) -> dict[str, Any]:
    """The items of a table as the boxes of its columns say; what no box knows of stays."""
    old = before if isinstance(before, Mapping) else {"type": "object"}
    known = properties(old)
    parts: dict[str, Any] = {}
    required = []
    for column in columns:
        title = column["title"].strip()
        if not title:
            continue
        name = column["name"] if column["name"] in known else name_from(title, parts)
        part = known.get(name, {})
        same = bool(part) and kind_of(part) == column["kind"]
        if same:
            changed = {**part, "title": title}
            _put_of_kind(changed, column)
            parts[name] = tidy(changed)
        else:
            kind = column["kind"] or "text"
            parts[name] = new_field(kind, title, presets.of(kind, title))
        if column["required"]:
            required.append(name)
    others = {word: value for word, value in old.items() if word not in ("required", "properties")}
    return {**others, **({"required": required} if required else {}), "properties": parts}


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def can_narrow(prop: Property) -> bool:
    """Whether a list can be narrowed by this field."""
    return bool(order_of(expanded(prop)))


def can_be_sorted(prop: Property) -> bool:
    """Whether a list can be put in order by this field."""
    return sorts(order_of(expanded(prop)))


def can_be_key(prop: Property) -> bool:
    """Whether a text of this field can name a record."""
    return type_of(expanded(prop)) == "string" and kind_of(prop) not in (*FILES, "rich")


def can_be_subject(prop: Property) -> bool:
    """Whether this field can hold the number of a person or an enterprise."""
    return kind_of(prop) in ("personal-id", "enterprise-id", "text")


def is_text(prop: Property) -> bool:
    """Whether words can be looked for in this field."""
    return type_of(expanded(prop)) == "string" and kind_of(prop) not in (*FILES, "date")


def is_geometry(prop: Property) -> bool:
    """Whether this field is a place on the map."""
    kind = KINDS.get(kind_of(prop))
    return kind is not None and kind.geometry
