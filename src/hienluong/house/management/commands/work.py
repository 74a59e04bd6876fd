"""``manage.py work``: jobs, periodic jobs, the dispatcher of events, what leaves, composed services; beside it the gateway's files.

It stands back when processors are scarce: papers can wait a second, the person at the counter cannot. Who withdraws an
agreement cannot either, so the control plane of the gateway is forked off before that, and does not stand back.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from procrastinate.contrib.django import app

from hienluong.foundation.events import dispatcher
from hienluong.house import anchors, tracing
from hienluong.house.apart import Apart, stand_back
from hienluong.services.bus import control
from hienluong.services.flows import running as flows
from hienluong.services.streams import running

#: How far the worker stands back: 0 (not at all) to 19.
NICENESS = 10

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """``hienluong up`` starts this; SIGTERM ends it after the jobs in hand."""

    help = "Chạy việc nền và phân phát sự kiện."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--concurrency", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        control_plane = Apart("the control plane of the gateway", control.run)
        control_plane.start()
        stand_back(NICENESS)
        events = threading.Thread(target=dispatcher.run, args=(stop,), name="events", daemon=True)
        events.start()
        gateway = threading.Thread(target=control_plane.watch, args=(stop,), name="gateway", daemon=True)
        gateway.start()
        streams = threading.Thread(target=running.run, args=(stop,), name="streams", daemon=True)
        streams.start()
        composed = threading.Thread(target=flows.run, args=(stop,), name="flows", daemon=True)
        composed.start()
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
        try:
            with app.replace_connector(connector) as worker:
                worker.run_worker(
                    concurrency=options["concurrency"],
                    delete_jobs="successful",
                    shutdown_graceful_timeout=20,
                    worker_middleware=tracing.around_jobs(),
                )
        finally:
            stop.set()
            control_plane.end()
            events.join(1)  # a daemon: what it had not committed is dispatched at the next start
            streams.join(3)
            composed.join(20)  # a call that is cut off may be one that a person must look into
            tracing.end()
            _keep_head()


def _keep_head() -> None:
    """Nobody changes anything after us but other workers: keep what the audit log ends with."""
    try:
        anchors.take()
    except (DatabaseError, OSError):
        logger.exception("the head of the audit log was not kept at shutdown; the next hour's is")
