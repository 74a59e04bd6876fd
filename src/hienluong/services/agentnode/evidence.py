"""What the node said of a message, into the audit entry of its call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from .models import Exchange


def of(calls: Iterable[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """For each of these calls that passed the node: the identifiers and hash by which it is known there."""
    return {
        one.call: {
            "node": "in" if one.incoming else "out",
            "node_client": one.client,
            "node_service": one.service,
            "node_message": one.message,
            "node_request": one.request,
            "node_request_hash": one.hash,
        }
        for one in Exchange.objects.filter(call__in=list(calls))
    }
