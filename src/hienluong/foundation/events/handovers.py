"""What a subscriber did not take: tried again after growing waits, given up after days, then a person's to decide."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from .models import Event, Handover
from .outbox import Subscriber, name_of, subscriber_named

#: How long to wait after the first, second … failure; after the last of them an event is given up (about two days).
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 2 * 60, 10 * 60, 30 * 60, *(hours * 3600 for hours in (1, 2, 4, 8, 12, 24)))
)
BATCH = 200

logger = logging.getLogger(__name__)


class SubscriberGone(LookupError):
    """The code that wanted this event is no longer there."""


def failure_of(subscriber: Subscriber, event: Event, *, check: bool = False) -> Exception | None:
    """Call a subscriber; what it wrote before it failed is undone, and nothing else is.

    With `check`, foreign keys are looked at here and not only at commit, where they would fail the whole event.
    """
    try:
        with transaction.atomic():
            subscriber(event)
            if check:
                connection.check_constraints()
    except Exception as error:  # any subscriber may fail in any way; the event must wait, not vanish
        logger.exception("event %s (%s) was not taken by %s", event.pk, event.type, name_of(subscriber))
        return error
    return None


def held_subscribers(subject: str) -> frozenset[str]:
    """Who has not yet taken an earlier event of this subject."""
    return frozenset(Handover.objects.filter(subject=subject).values_list("subscriber", flat=True))


def wait_behind(event: Event, subscriber: Subscriber) -> None:
    """Put an event behind the earlier one of its subject that this subscriber has not taken."""
    Handover.objects.create(
        event=event, subscriber=name_of(subscriber), subject=event.subject, next_try_at=timezone.now()
    )


def note_failure(event: Event, subscriber: Subscriber, error: Exception) -> None:
    """Write down the first failure of a subscriber with an event."""
    handover = Handover(event=event, subscriber=name_of(subscriber), subject=event.subject)
    _fail(handover, error)


def retry_due() -> int:
    """Try again what is due, in order; returns how many were taken."""
    done = 0
    while True:
        due = list(_in_turn().filter(next_try_at__lte=timezone.now()).values_list("pk", flat=True)[:BATCH])
        taken = sum(_try(pk) for pk in due)
        if not taken:
            return done
        done += taken


def given_up() -> QuerySet[Handover]:
    """Those that a person must decide about, oldest first."""
    return Handover.objects.filter(given_up_at__isnull=False).select_related("event").order_by("event_id", "pk")


def failing() -> QuerySet[Handover]:
    """Those that failed and will be tried again by themselves, oldest first."""
    found = Handover.objects.filter(given_up_at__isnull=True, attempts__gt=0)
    return found.select_related("event").order_by("event_id", "pk")


def retry(handover: Handover) -> None:
    """Try a failed event again at the next sweep, with its waits counted afresh."""
    handover.attempts, handover.given_up_at, handover.next_try_at = 0, None, timezone.now()
    handover.save(update_fields=("attempts", "given_up_at", "next_try_at"))


def drop(handover: Handover) -> None:
    """Let a subscriber do without an event; those that waited behind it go on."""
    handover.delete()


def _in_turn() -> QuerySet[Handover]:
    """Those before which the same subscriber has no earlier event of the same subject to take."""
    earlier = Handover.objects.filter(
        subject=OuterRef("subject"), subscriber=OuterRef("subscriber"), event_id__lt=OuterRef("event_id")
    )
    return Handover.objects.filter(~Exists(earlier), given_up_at__isnull=True).order_by("event_id", "pk")


def _try(pk: int) -> bool:
    with transaction.atomic():
        handover = (
            _in_turn()
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("event")
            .filter(pk=pk, next_try_at__lte=timezone.now())
            .first()
        )
        if handover is None:
            return False
        subscriber = subscriber_named(handover.event.type, handover.subscriber)
        error = (
            failure_of(subscriber, handover.event, check=True) if subscriber else SubscriberGone(handover.subscriber)
        )
        if error is None:
            handover.delete()
            return True
        _fail(handover, error)
        return False


def _fail(handover: Handover, error: Exception) -> None:
    now: datetime = timezone.now()
    handover.attempts += 1
    handover.failed_at = now
    handover.last_error = f"{type(error).__name__}: {error}"[:2000].replace("\0", "")
    if handover.attempts > len(WAITS):
        handover.given_up_at = handover.next_try_at = now
        logger.error("event %s is given up for %s", handover.event_id, handover.subscriber)
    else:
        handover.next_try_at = now + WAITS[handover.attempts - 1]
    handover.save()
