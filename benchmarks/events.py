"""Events from the commit of a change to a subscriber: how many a second, and after how long; run with ``make bench NAME=events``.

What is measured is the whole way: the row in the outbox, the worker, the event server with every event on its disk before it
is acknowledged, a subscriber that reads the stream (as pull and webhooks do), a webhook over HTTP. The baseline is the bare
event server in the same run: the same bytes published by JetStream's client, read by the same subscriber. All of it, the
subscriber and the writer too, share this machine; worker, writer and subscriber share one Python process.

``EVENTS_COUNT``: events of a burst; ``EVENTS_RATE``: events a second of the steady part; ``EVENTS_SECONDS``: how long that is.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.reporting import Report

COUNT = int(os.environ.get("EVENTS_COUNT", "3000"))
RATE = int(os.environ.get("EVENTS_RATE", "50"))
SECONDS = int(os.environ.get("EVENTS_SECONDS", "10"))
#: How many objects the events are about: those of one object go one after the other.
KEYS = 500
TYPE = "organization.changed"
_NUMBERS = itertools.count(1)


class Subscriber:
    """Reads the stream from its end on, in a thread of its own; remembers when each event came, by its code."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}
        self._ready, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._read()), daemon=True)
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("the subscriber did not begin")

    async def _read(self) -> None:
        from hienluong.services.streams import connecting
        from hienluong.services.streams.reading import Reader
        from hienluong.services.streams.server import STREAM

        server = await connecting.connect()
        js = server.jetstream()
        last = (await js.stream_info(STREAM)).state.last_seq
        reader = await Reader.begin(server, js, [TYPE], after=last if last else None)
        self._ready.set()
        while not self._stop.is_set():
            for told in await reader.next(500, 0.2):
                self.came[told.event["data"]["code"]] = time.perf_counter()
        await server.close()

    def wait_for(self, count: int) -> None:
        """Until so many came."""
        deadline = time.monotonic() + 120
        while len(self.came) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(self.came)} of {count} events came")
            time.sleep(0.002)

    def end(self) -> None:
        """Read no more."""
        self._stop.set()
        self._thread.join(10)


def main() -> int:
    """Measure bare and whole, in bursts and at a steady rate."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    from tests.services.streams.broker import PASSWORD, Broker, Bus

    setup_test_environment()
    connections.settings["default"]["CONN_MAX_AGE"] = 60  # as an installation has it; tests open one for each query
    report = Report("events")
    old = setup_databases(verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory(prefix="hienluong-events-") as folder:
        broker = Broker(Path(folder)).start()
        try:
            settings.EVENT_SERVER = {
                **settings.EVENT_SERVER,
                "url": broker.url,
                "password": PASSWORD,
                "folder": folder,
                "megabytes": 60,
            }
            measure(report, Bus())
        finally:
            broker.stop()
            teardown_databases(old, verbosity=0)
    return report.finish()


def measure(report: Report, bus: Any) -> None:
    """Every figure, the bare one of each first."""
    from hienluong.services.streams import registry, running

    registry.install(running.WHO)
    bus.empty()
    bare, bare_read = _bare_burst(bus)
    bus.empty()
    whole = _burst()
    report.note("outbox to stored, bare: published", bare, "events/s")
    report.note("committed to read by a subscriber, in a burst", whole, "events/s", baseline=round(bare_read, 1))
    bus.empty()
    alone = _bare_steady(bus)
    bus.empty()
    ours = _steady()
    for name, place in (("p50", 49), ("p99", 98)):
        base = round(quantiles(alone, n=100)[place] * 1000, 3)
        report.note(
            f"commit to subscriber at {RATE}/s, {name}", quantiles(ours, n=100)[place] * 1000, "ms", baseline=base
        )
    bus.empty()
    rate, waits = _webhook()
    report.note("committed to taken by one webhook, in a burst", rate, "events/s", baseline=round(bare_read, 1))
    report.note(f"commit to webhook at {RATE}/s, p50", quantiles(waits, n=100)[49] * 1000, "ms")
    report.note(f"commit to webhook at {RATE}/s, p99", quantiles(waits, n=100)[98] * 1000, "ms")


def _tell(codes: list[str], *, at_once: int = 100) -> None:
    """Write events as actions do, so many in a transaction."""
    from django.db import transaction

    from hienluong.foundation.events.outbox import NewEvent, write

    for start in range(0, len(codes), at_once):
        with transaction.atomic():
            write(
                [
                    NewEvent(TYPE, f"organisations.organization:{number % KEYS}", {"code": code})
                    for number, code in enumerate(codes[start : start + at_once], start)
                ]
            )


def _codes(count: int) -> list[str]:
    """Names that no event has had; no long numbers, which are kept back as if they were a person's."""
    return [f"m{next(_NUMBERS)}" for _ in range(count)]


