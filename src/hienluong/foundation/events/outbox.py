"""Writing events in the transaction of the change, and handing them to subscribers afterwards."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from .models import Event

#: PostgreSQL notification channel on which the dispatcher listens.
CHANNEL = "hienluong_events"
#: From so many events on they are copied into the table, which costs a tenth for each and more for the first.
MANY = 50
_INSERT = """
WITH written AS (
    INSERT INTO events_event (uid, type, subject, data, leaving, occurred_at)
    SELECT gen_random_uuid(), type, subject, data::jsonb, leaving, clock_timestamp()
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::bool[])
      WITH ORDINALITY AS given (type, subject, data, leaving, n) ORDER BY n
    RETURNING 1
)
SELECT pg_notify(%s, '') FROM (SELECT count(*) FROM written) AS all_written
"""
_json = DjangoJSONEncoder(ensure_ascii=False).encode
_COPY = "COPY events_event (uid, type, subject, data, leaving, occurred_at) FROM STDIN"


@dataclass
class NewEvent:
    """An event before it is written; `data` must be JSON-able and hold no personal data."""

    type: str
    subject: str
    data: dict[str, Any] = field(default_factory=dict)


Subscriber = Callable[[Event], None]
_subscribers: dict[str, list[Subscriber]] = {}
_let_out: set[str] = set()


def let_out(*types: str) -> None:
    """Mark events of these types, from now on, as such that are also told outside the house."""
    _let_out.update(types)


def keep_in(*types: str) -> None:
    """Undo :func:`let_out`."""
    _let_out.difference_update(types)


def subscribe(type: str, subscriber: Subscriber) -> None:
    """Call `subscriber` for each event of `type` (``dossier.*`` for all about dossiers). It must be idempotent.

    What it did not take is remembered under its name, so a function of a module keeps its name while events wait.
    Raises ValueError for a second function of the same name.
    """
    known = _subscribers.setdefault(type, [])
    if subscriber in known:
        return
    if name_of(subscriber) in map(name_of, subscribers_of(type)):
        raise ValueError(f"{name_of(subscriber)} subscribes to {type} already")
    known.append(subscriber)


def unsubscribe(type: str, subscriber: Subscriber) -> None:
    """Undo :func:`subscribe`."""
    _subscribers.get(type, []).remove(subscriber)


def name_of(subscriber: Subscriber) -> str:
    """What a subscriber is remembered by: module and name."""
    return f"{subscriber.__module__}.{subscriber.__qualname__}"


def subscribers_of(type: str) -> list[Subscriber]:
    """Who wants events of this type, in the order they subscribed; those of its whole kind come last.

    Nobody subscribes to everything: events that nobody wants are closed many at a time, and that must stay cheap.
    """
    kind = f"{type.partition('.')[0]}.*"
    return [found for wanted in dict.fromkeys((type, kind)) for found in _subscribers.get(wanted, [])]


def subscriber_named(type: str, name: str) -> Subscriber | None:
    """The subscriber of this name, None when the code no longer has it."""
    return next((found for found in subscribers_of(type) if name_of(found) == name), None)


def write(new: Sequence[NewEvent]) -> None:
    """Insert events inside the caller's transaction; the dispatcher is woken when it commits."""
    if not new:
        return
    texts = [_json(item.data) for item in new]
    with connection.cursor() as cursor:
        if len(new) < MANY:
            leaving = [item.type in _let_out for item in new]
            cursor.execute(
                _INSERT, [[item.type for item in new], [item.subject for item in new], texts, leaving, CHANNEL]
            )
            return
        now = timezone.now().isoformat()
        chance = os.urandom(16 * len(new))
        with cursor.copy(_COPY) as copy:
            for number, (item, text) in enumerate(zip(new, texts, strict=True)):
                uid = uuid.UUID(bytes=chance[16 * number : 16 * number + 16], version=4)
                copy.write_row((str(uid), item.type, item.subject, text, item.type in _let_out, now))
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
