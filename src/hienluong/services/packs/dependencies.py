"""What a pack says it depends on: ``business.household``, or ``business.household>=1.2.0``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NEEDED = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\s*(?:>=\s*([0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}))?")


def numbers(version: str) -> tuple[int, ...]:
    """``1.10.2`` as something that is compared by number."""
    return tuple(int(part) for part in version.split(".")) if version else ()


def parsed(needed: str) -> tuple[str, str] | None:
    """The name and the least version (empty: any); None when it is not written as it should be."""
    match = _NEEDED.fullmatch(needed.strip())
    return (match[1], match[2] or "") if match else None


def name_of(needed: str) -> str:
    """The name alone."""
    found = parsed(needed)
    return found[0] if found else needed


def missing(depends_on: Iterable[str], there: Mapping[str, str]) -> list[str]:
    """What is not met by the packs that are there (name → version)."""
    found = []
    for needed in depends_on:
        name, least = parsed(needed) or (needed, "")
        if name not in there or (least and numbers(there[name]) < numbers(least)):
            found.append(needed)
    return found
