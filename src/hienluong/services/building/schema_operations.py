"""Operations on the fields of a JSON Schema: each takes a schema and gives a new one; nothing given is changed.

Drag, buttons and keys all come here, for registers and for forms alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.kinds import KINDS
from hienluong.foundation.schemas.properties import Property, properties
from hienluong.foundation.search.text import fold

Schema = Mapping[str, Any]
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: In which order the words of a field stand.
FIELD_ORDER = (
    "type x-kind title description x-hint x-list x-leaf x-under x-unit-only x-register x-units enum x-enum-labels format pattern minLength "
    "maxLength minimum maximum minItems maxItems items x-widget x-prefill x-when x-computed x-errors"
).split()
SCHEMA_ORDER = "$schema type additionalProperties required properties".split()
#: What the palette calls ``choice``: a text with a few values.
CHOICE = "choice"
#: What stays in a field while nothing is written in it yet: it makes the field what it is.
_STILL_ASKED = frozenset(("enum", "x-units"))
PALETTE = (*KINDS, CHOICE)


def fault(message: str, field: str = "") -> InvalidInput:
    """The refusal of an operation, at the box it is about."""
    return InvalidInput(message, code="building.operation", field=field or None)


def new_field(kind: str, title: str, begun: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A field of a kind of the palette, with the least that its kind asks for; `begun` says more (:mod:`.presets`)."""
    if kind == CHOICE:
        return {"type": "string", "title": title, "enum": [], **(begun or {})}
    if kind not in KINDS:
        raise fault(_("Không có kiểu “%(kind)s”.") % {"kind": kind[:40]}, "kind")
    prop: dict[str, Any] = {"x-kind": kind, "title": title}
    if kind == "quantity":
        prop["x-units"] = []
    if kind == "reference":
        prop["x-register"] = ""
    if kind == "table":
        column = {"x-kind": "text", "title": "Nội dung"}
        prop["items"] = {"type": "object", "required": ["content"], "properties": {"content": column}}
    return {**prop, **(begun or {})}


def name_from(title: str, taken: Iterable[str]) -> str:
    """A free name for a field made of its title: “Tên chợ” → ``ten_cho``."""
    plain = re.sub(r"[^a-z0-9]+", "_", fold(title)).strip("_")
    base = (plain if plain[:1].isalpha() else f"truong_{plain}").strip("_")
    if len(base) > 36:  # between two words, unless the first is that long
        base = base[: base.rfind("_", 1, 37)] if "_" in base[1:37] else base[:36]
    used = set(taken)
    return next(
        name for name in (base, *(f"{base}_{n}" for n in range(2, 1000))) if name not in used
    )  # fmt: skip


def add(schema: Schema, name: str, prop: Property, at: int | None = None) -> dict[str, Any]:
    """The schema with one more field, at a place (0 is the first; last when None)."""
    _require_name(schema, name)
    found = list(properties(schema).items())
    found.insert(len(found) if at is None else max(0, min(at, len(found))), (name, dict(prop)))
    return _with(schema, dict(found))


def move(schema: Schema, name: str, to: int) -> dict[str, Any]:
    """The schema with a field at another place; places outside are the nearest inside."""
    _known(schema, name)
    found = [item for item in properties(schema).items() if item[0] != name]
    found.insert(max(0, min(to, len(found))), (name, properties(schema)[name]))
    return _with(schema, dict(found))


def remove(schema: Schema, name: str) -> dict[str, Any]:
    """The schema without a field."""
    _known(schema, name)
    return _with(
        schema,
        {known: prop for known, prop in properties(schema).items() if known != name},
        [known for known in schema.get("required", ()) if known != name],
    )


def rename(schema: Schema, name: str, to: str) -> dict[str, Any]:
    """The schema with a field under another name, at the same place."""
    _known(schema, name)
    if name == to:
        return dict(schema)
    _require_name(schema, to)
    return _with(
        schema,
        {to if known == name else known: prop for known, prop in properties(schema).items()},
        [to if known == name else known for known in schema.get("required", ())],
    )


def put(schema: Schema, name: str, prop: Property) -> dict[str, Any]:
    """The schema with other words for a field."""
    _known(schema, name)
    return _with(schema, {known: dict(prop) if known == name else old for known, old in properties(schema).items()})


def require(schema: Schema, name: str, required: bool) -> dict[str, Any]:
    """The schema with a field that must, or need not, be filled in; the required ones stand as the fields do."""
    _known(schema, name)
    wanted = {known for known in schema.get("required", ()) if known != name} | ({name} if required else set())
    listed = [known for known in properties(schema) if known in wanted]
    return _with(schema, dict(properties(schema)), listed)


def tidy(prop: Mapping[str, Any]) -> dict[str, Any]:
    """A field without empty words, those that are known in their order, the others as they stood."""
    kept = {
        word: value
        for word, value in prop.items()
        if value not in (None, "", [], {}) or (value == [] and word in _STILL_ASKED)
    }
    return {
        **{word: kept[word] for word in FIELD_ORDER if word in kept},
        **{word: value for word, value in kept.items() if word not in FIELD_ORDER},
    }


def _known(schema: Schema, name: str) -> str:
    if name not in properties(schema):
        raise fault(_("Không có trường “%(name)s”.") % {"name": name[:60]}, "name")
    return name


def _require_name(schema: Schema, name: str) -> None:
    if not NAME.fullmatch(name):
        raise fault(
            _("Tên trường chỉ gồm chữ thường không dấu, số, gạch dưới, bắt đầu bằng chữ, tối đa 40 ký tự."), "name"
        )
    if name in properties(schema):
        raise fault(_("Đã có trường “%(name)s”.") % {"name": name}, "name")


def _with(schema: Schema, props: Mapping[str, Property], required: list[str] | None = None) -> dict[str, Any]:
    """The schema with other fields; an empty list of required fields is not written."""
    changed = dict(schema)
    if required is not None:
        changed.pop("required", None) if not required else changed.update(required=required)
        if required and "required" not in schema:
            changed = {
                **{word: changed[word] for word in SCHEMA_ORDER if word in changed},
                **{word: part for word, part in changed.items() if word not in SCHEMA_ORDER},
            }
    changed["properties"] = dict(props)
    if isinstance(schema.get("x-order"), list):
        changed["x-order"] = list(props)
    return changed
