"""Writing events in the transaction of the change, and handing them to subscribers afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from .models import Event

#: PostgreSQL notification channel on which the dispatcher listens.
CHANNEL = "hienluong_events"


@dataclass
class NewEvent:
    """An event before it is written; `data` must be JSON-able and hold no personal data."""

    type: str
    subject: str
    data: dict[str, Any] = field(default_factory=dict)


Subscriber = Callable[[Event], None]
_subscribers: dict[str, list[Subscriber]] = {}


def subscribe(type: str, subscriber: Subscriber) -> None:
    """Call `subscriber` for each event of `type` (``*`` for all). It must be idempotent: at least once."""
    _subscribers.setdefault(type, []).append(subscriber)


def subscribers_of(type: str) -> list[Subscriber]:
    """Who wants events of this type, in the order they subscribed."""
    return [*_subscribers.get(type, []), *_subscribers.get("*", [])]


def write(new: Sequence[NewEvent]) -> None:
    """Insert events inside the caller's transaction; the dispatcher is woken when it commits."""
    if not new:
        return
    rows = [
        Event(type=item.type, subject=item.subject, data=json.loads(json.dumps(item.data, cls=DjangoJSONEncoder)))
        for item in new
    ]
    Event.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
