"""Calling a webhook: one POST, no redirects, only to addresses that may be called, nothing read but the status."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import certifi
import httpcore

from . import addresses, cloud, signing

#: Seconds to connect, and to answer.
CONNECT, ANSWER = 5.0, 10.0
#: Connections to all webhooks together that are kept open.
KEPT = 20


class Blocked(OSError):
    """The address is not one that may be called."""


@dataclass(frozen=True)
class Answer:
    """What became of a call. `down`: nobody is there, or they cannot now; else it is about this event."""

    taken: bool
    down: bool
    words: str


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to the address that was looked at, whatever its name means a moment later."""

    def __init__(self, secure: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._secure = secure

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise httpcore.ConnectError(f"name: {error}") from error
        address = addresses.first_allowed((str(each[4][0]) for each in found), secure=self._secure)
        if address is None:
            raise Blocked(host)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Caller:
    """The connections to webhooks."""

    def __init__(self) -> None:
        trust = ssl.create_default_context(cafile=certifi.where())
        trust.load_default_certs()  # and what this machine trusts besides: an authority of the province's own
        self._pools = {
            scheme: httpcore.AsyncConnectionPool(
                ssl_context=trust,
                network_backend=_Guarded(scheme == "https"),
                max_connections=100,
                max_keepalive_connections=KEPT,
                keepalive_expiry=30,
            )
            for scheme in ("https", "http")
        }

    async def post(self, url: str, event: Mapping[str, Any]) -> Answer:
        """Tell a webhook of an event."""
        if found := addresses.fault(url):
            return Answer(False, True, found)
        body = cloud.written(event)
        told = {"content-type": f"{cloud.MEDIA_TYPE}; charset=utf-8", "user-agent": "hienluong-events/1"}
        headers = [
            (name.encode(), value.encode()) for name, value in signing.signed(url, told, body, int(time.time())).items()
        ]
        parts = urlsplit(url)
        host = parts.netloc.encode()
        timeouts = {"connect": CONNECT, "read": ANSWER, "write": ANSWER, "pool": ANSWER}
        try:
            async with asyncio.timeout(CONNECT + ANSWER):  # a body that drips is not waited for
                pool = self._pools[parts.scheme]
                async with pool.stream(
                    "POST", url, headers=[(b"host", host), *headers], content=body, extensions={"timeout": timeouts}
                ) as answer:
                    status = answer.status
                    if answer.headers and _length(answer.headers) <= 4096:
                        await answer.aread()  # so that the connection can be used again
        except Blocked:
            return Answer(False, True, "địa chỉ nội bộ, không được gọi")
        except TimeoutError:
            return Answer(False, True, "quá giờ")
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, ValueError) as error:
            return Answer(False, True, f"{type(error).__name__} {error}"[:200])
        if 200 <= status < 300:
            return Answer(True, False, "")
        return Answer(False, status == 429 or status >= 500, f"HTTP {status}")

    async def end(self) -> None:
        """Close them."""
        for pool in self._pools.values():
            await pool.aclose()


def _length(headers: list[tuple[bytes, bytes]]) -> int:
    """How long the answer says it is; what does not say so is not read."""
    for name, value in headers:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:18])
    return 1 << 62
