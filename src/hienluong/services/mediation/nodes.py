"""The national agent node (NĐ 278/2025/NĐ-CP, Điều 7) as we speak to it and hear it: X-Road's message protocol for REST, r1.

Outgoing: the service stands in the path, who asks in a header, which the consumer cannot set. Incoming: the node, known by
its certificate at a door of its own, says who asks; which agreement covers that, the snapshot says as for everybody.
Nothing of what the node is is written here but the protocol: addresses, identifiers and further error types are told.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from hienluong.services.bus.gateway.snapshot import PREFIX, NodeDoor, NodeRoute

from .problems import Refusal

CLIENT, SERVICE, ID = "x-road-client", "x-road-service", "x-road-id"
USER, ISSUE = "x-road-userid", "x-road-issue"
HASH, REQUEST_ID, ERROR = "x-road-request-hash", "x-road-request-id", "x-road-error"
#: What a consumer gets of the node's fields, as its own evidence.
PASSED_BACK = (ID, HASH, SERVICE)
#: What the words of an error type mean to who called. Types have the form Server.ServerProxy.AccessDenied.
MEANS: Mapping[str, str] = {
    "AccessDenied": "node-access",
    "UnknownService": "node-service",
    "UnknownMember": "node-service",
    "ServiceDisabled": "node-service",
    "SslAuthenticationFailed": "node-certificate",
    "OutdatedGlobalConf": "node-away",
    "NetworkError": "provider-away",
    "ServiceFailed": "provider-away",
}
#: What the node hears of our refusals: error types of X-Road by our codes.
TYPES: Mapping[str, str] = {
    "no-agreement": "Server.ServerProxy.AccessDenied",
    "field": "Server.ServerProxy.AccessDenied",
    "signature": "Server.ServerProxy.AccessDenied",
    "replayed": "Server.ServerProxy.AccessDenied",
    "no-route": "Server.ServerProxy.UnknownService",
    "volume": "Server.ServerProxy.AccessDenied",
    "pace": "Server.ServerProxy.AccessDenied",
    "purpose": "Client.BadRequest",
    "slow-request": "Client.BadRequest",
    "too-large": "Client.BadRequest",
    "body": "Client.BadRequest",
    "media-type": "Client.BadRequest",
    "request-schema": "Client.BadRequest",
    "code": "Client.BadRequest",
    "provider-away": "Server.ServerProxy.ServiceFailed",
    "provider-slow": "Server.ServerProxy.ServiceFailed",
    "provider-broken": "Server.ServerProxy.ServiceFailed",
    "provider-refused": "Server.ServerProxy.ServiceFailed",
    "answer-code": "Server.ServerProxy.ServiceFailed",
}
#: What a provider answers by itself goes back as it is, status and all: it is no fault of the transport (PR-REST 4.6).
OF_PROVIDER = frozenset({"bad-request", "not-found", "conflict"})
_SOUND = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass
class Exchange:
    """One message by the node, as it is kept beside the call: what proves it there, and nothing of what it said."""

    incoming: bool
    client: str = ""
    service: str = ""
    message: str = ""  # X-Road-Id
    request: str = ""  # X-Road-Request-Id
    hash: str = ""  # X-Road-Request-Hash, made and checked by the nodes themselves
    user: str = ""
    error: str = ""  # type of the node's error, or ours
    issue: str = field(default="", repr=False)


# Outgoing


def leave(node: NodeRoute, client: str, *, message: str, agreement: str, said: str, key: str) -> Exchange:
    """Who we are at the node for this consumer; raises :class:`Refusal` when it is nobody there.

    `said` is what the consumer calls the person who works there; only a keyed hash of it leaves.
    """
    known_as = node.clients.get(client)
    if known_as is None:
        raise Refusal("node-client")
    user = pseudonym(client, said, key)
    return Exchange(False, known_as, node.service, message, user=user, issue=agreement)


def pseudonym(client: str, said: str, key: str) -> str:
    """VN and 24 letters that stand for one person at one system; nobody without the key can tell whom."""
    return "VN" + hmac.new(key.encode(), f"node-user\n{client}\n{said}".encode(), hashlib.sha256).hexdigest()[:24]


def address(node: NodeRoute, path: str) -> str:
    """Where at the node: /r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE/path."""
    return f"{node.prefix}/{encoded(node.service)}{path}"


def headers(exchange: Exchange) -> list[tuple[str, str]]:
    """The fields of the request that are X-Road's."""
    return [
        (CLIENT, encoded(exchange.client)),
        (ID, exchange.message),
        (USER, exchange.user),
        (ISSUE, exchange.issue),
    ]


