"""The control plane of the gateway: it keeps the gateway's files as the database has it.

It runs in a process of its own that ``django work`` forks off, which no job of the worker holds up and which does not stand
back for others. Triggers notify of every change of what decides who may call (migration 0002), whoever makes it; hours begin
and end by the clock. When this is away the gateway goes on with the files it has.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta

import psycopg
from django.db import close_old_connections, connection
from django.utils import timezone

from . import publishing

CHANNEL = "hienluong_gateway"
#: Seconds to wait for more changes when one follows another: an import of a thousand agreements is a few snapshots.
TOGETHER = 0.15
#: Seconds after a look in which the next change is one that follows; later ones are looked at at once.
FOLLOWING = 1.0
#: Seconds between looks when nothing is notified: what a lost notification can cost at most.
SWEEP = 60.0
#: Seconds to wait before going on after a failure (the database is away, say).
PAUSE = 1.0

logger = logging.getLogger(__name__)


def run(stop: threading.Event) -> None:
    """Keep the files of the gateway until `stop` is set."""
    while not stop.is_set():
        try:
            _listen(stop)
        except Exception:  # whatever it was, withdrawing an agreement must not wait for somebody to notice
            logger.exception("the control plane of the gateway failed; it goes on in a moment")
            connection.close()
            stop.wait(PAUSE)


def _listen(stop: threading.Event) -> None:
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(name, None)
    with psycopg.connect(**params, autocommit=True) as listening:
        listening.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            close_old_connections()
            publishing.publish(timezone.now())
            looked = time.monotonic()
            for _note in listening.notifies(timeout=until_next(timezone.now()), stop_after=1):
                if time.monotonic() - looked < FOLLOWING:
                    stop.wait(TOGETHER)
            for _note in listening.notifies(timeout=0):
                pass


def until_next(now: datetime) -> float:
    """Seconds until the next look: no later than the hour that begins next, when agreements may begin and end."""
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(SWEEP, max(0.01, (hour - now).total_seconds()))
