"""From the outbox to the event server: each event once, those of a key in their order.

An event leaves the outbox only when the server has it on its disk. Of one key, one event at a time is under way: what
fails keeps back those behind it and no others. An event that was stored, and the word of it lost, is brought again and
kept once, since its id is its message id (``Nats-Msg-Id``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from django.conf import settings
from django.db import transaction

from hienluong.foundation.events.models import Event

from . import cloud, registry
from .models import Withheld
from .server import STREAM

BATCH = 500
#: Seconds the server may take to store what is under way.
PATIENCE = 10.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """An event as it goes to the server."""

    number: int
    uid: str
    key: str
    subject: str
    body: bytes


@dataclass(frozen=True)
class Batch:
    """What waits, in order; `looked_at` counts those withheld, too."""

    messages: list[Message]
    looked_at: int


class Stuck(RuntimeError):
    """The server took some of what was brought, or nothing: the rest waits in the outbox."""


def waiting(limit: int = BATCH) -> Batch:
    """The next events that are to leave. Those that must not are written down, and leave the row of those that wait."""
    rows = list(Event.objects.filter(leaving=True).order_by("id")[:limit])
    newest = registry.latest() if rows else {}
    validators = {type: jsonschema_rs.Draft202012Validator(found.body) for type, found in newest.items()}
    messages: list[Message] = []
    withheld: list[Withheld] = []
    for row in rows:
        try:
            if row.type not in newest:
                raise cloud.Unfit("no-schema")
            version = newest[row.type]
            told = cloud.event(
                uid=row.uid,
                number=row.id,
                type=row.type,
                key=row.subject,
                at=row.occurred_at,
                data=cloud.data_of(row.data, version.body, validators[row.type]),
                source=settings.BASE_URL,
                version=version.number,
            )
        except cloud.Unfit as fault:
            withheld.append(Withheld(event=row.id, uid=row.uid, type=row.type, why=str(fault)[:300]))
            continue
        messages.append(
            Message(row.id, str(row.uid), row.subject, cloud.subject_of(row.type, row.subject), cloud.written(told))
        )
    if withheld:
        _withhold(withheld)
    return Batch(messages, len(rows))


@transaction.atomic
def _withhold(rows: Sequence[Withheld]) -> None:
    for row in rows:
        logger.error("event %s (%s) is withheld: %s", row.event, row.type, row.why)
    Withheld.objects.bulk_create(rows, ignore_conflicts=True)
    gone([row.event for row in rows])


def gone(numbers: Sequence[int]) -> None:
    """These have left."""
    Event.objects.filter(id__in=numbers).update(leaving=False)


async def publish(js: Any, messages: Sequence[Message]) -> list[int]:
    """Bring events to the server; the numbers of those that it has stored now."""
    stored: list[int] = []
    stopped: set[str] = set()
    for wave in _waves(messages):
        going = [message for message in wave if message.key not in stopped]
        for message, error in zip(going, await _bring(js, going), strict=True):
            if error is None:
                stored.append(message.number)
            else:
                stopped.add(message.key)
                logger.warning("event %s was not stored: %s", message.number, error)
    return stored


def _waves(messages: Sequence[Message]) -> list[list[Message]]:
    """The first event of each key, the second of each, and so on."""
    waves: list[list[Message]] = []
    count: dict[str, int] = {}
    for message in messages:
        turn = count.get(message.key, 0)
        count[message.key] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(message)
    return waves


async def _bring(js: Any, messages: Sequence[Message]) -> list[BaseException | None]:
    if not messages:
        return []
    under_way: list[Any] = []
    try:
        for message in messages:
            headers = {"Nats-Msg-Id": message.uid, "Content-Type": cloud.MEDIA_TYPE}
            under_way.append(await js.publish_async(message.subject, message.body, stream=STREAM, headers=headers))
    except Exception as error:  # the connection broke: nobody answers any more
        for future in under_way:
            future.cancel()
        return [error] * len(messages)
    done, late = await asyncio.wait(under_way, timeout=PATIENCE)
    for future in late:
        future.cancel()
    return [TimeoutError("no answer") if future not in done else _error_of(future) for future in under_way]


def _error_of(future: asyncio.Future[Any]) -> BaseException | None:
    if future.cancelled():
        return TimeoutError("no answer")
    return future.exception()
