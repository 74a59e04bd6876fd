"""Shapes that several systems share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PERSONAL_ID: Mapping[str, Any] = {"type": "string", "pattern": "^[0-9]{12}$"}  # Luật Căn cước 26/2023/QH15
NUMBER: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 60}
NAME: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
LINE: Mapping[str, Any] = {"type": "string", "maxLength": 500}
DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
MOMENT: Mapping[str, Any] = {"type": "string", "format": "date-time"}


def closed(required: tuple[str, ...], **properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object with these properties and no others."""
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def one_of(*words: str) -> Mapping[str, Any]:
    """One of some words."""
    return {"type": "string", "enum": list(words)}
