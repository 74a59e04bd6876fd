"""The request of a consumer as it comes in: read to its end, within limits of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hienluong.services.bus.gateway import handover

from .problems import Refusal

Receive = Callable[[], Awaitable[dict[str, Any]]]

#: Seconds that the body of a request may take.
BODY_PATIENCE = 15.0


class Inbound:
    """One request's body (ASGI)."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def body(self, most: int) -> bytes:
        """The body, at most so many bytes; raises :class:`Refusal` for a larger, a broken or a slow one."""
        pieces, size = [], 0
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                while not self._ended:
                    piece = await self._piece()
                    size += len(piece)
                    if size > most:
                        raise Refusal("too-large")
                    pieces.append(piece)
        except TimeoutError:
            self._ended = True  # it had its time
            raise Refusal("slow-request") from None
        return b"".join(pieces)

    async def finish(self) -> None:
        """Take what is left, lest the gateway loses an answer that is given while it still sends.

        No more than what the gateway sends at once (:data:`.handover.TAKEN_IN`).
        """
        left = handover.TAKEN_IN
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                while not self._ended and left > 0:
                    left -= len(await self._piece())
        except (TimeoutError, Refusal):
            return

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            self._ended = True
            raise Refusal("body", reason="gone")
        self._ended = not message.get("more_body")
        piece: bytes = message.get("body", b"")
        return piece
