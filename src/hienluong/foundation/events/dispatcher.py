"""Handing events to their subscribers: at least once, in order, after the change has committed."""

from __future__ import annotations

import logging
import threading

import psycopg
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from .models import Event
from .outbox import CHANNEL, subscribers_of

BATCH = 200
MAX_ATTEMPTS = 20
#: Seconds between sweeps when no notification comes: what a lost notification can cost at most.
SWEEP = 5.0

logger = logging.getLogger(__name__)


def dispatch_waiting() -> int:
    """Hand waiting events to their subscribers in order; returns how many were dispatched.

    An event whose subscriber fails keeps its place and its error, and the rest go on.
    """
    done = 0
    last_id = 0
    while True:
        waiting = Event.objects.filter(dispatched_at__isnull=True, attempts__lt=MAX_ATTEMPTS, id__gt=last_id)
        batch = list(waiting.order_by("id").values_list("id", flat=True)[:BATCH])
        if not batch:
            return done
        done += sum(dispatch_one(event_id) for event_id in batch)
        last_id = batch[-1]


def dispatch_one(event_id: int) -> bool:
    """Dispatch one event in its own transaction; False when it is taken, gone or failing."""
    with transaction.atomic():
        event = (
            Event.objects.select_for_update(skip_locked=True).filter(pk=event_id, dispatched_at__isnull=True).first()
        )
        if event is None:
            return False
        try:
            with transaction.atomic():
                for subscriber in subscribers_of(event.type):
                    subscriber(event)
        except Exception as error:  # any subscriber may fail in any way; the event must wait, not vanish
            logger.exception("event %s (%s) was not taken", event.id, event.type)
            event.attempts += 1
            event.last_error = f"{type(error).__name__}: {error}"[:2000]
            event.save(update_fields=("attempts", "last_error"))
            return False
        event.dispatched_at = timezone.now()
        event.save(update_fields=("dispatched_at",))
        return True


def run(stop: threading.Event) -> None:
    """Dispatch until `stop` is set: woken by notifications, and every few seconds in any case."""
    while not stop.is_set():
        try:
            _listen(stop)
        except (OperationalError, psycopg.OperationalError):
            logger.warning("database is away; the dispatcher tries again")
            close_old_connections()
            stop.wait(1.0)


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
