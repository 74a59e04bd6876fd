"""What a schema demands of several fields together: whose answers a fault rests on, beside the one it is told at.

“If A is so, B must be answered” reads A. While A is wrong itself, nothing follows from it, and a person is told of A alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: Keywords that are about the whole, not about one field, and whose schemas say which fields they look at.
_OF_THE_WHOLE = frozenset("anyOf oneOf not".split())


def reads(schema: Mapping[str, Any], place: Sequence[str | int], data: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a fault of these data rests on, by its place in the schema; none when it is one field's own.

    `place` is the path of keywords to what refused, as the validator tells it.
    """
    found: set[str] = set()
    part: Any = schema
    for step in place:
        if step == "properties":  # from here on it is about one field
            break
        if isinstance(part, Mapping):
            if step in ("then", "else"):
                found |= set(_named(part.get("if")))
            elif step == "dependentRequired":  # which of them is not told
                found |= {name for name in _mapping(part.get("dependentRequired")) if name in data}
            elif step in _OF_THE_WHOLE:
                found |= set(_named(part.get(str(step))))
                break
        elif not isinstance(part, list):
            break
        part = _at(part, step)
        if isinstance(step, str) and step == "dependentSchemas":
            found |= {name for name in _mapping(part) if name in data}
    return frozenset(found)


def _at(part: Any, step: str | int) -> Any:
    if isinstance(part, Mapping):
        return part.get(str(step))
    return part[step] if isinstance(step, int) and step < len(part) else None


def _mapping(part: Any) -> Mapping[str, Any]:
    return part if isinstance(part, Mapping) else {}


def _named(part: Any) -> Iterator[str]:
    """Every field of the whole that a schema names."""
    if isinstance(part, list):
        for one in part:
            yield from _named(one)
    if not isinstance(part, Mapping):
        return
    yield from _mapping(part.get("properties"))
    required = part.get("required")
    yield from required if isinstance(required, list) else ()
    for word in ("allOf", "anyOf", "oneOf", "not", "if", "then", "else"):
        yield from _named(part.get(word))