def hear(exchange: Exchange, node: NodeRoute, told: Mapping[str, str]) -> None:
    """Keep what proves the answer; raises :class:`Refusal` for the node's own errors and answers to another message."""
    exchange.request = told.get(REQUEST_ID, "")[:100]
    exchange.hash = told.get(HASH, "")[:200]
    error = told.get(ERROR, "")
    if error:
        exchange.error = error[:100] if _SOUND.fullmatch(error[:100]) else "?"
        raise meaning(exchange.error, node.errors)
    if told.get(ID, "") != exchange.message:
        exchange.error = "?"
        raise Refusal("provider-broken", reason="answer to another message")


def meaning(error: str, more: Mapping[str, str]) -> Refusal:
    """What an error type of the node is to who called."""
    code = "node-request" if error.startswith("Client.") else "node-fault"
    for word in error.split("."):
        code = more.get(word) or MEANS.get(word) or code
    refusal = Refusal(code, reason=error)
    if refusal.status == 503:
        refusal.headers["retry-after"] = "30"
    return refusal


def unreached(refusal: Refusal) -> Refusal:
    """The node itself did not answer: who called hears that it was the node."""
    if refusal.reason.startswith("tls: ") and "ALERT" in refusal.reason:
        return Refusal("node-certificate", reason=refusal.reason)
    if refusal.code == "provider-away":
        return Refusal("node-away", headers=refusal.headers, reason=refusal.reason)
    return refusal


def encoded(identifier: str) -> str:
    """Each part percent-encoded by itself (PR-REST 4.2)."""
    return "/".join(quote(part, safe="") for part in identifier.split("/"))


# Incoming


def arrive(exchange: Exchange, door: NodeDoor | None, path: str, told: Mapping[str, str], key: str) -> tuple[str, str]:
    """Which client of ours calls, and under which path of ours; raises :class:`Refusal` for whom and what we do not know.

    What the node says of it is put into `exchange`; of the person who works there a keyed hash.
    """
    message = told.get(ID, "")
    exchange.message = message if _SOUND.fullmatch(message) else ""
    exchange.request = told.get(REQUEST_ID, "")[:100]
    exchange.client = _decoded(told.get(CLIENT, ""))[:330]
    exchange.user = pseudonym(exchange.client, told[USER][:200], key) if told.get(USER) else ""
    parts = path.split("/")
    lead = door.prefix.split("/") if door is not None else []
    if door is None or parts[: len(lead)] != lead or any(part in (".", "..") for part in map(unquote, parts)):
        raise Refusal("no-route")
    client = door.clients.get(exchange.client)
    if client is None:
        raise Refusal("no-agreement")
    for many in (5, 4):  # with a subsystem, or without
        exchange.service = _decoded("/".join(parts[len(lead) : len(lead) + many]))[:410]
        place = door.services.get(exchange.service)
        if place is not None:
            below = "/".join(parts[len(lead) + many :])
            return client, f"{PREFIX}/{place}/{below}"
    raise Refusal("no-route")


def _decoded(given: str) -> str:
    parts = given.split("/")
    decoded = [unquote(part) for part in parts]
    return "" if any("/" in part or "\x00" in part for part in decoded) else "/".join(decoded)


def marked(exchange: Exchange) -> list[tuple[str, str]]:
    """The fields of an answer to the node. The request's hash is the node's own to make, so it is not among them."""
    told = [(CLIENT, encoded(exchange.client)), (SERVICE, encoded(exchange.service)), (ID, exchange.message)]
    return [(name, value) for name, value in told if value]


def refused(refusal: Refusal, exchange: Exchange) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Status, body and fields of a refusal as X-Road's security servers shape theirs (PR-REST 4.6)."""
    if refusal.code in OF_PROVIDER:
        return refusal.status, refusal.document(), [("content-type", "application/problem+json"), *marked(exchange)]
    kind = exchange.error = TYPES.get(refusal.code, "Server.ServerProxy.InternalError")
    content = json.dumps({"type": kind, "message": refusal.words, "detail": exchange.message}, ensure_ascii=False)
    sent = [("content-type", "application/json;charset=utf-8"), (ERROR, kind), *marked(exchange)]
    return 400 if kind.startswith("Client.") else 500, content.encode(), sent


class Pace:
    """Calls a minute of one client under one agreement, counted here: the gateway's own limit goes by tokens."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, agreement: str, client: str, per_minute: int) -> bool:
        """Whether one more call may pass now; a full minute's calls may come at once."""
        now = time.monotonic()
        if len(self._left) > 5000:
            self._left.clear()
        left, before = self._left.get((agreement, client), (float(per_minute), now))
        left = min(float(per_minute), left + (now - before) * per_minute / 60)
        self._left[agreement, client] = (left - 1 if left >= 1 else left, now)
        return left >= 1
