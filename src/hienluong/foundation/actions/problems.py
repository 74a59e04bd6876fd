"""A refusal as RFC 9457 says it: for whoever asks over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import DomainError

PROBLEM = "application/problem+json"


def told(error: DomainError) -> dict[str, Any]:
    """The members of the problem document: the stable code, the field at fault, every message by field."""
    body: dict[str, Any] = {
        "type": f"urn:hienluong:{error.code}",
        "title": str(error.message),
        "status": error.status,
        "code": error.code,
    }
    if error.field:
        body["field"] = error.field
    errors = error.details.get("errors")
    if isinstance(errors, Mapping):
        body["errors"] = {str(name): [str(message) for message in messages] for name, messages in errors.items()}
    elif error.field:
        body["errors"] = {error.field: [str(error.message)]}
    return body
