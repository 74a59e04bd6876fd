"""How an event is told outside: a CloudEvent 1.0 in structured JSON, and the subject it has at the event server."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jsonschema_rs

from .server import PREFIX

#: What the types begin with outside (CloudEvents: a name of ours, turned around).
NAMESPACE = "vn.hienluong."
MEDIA_TYPE = "application/cloudevents+json"
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
#: A personal identification number (12 digits, the first of them 0; Law 26/2023/QH15) is in no event.
_PERSONAL = re.compile(r"(?<!\d)0\d{11}(?!\d)")


class Unfit(ValueError):
    """The event must not leave; the message says why."""


def subject_of(type: str, key: str) -> str:
    """The subject at the server: the type, then the key without the signs that mean something there."""
    return f"{PREFIX}.{type}.{_UNFIT.sub('_', key)}"


def data_of(data: Mapping[str, Any], schema: Mapping[str, Any], validator: jsonschema_rs.Validator) -> dict[str, Any]:
    """What of the data leaves: the properties that the schema names. Raises Unfit when that does not fit the schema."""
    kept = {name: data[name] for name in schema["properties"] if name in data}
    error = next(validator.iter_errors(kept), None)
    if error is not None:
        raise Unfit(f"{'/'.join(map(str, error.instance_path)) or '/'}: {error.message}"[:300])
    if _PERSONAL.search(json.dumps(kept)):
        raise Unfit("personal-number")
    return kept


def event(
    *,
    uid: uuid.UUID,
    number: int,
    type: str,
    key: str,
    at: datetime,
    data: Mapping[str, Any],
    source: str,
    version: int,
) -> dict[str, Any]:
    """The CloudEvent. `number` grows with time; `partitionkey` is what the order is kept for (both are extensions)."""
    return {
        "specversion": "1.0",
        "id": str(uid),
        "source": source,
        "type": NAMESPACE + type,
        "subject": key,
        "time": at.isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "dataschema": f"{source}/api/v1/events/types/{type}/schemas/{version}",
        "sequence": f"{number:020d}",
        "partitionkey": key,
        "data": dict(data),
    }


def written(told: Mapping[str, Any]) -> bytes:
    """As it is sent."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def again(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same event for somebody who may have it already."""
    return {
        **{name: value for name, value in told.items() if name != "data"},
        "redelivered": True,
        "data": told["data"],
    }