def _bodies(codes: list[str]) -> list[tuple[str, bytes, str]]:
    """Subject, bytes and message id of the same events, made before anything is measured."""
    from datetime import UTC, datetime

    from hienluong.services.streams import cloud

    found = []
    for number, code in enumerate(codes):
        uid, key = uuid.uuid4(), f"organisations.organization:{number % KEYS}"
        told = cloud.event(
            uid=uid,
            number=number,
            type=TYPE,
            key=key,
            at=datetime.now(UTC),
            data={"code": code},
            source="http://127.0.0.1:8000",
            version=1,
        )
        found.append((cloud.subject_of(TYPE, key), cloud.written(told), str(uid)))
    return found


def _bare_burst(bus: Any) -> tuple[float, float]:
    """Events a second that JetStream's client has acknowledged, and that the subscriber has read."""
    from hienluong.services.streams.server import STREAM

    codes = _codes(COUNT)
    bodies = _bodies(codes)
    subscriber = Subscriber()

    async def publish(_connection: Any, js: Any) -> float:
        began = time.perf_counter()
        for start in range(0, COUNT, KEYS):  # as many are under way as ours has
            under_way = [
                await js.publish_async(subject, body, stream=STREAM, headers={"Nats-Msg-Id": uid})
                for subject, body, uid in bodies[start : start + KEYS]
            ]
            await asyncio.gather(*under_way)
        return began

    work: Callable[[Any, Any], Awaitable[float]] = publish
    began = bus.on(work)
    stored = COUNT / (time.perf_counter() - began)
    subscriber.wait_for(COUNT)
    read = COUNT / (max(subscriber.came.values()) - began)
    subscriber.end()
    return stored, read


def _burst() -> float:
    """Events a second from the first commit until the subscriber has read the last."""
    codes = _codes(COUNT)
    with _worker():
        subscriber = Subscriber()
        began = time.perf_counter()
        _tell(codes)
        subscriber.wait_for(COUNT)
        rate = COUNT / (max(subscriber.came.values()) - began)
        subscriber.end()
    return rate


def _paced(codes: list[str]) -> Iterator[str]:
    began = time.perf_counter()
    for number, code in enumerate(codes):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        yield code


def _steady() -> list[float]:
    """How long each event took from just before its commit to the subscriber."""
    codes = _codes(RATE * SECONDS)
    sent: dict[str, float] = {}
    with _worker():
        subscriber = Subscriber()
        for code in _paced(codes):
            sent[code] = time.perf_counter()
            _tell([code])
        subscriber.wait_for(len(codes))
        subscriber.end()
    return [subscriber.came[code] - sent[code] for code in codes]


def _bare_steady(bus: Any) -> list[float]:
    """The same with the client's publish in place of outbox and worker."""
    codes = _codes(RATE * SECONDS)
    sent: dict[str, float] = {}
    subscriber = Subscriber()
    bodies = dict(zip(codes, _bodies(codes), strict=True))

    async def publish(_connection: Any, js: Any) -> None:
        for code in _paced(codes):
            subject, body, uid = bodies[code]
            sent[code] = time.perf_counter()
            await js.publish(subject, body, headers={"Nats-Msg-Id": uid})

    bus.on(publish)
    subscriber.wait_for(len(codes))
    subscriber.end()
    return [subscriber.came[code] - sent[code] for code in codes]


def _webhook() -> tuple[float, list[float]]:
    """Events a second that one webhook took of a burst, and how long each took at a steady rate."""
    from django.conf import settings

    from tests.services.streams.sample import HERE, Office
    from tests.services.streams.webhook import Webhook, taken

    settings.WEBHOOK_NETWORKS = HERE
    hook = Webhook().up()
    came: dict[str, float] = {}

    def remember(event: dict[str, Any]) -> tuple[int, dict[str, str]]:
        came[event["data"]["code"]] = time.perf_counter()
        return taken(event)

    hook.answer = remember
    Office().subscribe(hook.url)
    with _worker():
        burst = _codes(COUNT)
        began = time.perf_counter()
        _tell(burst)
        _until(lambda: len(came) >= COUNT)
        rate = COUNT / (max(came.values()) - began)
        sent: dict[str, float] = {}
        codes = _codes(RATE * SECONDS)
        for code in _paced(codes):
            sent[code] = time.perf_counter()
            _tell([code])
        _until(lambda: len(came) >= COUNT + len(codes))
    hook.down()
    return rate, [came[code] - sent[code] for code in codes]


def _until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not what():
        if time.monotonic() > deadline:
            raise RuntimeError("events did not come")
        time.sleep(0.005)


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    """The worker's part that brings events out, in a thread of this process; ready when it begins."""
    from django.db import connection

    from hienluong.services.streams import running

    stop = threading.Event()
    thread = threading.Thread(target=running.run, args=(stop,), daemon=True)
    thread.start()

    def leads() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            row = cursor.fetchone()
        return bool(row and row[0])

    _until(leads)
    time.sleep(1)
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


if __name__ == "__main__":
    sys.exit(main())
