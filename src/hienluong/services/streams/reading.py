"""Reading the stream from a place on, in order: what webhooks and those who take events over HTTPS are told."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from .server import PREFIX, STREAM

#: Seconds after which the server forgets a reader that asks no more.
FORGET = 30.0
#: Events that are asked for ahead, and for how many seconds a wish holds.
AHEAD, HOLDS = 200, 20.0
#: As much of a key as is kept where an event waits.
KEY = 120


class Lost(ConnectionError):
    """The server knows nothing of this reader any more, or is away: begin another."""


@dataclass(frozen=True)
class Told:
    """One event of the stream: its number there, the key its order is kept for, the event as it is told."""

    sequence: int
    key: str
    event: dict[str, Any]


def subjects_of(types: Sequence[str]) -> list[str]:
    """The subjects of all events of these types."""
    return [f"{PREFIX}.{type}.*" for type in types]


def fits(event: Mapping[str, Any], filters: Mapping[str, Sequence[str]]) -> bool:
    """Whether the data has one of the wanted values in each of these properties."""
    data = event.get("data", {})
    for name, wanted in filters.items():
        value = data.get(name)
        have = value if isinstance(value, list) else [value]
        if not set(wanted) & {_text(each) for each in have}:
            return False
    return True


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) or value is None else str(value)


async def _consumer(js: Any, types: Sequence[str], begins: Mapping[str, Any]) -> Any:
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE,
        filter_subjects=subjects_of(types),
        inactive_threshold=FORGET,
        mem_storage=True,
        num_replicas=1,
        **begins,
    )
    return await js.add_consumer(STREAM, config)


class Reader:
    """Reads events of some types after a number, or since a moment. The server keeps no state of it for long."""

    def __init__(self, connection: Any, js: Any, name: str) -> None:
        self._connection, self._js, self.name = connection, js, name
        self._inbox = connection.new_inbox()
        self._subscription: Any = None
        self._arrived: deque[Any] = deque()
        self._something = asyncio.Event()
        self._wished, self._wished_at = 0, 0.0

    @classmethod
    async def begin(
        cls,
        connection: Any,
        js: Any,
        types: Sequence[str],
        *,
        after: int | None = None,
        since: datetime | None = None,
    ) -> Reader:
        """After `after`; else since `since`, with both from the earlier of them; else from the first that is kept.

        A number that the stream has not given yet is of another stream (the server was set up anew): all is told.
        """
        every: dict[str, Any] = {"deliver_policy": DeliverPolicy.ALL}
        by_number = every
        if after is not None and 0 < after <= (await js.stream_info(STREAM)).state.last_seq:
            by_number = {"deliver_policy": DeliverPolicy.BY_START_SEQUENCE, "opt_start_seq": after + 1}
        if since is None:
            consumer = await _consumer(js, types, by_number if after is not None else every)
        else:
            by_time = {"deliver_policy": DeliverPolicy.BY_START_TIME, "opt_start_time": since.isoformat()}
            consumer = await _consumer(js, types, by_time)
            if after is not None and consumer.delivered.stream_seq > after:  # it begins later than what is not told yet
                await js.delete_consumer(STREAM, consumer.name)
                consumer = await _consumer(js, types, by_number)
        reader = cls(connection, js, consumer.name)
        reader._subscription = await connection.subscribe(reader._inbox, cb=reader._take)
        return reader

    async def next(self, most: int, seconds: float) -> list[Told]:
        """The next events, as soon as one is there, at most so many; none when none comes in so many seconds.

        Raises Lost; what was not given then is there for another reader.
        """
        deadline = time.monotonic() + seconds
        found: list[Told] = []
        while not found:
            await self._wish()
            while self._arrived and len(found) < most:
                if told := self._read(self._arrived.popleft()):
                    found.append(told)
            if found or (left := deadline - time.monotonic()) <= 0:
                break
            self._something.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._something.wait()
        return found

    async def _take(self, message: Any) -> None:
        self._arrived.append(message)
        self._something.set()

    async def _wish(self) -> None:
        if self._connection.is_closed:
            raise Lost("the event server is away")
        if self._wished > 0 and time.monotonic() - self._wished_at < HOLDS + 2:
            return
        self._wished, self._wished_at = AHEAD, time.monotonic()
        wish = {"batch": AHEAD, "expires": int(HOLDS * 1e9)}
        try:
            await self._connection.publish(
                f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self.name}", json.dumps(wish).encode(), self._inbox
            )
        except NatsError as error:
            raise Lost(str(error)) from error

    def _read(self, message: Any) -> Told | None:
        status = (message.headers or {}).get("Status")
        if status in ("404", "408"):  # nothing came while the wish held
            self._wished = 0
            return None
        if status:
            raise Lost(f"{status} {(message.headers or {}).get('Description', '')}")
        self._wished -= 1
        event = json.loads(message.data)
        return Told(message.metadata.sequence.stream, event["partitionkey"][:KEY], event)

    async def waiting(self) -> int:
        """How many events there are to read: asked before the first is read."""
        return int((await self._js.consumer_info(STREAM, self.name)).num_pending)

    async def end(self) -> None:
        """The server may forget it."""
        with suppress(NatsError, OSError, TimeoutError):
            await self._subscription.unsubscribe()
            await self._js.delete_consumer(STREAM, self.name)
