"""The JSON Schema Test Suite, required cases of draft 2020-12, as the sources of ``jsonschema`` carry it.

``scripts/test-suite`` fetches it into ``.tools``; it is not part of this repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
from jsonschema_specifications import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tools/json-schema-test-suite"
HERE = "http://localhost:1234/"


@dataclass(frozen=True)
class Case:
    """One value under one schema, and whether the suite says that it is valid."""

    file: str
    group: str
    name: str
    schema: Any
    value: Any
    valid: bool


def cases() -> Iterator[Case]:
    """Every required case."""
    files = sorted((FOLDER / "tests/draft2020-12").glob("*.json"))
    if not files:
        raise RuntimeError("The JSON Schema Test Suite is missing: run scripts/test-suite")
    for file in files:
        for group in json.loads(file.read_text("utf-8")):
            for test in group["tests"]:
                yield Case(
                    file.stem, group["description"], test["description"], group["schema"], test["data"], test["valid"]
                )


def documents() -> dict[str, Any]:
    """The schemas that cases refer to, by address: the suite's own and the dialects."""
    found = {
        f"{HERE}{path.relative_to(FOLDER / 'remotes').as_posix()}": json.loads(path.read_text("utf-8"))
        for path in (FOLDER / "remotes").rglob("*.json")
    }
    return found | {address: REGISTRY.contents(address) for address in REGISTRY}


def server_says(case: Case, known: dict[str, Any]) -> bool | None:
    """The verdict of the library that judges on the server; None when it refuses the schema."""
    try:
        validator = jsonschema_rs.Draft202012Validator(case.schema, retriever=known.__getitem__, validate_formats=False)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None
    return validator.is_valid(case.value)
