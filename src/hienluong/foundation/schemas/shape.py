"""What the schema of a form or a register must be before anything is read from it.

JSON Schema lets keywords that it does not know (``x-…``) be anything, lets ``true`` stand for a schema, and lets a schema
refer to another at any address, which its checker would then fetch: a definition that somebody uploads may do none of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Place = tuple[str | int, ...]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCHEMAS = frozenset("items contains not if then else propertyNames".split())
_LISTS_OF_SCHEMAS = frozenset("allOf anyOf oneOf prefixItems".split())
_MAPS_OF_SCHEMAS = frozenset("properties patternProperties dependentSchemas $defs definitions".split())
_TEXTS = frozenset(
    "title description format pattern x-kind x-widget x-hint x-when x-computed x-prefill x-prefill-key x-register x-list".split()
)
_MAPS = frozenset("x-enum-labels x-errors".split())
_LISTS = frozenset("required enum x-order x-units".split())
_LISTS_OF_TEXTS = _LISTS - {"enum"}
_REFERENCES = frozenset("$ref $dynamicRef".split())


class Misplaced(ValueError):
    """A part of a schema is not what it must be; `place` is where, within the schema."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


def require(schema: Mapping[str, Any]) -> None:
    """Raise :class:`Misplaced` for the first part of a schema that is not what it must be."""
    for place, message in faults(schema):
        raise Misplaced(place, message)


def faults(schema: Mapping[Any, Any], place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every part of a schema that is not what it must be, with its place."""
    for word, value in schema.items():
        if not isinstance(word, str):
            yield place, f"khóa “{word}” phải là chữ; hãy đặt trong dấu nháy"
            continue
        where = (*place, word)
        if message := _fault(word, value):
            yield where, message
        elif word in _SCHEMAS:
            yield from faults(value, where)
        elif word in _LISTS_OF_SCHEMAS:
            for number, part in enumerate(value):
                yield from _part(part, (*where, number))
        elif word in _MAPS_OF_SCHEMAS:
            for name, part in value.items():
                if isinstance(name, str):
                    yield from _part(part, (*where, name))
                else:
                    yield where, f"tên “{name}” phải là chữ; hãy đặt trong dấu nháy"


def _part(part: Any, where: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(part, Mapping):
        yield from faults(part, where)
    else:
        yield where, f"“{where[-1]}” phải là một đối tượng"


def _fault(word: str, value: Any) -> str:
    if word in _TEXTS and not isinstance(value, str):
        return f"“{word}” phải là chữ"
    if word in _SCHEMAS | _MAPS_OF_SCHEMAS | _MAPS and not isinstance(value, Mapping):
        return f"“{word}” phải là một đối tượng"
    if word in _LISTS | _LISTS_OF_SCHEMAS and not isinstance(value, list):
        return f"“{word}” phải là một danh sách"
    if word in _LISTS_OF_TEXTS and not all(isinstance(item, str) for item in value):
        return f"“{word}” phải là danh sách các chữ"
    if word in _REFERENCES and not (isinstance(value, str) and value.startswith("#")):
        return f"“{word}” chỉ trỏ trong chính lược đồ này (bắt đầu bằng #)"
    if word == "$schema" and value != DIALECT:
        return f"“$schema” phải là {DIALECT}"
    return ""
