"""The event server keeps what it said it keeps, and lets each system do what it may and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import nats
import nkeys
import pytest
from nats.errors import NoRespondersError, TimeoutError
from nats.js.api import AckPolicy, ConsumerConfig

from hienluong.services.streams import keys
from hienluong.services.streams.server import PREFIX, PUBLISHER, STREAM, Consumer
from tests.services.streams.broker import PASSWORD, Broker
from tests.services.streams.sample import until

Connection = Any


def on(broker: Broker, work: Callable[[Connection], Awaitable[Any]], **who: Any) -> Any:
    """Do something with a connection of ours, or of somebody else."""

    async def run() -> Any:
        given = who or {"user": PUBLISHER, "password": PASSWORD}

        async def quiet(error: Exception) -> None:
            told.append(str(error))

        told: list[str] = []
        connection = await nats.connect(broker.url, allow_reconnect=False, connect_timeout=5, error_cb=quiet, **given)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


async def filled(connection: Connection) -> int:
    js = connection.jetstream()
    await js.add_stream(name=STREAM, subjects=[f"{PREFIX}.>"])
    for number in range(20):
        await js.publish(f"{PREFIX}.thu.a", str(number).encode())
    for durable in ("mine", "theirs"):
        await js.add_consumer(STREAM, ConsumerConfig(durable_name=durable, ack_policy=AckPolicy.EXPLICIT))
    return int((await js.stream_info(STREAM)).state.messages)


def lets_in(broker: Broker, who: dict[str, Any]) -> bool:
    async def nothing(_connection: Connection) -> bool:
        return True

    try:
        return bool(on(broker, nothing, **who))
    except (nats.errors.Error, OSError):
        return False


def test_what_was_acknowledged_is_there_after_kill_9(own_broker: Broker) -> None:
    assert on(own_broker, filled) == 20
    own_broker.kill()
    own_broker.start()

    async def count(connection: Connection) -> int:
        return int((await connection.jetstream().stream_info(STREAM)).state.messages)

    assert on(own_broker, count) == 20
    assert own_broker.stop() in (0, 1)  # it ends when it is asked to, at once


def test_a_system_reads_its_own_consumer_and_nothing_else(own_broker: Broker) -> None:
    on(own_broker, filled)
    key, seed = keys.new()
    assert nkeys.from_seed(seed.encode()).public_key.decode() == key
    assert own_broker.server.admit([Consumer(key, "mine")])
    assert own_broker.server.read_again()

    async def reads(connection: Connection) -> list[bytes]:
        subscription = await connection.jetstream().pull_subscribe_bind(durable="mine", stream=STREAM)
        taken = await subscription.fetch(20, timeout=5)
        for message in taken:
            await message.ack()
        return [message.data for message in taken]

    async def trespasses(connection: Connection) -> dict[str, bool]:
        js, shut = connection.jetstream(timeout=0.5), {}
        attempts = {
            "others' events": lambda: js.pull_subscribe_bind(durable="theirs", stream=STREAM),
            "publishing": lambda: js.publish(f"{PREFIX}.thu.a", b"gia"),
            "all subjects": lambda: connection.subscribe(f"{PREFIX}.>"),
            "deleting": lambda: js.delete_stream(STREAM),
            "a consumer without a filter": lambda: js.add_consumer(STREAM, ConsumerConfig(durable_name="x")),
            "one message": lambda: js.get_msg(STREAM, 1),
        }
        for what, attempt in attempts.items():
            try:
                found = await attempt()
                if what == "others' events":
                    await found.fetch(1, timeout=0.5)
                elif what == "all subjects":
                    await found.next_msg(timeout=0.5)
                shut[what] = False
            except (TimeoutError, NoRespondersError, nats.errors.Error):
                shut[what] = True
        return shut

    as_consumer = {"nkeys_seed_str": seed, "inbox_prefix": "_INBOX.mine"}
    until(lambda: lets_in(own_broker, as_consumer))  # it reads the file a moment after it is asked to
    assert on(own_broker, reads, **as_consumer) == [str(n).encode() for n in range(20)]
    shut = on(own_broker, trespasses, **as_consumer)
    assert [what for what, closed in shut.items() if not closed] == []
    assert on(own_broker, lambda c: c.jetstream().stream_info(STREAM)).state.messages == 20

    assert own_broker.server.admit([])
    assert own_broker.server.read_again()
    until(lambda: not lets_in(own_broker, as_consumer))
    with pytest.raises((nats.errors.Error, OSError)):
        on(own_broker, reads, **as_consumer)


def test_the_configuration_is_for_our_eyes_only_and_stays_when_written_again(own_broker: Broker) -> None:
    key, _seed = keys.new()
    own_broker.server.admit([Consumer(key, "mine")])
    assert not own_broker.server.admit([Consumer(key, "mine")])
    own_broker.server.write()
    accounts = own_broker.server.folder / "accounts.conf"
    assert key in accounts.read_text()
    assert accounts.stat().st_mode & 0o077 == 0
    assert 'sync_interval": "always"' in (own_broker.server.folder / "nats.conf").read_text()
