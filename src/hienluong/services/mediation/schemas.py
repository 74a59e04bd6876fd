"""Checks of bodies against the JSON Schemas (2020-12) of an operation. Nothing is fetched from anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

#: Faults named in one answer.
MOST_FAULTS = 20
_made: dict[tuple[str, int, int], jsonschema_rs.Validator] = {}


class BadSchema(Exception):
    """The file of a schema cannot be used: calls that need it are refused."""


def faults(document: Any, file: Path) -> list[tuple[list[str | int], str]]:
    """Where a document does not keep to the schema: places in it, and the word of the schema that they break.

    No value of the document is in it, but names of members are: whoever may not know those must not be told.
    """
    return list(_faults(document, _validator(file)))


def _faults(document: Any, validator: jsonschema_rs.Validator) -> Iterator[tuple[list[str | int], str]]:
    for number, error in enumerate(validator.iter_errors(document)):
        if number == MOST_FAULTS:
            return
        words = [str(word) for word in error.schema_path if not isinstance(word, int)]
        yield list(error.instance_path), words[-1] if words else "schema"


def _validator(file: Path) -> jsonschema_rs.Validator:
    try:
        state = file.stat()
        key = (str(file), state.st_mtime_ns, state.st_size)
        if key not in _made:
            schema = json.loads(file.read_bytes())
            for old in [old for old in _made if old[0] == key[0]]:
                del _made[old]
            _made[key] = jsonschema_rs.validator_for(schema, retriever=_nothing, validate_formats=True)
        return _made[key]
    except (OSError, ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as problem:
        raise BadSchema(f"{file.name}: {type(problem).__name__}") from None


def _nothing(address: str) -> Any:
    raise LookupError(f"a schema is whole in itself: {address}")
