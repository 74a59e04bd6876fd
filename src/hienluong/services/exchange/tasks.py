"""Background work of the exchange: one turn after another of sending what is due and taking what waits.

One turn runs at a time, by a lock of its database connection: it goes with the process that holds it, so a worker
that was killed holds up nobody. Jobs need no lock of the queue's, and none is deferred: what waits is in the rows.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from procrastinate.contrib.django import app

from . import agencies, receiving, sending
from .line import Away, Patience, Refused, line
from .models import Incoming, Outgoing

logger = logging.getLogger(__name__)
#: The key of the lock (any number that no other lock has).
TURN = 7_102_016
#: Seconds for which a turn goes on while there is work; the next begins within five.
TURN_SECONDS = 25.0
#: How long what was sent and settled stays on the list; the audit log keeps it for good.
KEPT = timedelta(days=365)
_registered: dict[str, float] = {}


@contextmanager
def alone() -> Iterator[bool]:
    """Whether no other process takes a turn now; it stays so until the end of the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [TURN])
        (held,) = cursor.fetchone() or (False,)
    try:
        yield bool(held)
    finally:
        if held:
            _give_up()


@app.task(queue="default", name="exchange.turn", queueing_lock="exchange.turn", priority=10)
def turn(timestamp: int) -> None:
    """Every five seconds: send and receive, unless somebody is at it already or no axis is connected.

    It comes before other jobs: each document that it takes in brings work of many seconds (reading its files), and a
    queue full of that would hold up the next ones.
    """
    if not settings.DOCUMENT_AXIS["url"]:
        return
    try:
        with alone() as held:
            if held:
                run_turn(TURN_SECONDS)
    except DatabaseError:  # the database went away meanwhile: the next turn comes anyway, nobody need repeat this one
        logger.exception("a turn of the document exchange broke off")


def _give_up() -> None:
    """Let another process take its turn; a connection that is gone has let go already."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TURN])
    except DatabaseError:
        connection.close()


if settings.DOCUMENT_AXIS["url"]:  # where no axis is connected, no job comes every five seconds for nothing
    app.periodic(cron="* * * * * */5")(turn)


def run_turn(seconds: float) -> int:
    """Send and receive until nothing is left, the axis is away or the time is over; returns how many packages moved."""
    until, moved, patience = time.monotonic() + seconds, 0, Patience()
    register_agencies()
    while time.monotonic() < until and not patience.is_over:
        now = sending.send_due(until, patience) + receiving.receive_waiting(until, patience)
        moved += now
        if not now:
            break
    return moved


def register_agencies() -> None:
    """Once an hour: tell the axis of those agencies of ours that it does not know, so that packages reach them."""
    url = settings.DOCUMENT_AXIS["url"]
    if time.monotonic() - _registered.get(url, float("-inf")) < 3600:
        return
    try:
        known = line().agencies()
        for agency in agencies.connected():
            if (code := agencies.written(agency.code)) not in known:
                line().register(code, agency.name)
    except (Away, Refused):
        return
    _registered[url] = time.monotonic()


@app.periodic(cron="23 19 * * *")  # 02:23 in Việt Nam
@app.task(queue="default", name="exchange.forget", queueing_lock="exchange.forget")
def forget(timestamp: int) -> None:
    """Every night: let go of the contents of packages that were refused long ago, and of signatures of what was sent;
    their lines stay."""
    old = timezone.now() - KEPT
    undecided = Incoming.Verdict.HELD
    Incoming.objects.filter(at__lt=old, raw__isnull=False).exclude(verdict=undecided).update(raw=None)
    Outgoing.objects.filter(sent_at__lt=old, signature__isnull=False).update(signature=None)
    Outgoing.objects.filter(sent_at__lt=old).exclude(last_error="").update(last_error="")
