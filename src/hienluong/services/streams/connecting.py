"""The connection to the event server, and the stream there."""

from __future__ import annotations

from typing import Any

import nats
from django.conf import settings
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from .server import PREFIX, STREAM

#: Seconds in which the same event brought again is not kept twice.
DUPLICATE_WINDOW = 6 * 3600
#: Of what the server may keep on disk, the stream takes this much: it also writes indexes.
SHARE = 0.9


def is_there() -> bool:
    """Whether an event server was named, or is run here."""
    return bool(settings.EVENT_SERVER["url"])


async def connect(**more: Any) -> Any:
    """A connection that ends when it breaks: whoever holds it begins again. Raises nats.errors.Error or OSError soon."""

    async def quiet(_error: Exception) -> None:
        return None

    told = settings.EVENT_SERVER
    return await nats.connect(
        told["url"].split(","),
        user=told["user"],
        password=told["password"],
        allow_reconnect=False,
        max_reconnect_attempts=1,  # it counts for the first connection, too, and is sixty when nothing is said
        reconnect_time_wait=0.1,
        connect_timeout=5,
        error_cb=quiet,
        **more,
    )


async def ensure_stream(js: Any) -> None:
    """Make the stream, or give it the settings that it is to have.

    A full stream takes nothing more: what it cannot take waits in the outbox, and nothing that was not told is lost.
    """
    told = settings.EVENT_SERVER
    wanted = StreamConfig(
        name=STREAM,
        subjects=[f"{PREFIX}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=told["days"] * 86400,
        max_bytes=int(told["megabytes"] * 1024 * 1024 * SHARE),
        duplicate_window=DUPLICATE_WINDOW,
        num_replicas=told["replicas"],
        allow_direct=True,
    )
    try:
        now = (await js.stream_info(STREAM)).config
    except NotFoundError:
        await js.add_stream(wanted)
        return
    looked_at = ("subjects", "max_age", "max_bytes", "duplicate_window", "num_replicas", "discard", "allow_direct")
    if any(getattr(now, name) != getattr(wanted, name) for name in looked_at):
        await js.update_stream(wanted)
