"""Calls to providers: connections kept, time and size limited, safe methods tried again, redirects never followed."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from hienluong.services.bus.gateway.snapshot import SAFE_METHODS, ServiceRoute, Tls

from .bodies import MOST_ANSWER
from .problems import Refusal

#: Bytes past which an answer is large: only one such is taken in at a time, because of memory.
LARGE = 1024 * 1024
#: Answers after which a safe call is tried again.
PASSING = frozenset({502, 503, 504})
#: Fields of which all count when they are said more than once.
LISTS = frozenset({"cache-control", "vary"})
#: Connections to one provider.
MOST_CONNECTIONS = 64


@dataclass(frozen=True)
class Answer:
    """What a provider answered; names of fields in small letters."""

    status: int
    headers: dict[str, str]
    content: bytes


class Providers:
    """The connections to providers. A change of address or TLS gets connections of its own; the old ones run out."""

    def __init__(self) -> None:
        self._pools: dict[tuple[str, Tls], httpcore.AsyncConnectionPool] = {}
        self._under_way: dict[str, int] = {}
        self._large = asyncio.Semaphore(1)

    async def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    async def call(
        self, service: ServiceRoute, method: str, path: str, query: str, headers: list[tuple[str, str]], content: bytes
    ) -> Answer:
        """The answer of the provider, whatever its status; raises :class:`Refusal` when there is none that can be used."""
        place = f"{service.code}/v{service.major}"
        if self._under_way.get(place, 0) >= service.breaker.max_requests:
            raise Refusal("busy", headers={"retry-after": "1"}, reason="breaker")
        self._under_way[place] = self._under_way.get(place, 0) + 1
        try:
            async with asyncio.timeout(service.timeout_s):
                return await self._tried(service, method, path, query, headers, content)
        except TimeoutError:
            raise Refusal("provider-slow", reason="timeout") from None
        finally:
            self._under_way[place] -= 1
            if not self._under_way[place]:
                del self._under_way[place]

    async def _tried(
        self, service: ServiceRoute, method: str, path: str, query: str, headers: list[tuple[str, str]], content: bytes
    ) -> Answer:
        further = service.retries if method in SAFE_METHODS else 0
        for number in range(further + 1):
            last = number == further
            try:
                answer = await self._once(service, method, path, query, headers, content)
            except (
                httpcore.ConnectError,
                httpcore.ConnectTimeout,
                httpcore.ReadError,
                httpcore.RemoteProtocolError,
            ) as problem:
                if isinstance(cause := problem.__cause__ or problem.__context__, ssl.SSLCertVerificationError):
                    raise Refusal("provider-certificate", reason=cause.verify_message) from None
                if last:
                    raise Refusal(
                        "provider-away", headers={"retry-after": "5"}, reason=type(problem).__name__
                    ) from None
            except (
                ssl.SSLError
            ) as problem:  # its alert came after our greeting: our certificate is not taken, as a rule
                raise Refusal("provider-away", reason=f"tls: {problem.reason}") from None
            except httpcore.TimeoutException as problem:
                raise Refusal("provider-slow", reason=type(problem).__name__) from None
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as problem:
                raise Refusal("provider-away", reason=type(problem).__name__) from None
            else:
                if last or answer.status not in PASSING:
                    return answer
            await asyncio.sleep(min(0.05 * 2**number, 1.0) * (0.5 + random.random()))  # noqa: S311 - spreads calls
        raise AssertionError("unreachable")

    async def _once(
        self, service: ServiceRoute, method: str, path: str, query: str, headers: list[tuple[str, str]], content: bytes
    ) -> Answer:
        upstream = service.upstream
        if service.canary is not None and random.random() * 100 < service.canary.percent:  # noqa: S311 - shares calls out
            upstream = service.canary.upstream
        parts = urlsplit(upstream)
        below = parts.path.rstrip("/") + path if path else parts.path  # without a path of its own: that very address
        target = (below or "/") + (f"?{query}" if query else "")
        host = parts.hostname or ""
        url = httpcore.URL(
            scheme=parts.scheme.encode(), host=host.encode("idna"), port=parts.port, target=target.encode("ascii")
        )
        sent = [
            (b"Host", parts.netloc.encode("idna")),
            *((name.encode(), value.encode("latin-1")) for name, value in headers),
        ]
        if content or method not in SAFE_METHODS:
            sent.append((b"Content-Length", str(len(content)).encode()))
        extensions: dict[str, object] = {
            "timeout": {
                "connect": min(5.0, service.timeout_s),
                "read": service.timeout_s,
                "write": service.timeout_s,
                "pool": 5.0,
            }
        }
        if service.tls.server_name:
            extensions["sni_hostname"] = service.tls.server_name
        pool = self._pool(upstream, service.tls)
        async with pool.stream(method, url, headers=sent, content=content or None, extensions=extensions) as response:
            found: dict[str, str] = {}
            for raw, value in response.headers:
                name, told = raw.decode("latin-1").lower(), value.decode("latin-1")
                found[name] = f"{found[name]}, {told}" if name in LISTS and name in found else found.get(name, told)
            if found.get("content-encoding", "identity").lower() not in ("identity", ""):
                raise Refusal("provider-broken", reason="compressed though not asked for")
            if found.get("content-length", "0").isdigit() and int(found.get("content-length", "0")) > MOST_ANSWER:
                raise Refusal("provider-broken", reason="too large")
            return Answer(response.status, found, await self._whole(response.aiter_stream()))

    async def _whole(self, stream: AsyncIterator[bytes]) -> bytes:
        pieces, size, alone = [], 0, False
        try:
            async for piece in stream:
                size += len(piece)
                if size > MOST_ANSWER:
                    raise Refusal("provider-broken", reason="too large")
                if size > LARGE and not alone:
                    await self._large.acquire()
                    alone = True
                pieces.append(piece)
            return b"".join(pieces)
        finally:
            if alone:
                self._large.release()

    def _pool(self, upstream: str, tls: Tls) -> httpcore.AsyncConnectionPool:
        parts = urlsplit(upstream)
        key = (f"{parts.scheme}://{parts.netloc}", tls)
        if key not in self._pools:
            if len(self._pools) >= 500:
                raise Refusal("busy", reason="too many providers")
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=_context(tls) if parts.scheme == "https" else None,
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=8,
                keepalive_expiry=30.0,
            )
        return self._pools[key]


def _context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file or None)
        if tls.client_cert_file:
            context.load_cert_chain(tls.client_cert_file, tls.client_key_file)
    except (OSError, ssl.SSLError) as problem:
        raise Refusal("provider-away", reason=f"tls: {type(problem).__name__}") from None
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
