"""The request as it comes in: its body within limits, and nothing left of it before an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hienluong.services.bus.gateway import handover
from hienluong.services.mediation import inbound
from hienluong.services.mediation.inbound import Inbound
from hienluong.services.mediation.problems import Refusal


class Line:
    """Hands over pieces, as an ASGI server does; past the last one it waits for the end of the connection."""

    def __init__(self, *pieces: bytes, gone: bool = False) -> None:
        last = {"type": "http.disconnect"} if gone else None
        self.messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": piece, "more_body": gone or at < len(pieces)}
            for at, piece in enumerate(pieces, 1)
        ]
        self.messages += [last] if last else []

    async def __call__(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.sleep(60)
        return self.messages.pop(0)


def test_a_body_is_taken_in_whole_and_nothing_is_waited_for_after_it() -> None:
    async def way() -> None:
        call = Inbound(Line(b"ab", b"", b"c"))
        assert await call.body(3) == b"abc"
        await asyncio.wait_for(call.finish(), 1)

    asyncio.run(way())


def test_what_nobody_read_is_taken_before_an_answer() -> None:
    async def way() -> None:
        line = Line(b"a" * 1000, b"b" * 1000)
        await Inbound(line).finish()
        assert line.messages == []

    asyncio.run(way())


def test_the_rest_of_a_body_that_is_too_large_is_taken_too_but_not_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handover, "TAKEN_IN", 2000)

    async def way() -> None:
        line = Line(*[b"a" * 1000] * 6)
        call = Inbound(line)
        with pytest.raises(Refusal) as refused:
            await call.body(1500)
        assert refused.value.code == "too-large"
        assert len(line.messages) == 4
        await call.finish()
        assert len(line.messages) == 2

    asyncio.run(way())


def test_who_is_gone_or_slow_is_not_waited_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "BODY_PATIENCE", 0.2)

    async def told(line: Line, code: str) -> None:
        call = Inbound(line)
        with pytest.raises(Refusal) as refused:
            await call.body(100)
        assert refused.value.code == code
        await asyncio.wait_for(call.finish(), 0.1)

    asyncio.run(told(Line(b"a", gone=True), "body"))
    slow = Line(b"a", b"b")
    slow.messages.pop()
    asyncio.run(told(slow, "slow-request"))
