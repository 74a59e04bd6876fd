"""Whether a definition is so far in shape that the builder's pages can work on it; what is not is mended as text first.

A draft may say anything: it is typed by hand, and brought from elsewhere. What is wrong *in* the parts is told beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hienluong.foundation.schemas import shape

Test = Callable[[Any], bool]


def is_legible(path: str, definition: Mapping[str, Any]) -> bool:
    """Whether every part of the definition in this file is of the kind that pages take it for."""
    tests = _OF_FOLDER.get(path.partition("/")[0], {})
    return all(test(definition[part]) for part, test in tests.items() if definition.get(part) is not None)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(part, str) for part in value.values())


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _each(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _with(**tests: Test) -> Test:
    """A mapping whose parts, as far as they are there, are of these kinds."""
    return lambda value: (
        isinstance(value, Mapping)
        and all(test(value[part]) for part, test in tests.items() if value.get(part) is not None)
    )


def _schema(value: Any) -> bool:
    return isinstance(value, Mapping) and not any(shape.faults(value))


def _access(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(rule, Mapping) and all(fields == "*" or _names(fields) for fields in rule.values())
        for rule in value.values()
    )


def _editions(value: Any) -> bool:
    each = _with(
        code=_text,
        title=_text,
        source=_text,
        legal_basis=_names,
        codes=_each(_with(code=_text, name=_text, parent=_text)),
    )
    return isinstance(value, list) and bool(value) and all(map(each, value))


_OF_FOLDER: dict[str, dict[str, Test]] = {
    "codelists": {**dict.fromkeys("code title description coding".split(), _text), "editions": _editions},
    "registers": {
        **dict.fromkeys("code title title_en description owner name subject responsible map".split(), _text),
        **dict.fromkeys("search index events legal_basis".split(), _names),
        **dict.fromkeys("computed migrate key".split(), _texts),
        "schema": _schema,
        "rules": _each(_texts),
        "access": _access,
        "lists": _each(_with(title=_text, columns=_names, filters=_names, sort=_text)),
        "retention": _map,
        "certificate": _with(shows=_names, standings=_map, validity=_map),
    },
    "procedures": {
        **dict.fromkeys("code name sector summary".split(), _text),
        **dict.fromkeys("field agency".split(), _map),
        **dict.fromkeys("papers charges legal_basis ways steps".split(), _each(_map)),
        "process": _with(model=_text, params=_map),
        "results": _each(_with(template=_text, schema=_schema)),
        "effects": _each(_with(register=_text, kind=_text, when=_text, key=_text, set=_texts)),
        "form": _with(
            schema=_schema, pages=_each(_with(id=_text, title=_text, when=_text, fields=_names)), rules=_each(_texts)
        ),
    },
}
