"""What the worker does for events without end: brings them to the event server, hands them to webhooks, says who may
connect there. One worker of all does it; another takes over when that one ends.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from django.db import close_old_connections, connection

from hienluong.foundation.actions import system
from hienluong.foundation.events.outbox import CHANNEL

from . import connecting, publishing, registry, waking
from .delivering import Deliverer, ended

T = TypeVar("T")
#: Seconds between looks when nobody says that something happened.
SWEEP = 5.0
#: Seconds between looks at whether all webhooks are served.
LOOK = 1.0
#: Seconds to wait before beginning again after something failed.
PAUSE = 1.0
#: Seconds after which a failure that goes on is told again in the log.
REMIND = 600.0
_LOCK = "SELECT pg_try_advisory_lock(hashtext('hienluong.streams'))"
WHO = system("Dòng sự kiện")

logger = logging.getLogger(__name__)


class Database:
    """Our queries, one after the other in a thread of their own: the loop never waits for them."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="streams-db")

    async def __call__(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work, args)

    @staticmethod
    def _do(work: Callable[..., T], args: tuple[Any, ...]) -> T:
        close_old_connections()
        return work(*args)

    def end(self) -> None:
        """No more queries; the connection goes with the thread."""
        self._thread.submit(self._close)
        self._thread.shutdown()

    @staticmethod
    def _close() -> None:
        connection.close()  # of the thread that this runs in: each has its own


def run(stop: threading.Event) -> None:
    """Until `stop` is set; whatever fails is begun again. Without an event server there is nothing to do."""
    if not connecting.is_there():
        return
    failing, told = "", 0.0
    while not stop.is_set():
        try:
            asyncio.run(_work(stop))
            failing = ""
        except Exception as error:  # whatever it was: events wait in the outbox meanwhile
            words = f"{type(error).__name__}: {error}"
            if words != failing or time.monotonic() - told > REMIND:
                failing, told = words, time.monotonic()
                logger.warning("events stay in the outbox, they are told when this works again: %s", words)
            stop.wait(PAUSE)


async def _work(stop: threading.Event) -> None:
    database = Database()
    try:
        async with await _listening() as listening:
            if not await _is_ours(listening):
                await asyncio.to_thread(stop.wait, SWEEP)
                return
            server = await connecting.connect()
            try:
                js = server.jetstream()
                await connecting.ensure_stream(js)
                await database(registry.install, WHO)
                await _together(stop, listening, server, js, database)
            finally:
                await server.close()
    finally:
        database.end()


async def _together(stop: threading.Event, listening: Any, server: Any, js: Any, database: Database) -> None:
    """All that goes on at once; when one part fails, all end."""
    woken, changed = asyncio.Event(), asyncio.Event()
    parts = [
        asyncio.create_task(_hear(stop, listening, {CHANNEL: woken, waking.CHANNEL: changed})),
        asyncio.create_task(_publish(server, js, database, woken)),
        asyncio.create_task(_deliver(server, js, changed)),
    ]
    try:
        done, _rest = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
    finally:
        await ended(parts)


async def _listening() -> psycopg.AsyncConnection[Any]:
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(name, None)
    return await psycopg.AsyncConnection.connect(**params, autocommit=True)


async def _is_ours(listening: psycopg.AsyncConnection[Any]) -> bool:
    """Whether no other worker does this; the lock goes with the connection."""
    row = await (await listening.execute(_LOCK)).fetchone()
    return bool(row and row[0])


async def _hear(stop: threading.Event, listening: Any, woken: dict[str, asyncio.Event]) -> None:
    for channel in woken:
        await listening.execute(f"LISTEN {channel}")
    swept = 0.0
    while not stop.is_set():
        heard = [notice async for notice in listening.notifies(timeout=0.5, stop_after=1)]
        for notice in heard:
            woken[notice.channel].set()
        if time.monotonic() - swept > SWEEP:
            swept = time.monotonic()
            for each in woken.values():
                each.set()


async def _publish(server: Any, js: Any, database: Database, woken: asyncio.Event) -> None:
    while True:
        await woken.wait()
        woken.clear()
        await publish_waiting(js, database)
        if server.is_closed:
            raise ConnectionError("the event server is away")


async def _deliver(server: Any, js: Any, changed: asyncio.Event) -> None:
    database = Database()  # its own, so that nobody waits for those who publish
    deliverer = Deliverer(server, js, database)
    try:
        while not server.is_closed:
            await deliverer.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await changed.wait()
            changed.clear()
        raise ConnectionError("the event server is away")
    finally:
        await deliverer.end()
        database.end()


async def publish_waiting(js: Any, database: Database) -> int:
    """Bring all that waits; how many events were stored. Raises Stuck when the server does not take them all."""
    count = 0
    while True:
        batch = await database(publishing.waiting)
        stored = await publishing.publish(js, batch.messages)
        await database(publishing.gone, stored)
        count += len(stored)
        if len(stored) < len(batch.messages):
            raise publishing.Stuck(f"{len(batch.messages) - len(stored)} events were not stored")
        if batch.looked_at < publishing.BATCH:
            return count  # who commits one after this says so
