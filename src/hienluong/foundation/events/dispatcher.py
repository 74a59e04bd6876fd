"""Handing events to their subscribers: at least once, in order for each subject, after the change has committed.

Each subscriber takes an event or fails on its own: a failure undoes nothing of the others. What a subscriber did not
take becomes a :class:`Handover`, tried again by :mod:`.handovers`, and later events of the same subject wait behind
it, for that subscriber only. See ``docs/engineers/events.md``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

import psycopg
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from . import handovers
from .models import Event, Handover
from .outbox import CHANNEL, Subscriber, name_of, subscribers_of

BATCH = 200
#: Seconds between sweeps when no notification comes: what a lost notification can cost at most.
SWEEP = 5.0
#: Seconds to wait before going on after the dispatcher itself failed (the database is away, say).
PAUSE = 1.0

logger = logging.getLogger(__name__)


def dispatch_waiting() -> int:
    """Hand waiting events to their subscribers in order, then what is due again; returns how many were taken.

    May run in any number of processes at once: each event goes to one of them, and an event whose earlier one of the
    same subject is in other hands is left to the next pass.
    """
    done = 0
    while passed := _pass():
        done += passed
    return done + handovers.retry_due()


def _pass() -> int:
    """Once through everything that waits."""
    done = 0
    last_id = 0
    while True:
        waiting = Event.objects.filter(dispatched_at__isnull=True, id__gt=last_id).order_by("id")
        batch = list(waiting.values_list("id", "type")[:BATCH])
        if not batch:
            return done
        wanted = {type: subscribers_of(type) for _id, type in batch}
        done += _close_unwanted([event_id for event_id, type in batch if not wanted[type]])
        done += sum(_dispatch(event_id, wanted[type]) for event_id, type in batch if wanted[type])
        last_id = batch[-1][0]


def _close_unwanted(ids: Sequence[int]) -> int:
    """Events that nobody subscribes to need no transaction each."""
    if not ids:
        return 0
    with transaction.atomic():
        free = list(
            Event.objects.select_for_update(skip_locked=True)
            .filter(id__in=ids, dispatched_at__isnull=True)
            .values_list("id", flat=True)
        )
        return Event.objects.filter(id__in=free).update(dispatched_at=timezone.now())


def _dispatch(event_id: int, subscribers: Sequence[Subscriber]) -> bool:
    try:
        return dispatch_one(event_id, subscribers)
    except IntegrityError:  # a foreign key that failed only at commit: find out whose it was
        return dispatch_one(event_id, subscribers, check=True)


def dispatch_one(event_id: int, subscribers: Sequence[Subscriber], *, check: bool = False) -> bool:
    """Dispatch one event in its own transaction; False when it is taken, gone or not its turn."""
    earlier = Event.objects.filter(subject=OuterRef("subject"), id__lt=OuterRef("id"), dispatched_at__isnull=True)
    with transaction.atomic():
        event = (
            Event.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(~Exists(earlier), pk=event_id, dispatched_at__isnull=True)
            .annotate(held=Exists(Handover.objects.filter(subject=OuterRef("subject"))))
            .first()
        )
        if event is None:
            return False
        behind = handovers.held_subscribers(event.subject) if event.held else frozenset()
        for subscriber in subscribers:
            if name_of(subscriber) in behind:
                handovers.wait_behind(event, subscriber)
            elif error := handovers.failure_of(subscriber, event, check=check):
                handovers.note_failure(event, subscriber, error)
        event.dispatched_at = timezone.now()
        event.save(update_fields=("dispatched_at",))
        return True


def run(stop: threading.Event) -> None:
    """Dispatch until `stop` is set: woken by notifications, and every few seconds in any case."""
    while not stop.is_set():
        try:
            _listen(stop)
        except Exception:  # whatever it was, events must not stay for want of a dispatcher
            logger.exception("the dispatcher of events failed; it goes on in a moment")
            connection.close()
            stop.wait(PAUSE)


def _listen(stop: threading.Event) -> None:
    params = connection.get_connection_params()
    params.pop("cursor_factory", None)
    params.pop("context", None)
    params.pop("prepare_threshold", None)
    with psycopg.connect(**params, autocommit=True) as listening:
        listening.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            close_old_connections()
            dispatch_waiting()
            for _ in listening.notifies(timeout=SWEEP, stop_after=1):
                pass
