"""One question over HTTP, as a connection says, and what came back or what went wrong. Nothing here writes anything.

Through an agent node (``connection.agent``) we speak the REST protocol that X-Road publishes: the service in the path,
``X-Road-Client`` and ``X-Road-Id`` as headers, its own faults under ``X-Road-Error``.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .base import Adapter, Operation, place_of
from .connections import Connection
from .faults import Busy, Down, Duplicate, Fault, NotConnected, NotThere, Refused, Slow, Wrong

if TYPE_CHECKING:
    import httpx

#: Largest answer, in bytes.
MOST_ANSWER = 2 * 1024 * 1024
#: Longest wait that the other side may ask for, in seconds; and what is waited when it does not say how long.
LONGEST_WAIT, USUAL_WAIT = 3600.0, 60.0
_MEANS: dict[str, type[Fault]] = {
    "not_found": NotThere,
    "duplicate": Duplicate,
    "refused": Refused,
    "busy": Busy,
}


def send(
    adapter: Adapter, operation: Operation, question: Mapping[str, Any], connection: Connection, number: str
) -> dict[str, Any]:
    """Ask once. Returns their answer in our words, valid against the operation's schema; raises :class:`Fault`.

    `number` is ours: the other side gets it as ``X-Request-Id``, so that the same question twice can be known.
    """
    body = adapter.spoken(operation, question, connection)
    url, body = _address(operation, body, connection)
    headers = {**_headers(operation, connection, number), **connection.headers}
    status, told, content = _exchange(operation, url, headers, body, connection)
    _refuse(status, told, content, adapter.codes_of(connection))
    found = _read(content)
    answered = told.get("x-road-id" if connection.agent else "x-request-id", number)
    if answered != number:
        raise Wrong("câu trả lời cho một câu hỏi khác")
    _refuse_code(found, adapter.codes_of(connection), status)
    heard = adapter.heard(operation, found, connection)
    fault = next(iter(operation.answers_with.iter_errors(heard)), None)
    if fault is not None:
        # Where, never what: the message of the checker may quote the value.
        where = ".".join(str(step) for step in fault.instance_path) or "(gốc)"
        raise Wrong(f"sai cấu trúc tại {where}: {fault.kind.name}", status=status)
    return heard


def _address(operation: Operation, body: dict[str, Any], connection: Connection) -> tuple[str, dict[str, Any]]:
    """The whole address; fields that stand in the path leave the body."""
    path, left = operation.path, dict(body)
    for name in list(left):
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quote(str(left.pop(name)), safe=""))
    agent = connection.agent
    if agent is None:
        return f"{connection.url}{path}", left
    service = agent.services.get(operation.name)
    if service is None:
        raise NotConnected(f"nút đại lý chưa được cấp quyền truy cập dịch vụ “{operation.name}”")
    return f"{connection.url}{agent.prefix}/{quote(service, safe='/')}{path}", left


def _headers(operation: Operation, connection: Connection, number: str) -> dict[str, str]:
    told = {"Accept": "application/json", "Accept-Encoding": "identity", "X-Request-Id": number}
    if connection.agent:
        told |= {"X-Road-Client": connection.agent.client, "X-Road-Id": number}
    if not operation.repeatable:
        told["Idempotency-Key"] = number
    return told


@lru_cache(maxsize=32)
def _client(ca_file: str, certificate_file: str, key_file: str) -> httpx.Client:
    import httpx  # loads a command line of its own, so only who calls out pays for it

    context = ssl.create_default_context(cafile=ca_file or None)
    if certificate_file:
        context.load_cert_chain(certificate_file, key_file)
    limits = httpx.Limits(max_keepalive_connections=0)  # a line that was closed meanwhile is never mistaken for a fault
    return httpx.Client(verify=context, trust_env=False, follow_redirects=False, limits=limits)


def _exchange(
    operation: Operation, url: str, headers: dict[str, str], body: dict[str, Any], connection: Connection
) -> tuple[int, Mapping[str, str], bytes]:
    import httpx

    until = time.monotonic() + operation.timeout_s
    patience = httpx.Timeout(operation.timeout_s)
    sending: dict[str, Any] = {"params": body} if operation.method == "GET" else {"json": body}
    try:
        client = _client(connection.ca_file, connection.certificate_file, connection.key_file)
        with client.stream(operation.method, url, headers=headers, timeout=patience, **sending) as answer:
            found = bytearray()
            for chunk in answer.iter_raw():
                found += chunk
                if len(found) > MOST_ANSWER:
                    raise Wrong("câu trả lời quá lớn", status=answer.status_code)
                if time.monotonic() > until:
                    raise Slow("chưa trả lời xong khi hết giờ chờ")
            return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, bytes(found)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Down(f"không nối được ({type(error).__name__})", sent=False) from error
    except httpx.TimeoutException as error:
        raise Slow(f"không trả lời trong {operation.timeout_s:g} giây") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Down(f"mất kết nối ({type(error).__name__})") from error
    except (ssl.SSLError, OSError) as error:
        raise Down(f"không dùng được chứng thư của ta ({type(error).__name__})", sent=False) from error


def _refuse(status: int, told: Mapping[str, str], content: bytes, codes: Mapping[str, Any]) -> None:
    """Raise what a status of HTTP means, unless it is an answer."""
    if "x-road-error" in told:
        _refuse_agent(status, told["x-road-error"])
    if status == 429 or (status == 503 and "retry-after" in told):
        raise Busy(f"HTTP {status}", status=status, retry_after=_wait(told.get("retry-after", "")))
    if status >= 500 or status == 408:
        raise Down(f"HTTP {status}", status=status)
    if status == 404:
        raise NotThere("HTTP 404", status=status)
    if status == 409:
        raise Duplicate("HTTP 409", status=status)
    if 400 <= status < 500:
        raise Refused(_coded(status, content, codes), status=status)
    if not 200 <= status < 300:
        raise Wrong(f"HTTP {status}", status=status)


def _coded(status: int, content: bytes, codes: Mapping[str, Any]) -> str:
    """The status and their code of the error, never their words: these may quote what was asked."""
    try:
        code = place_of(json.loads(content), str(codes.get("at", "")))
    except (ValueError, RecursionError):
        code = None
    return f"HTTP {status}" + (f", mã {str(code)[:20]}" if isinstance(code, str | int) else "")


def _refuse_agent(status: int, code: str) -> None:
    """What the agent node itself says (``Server.ServerProxy.AccessDenied``)."""
    last = code.rpartition(".")[2][:60]
    if code.startswith("Client.") or last in {"AccessDenied", "UnknownService", "UnknownMember", "ServiceDisabled"}:
        raise Refused(f"nút đại lý: {last}", status=status)
    raise Down(f"nút đại lý: {last}", status=status)


def _wait(told: str) -> float:
    """Seconds that ``Retry-After`` asks for: a number, or a moment."""
    if told.isascii() and told.isdecimal():
        return min(float(told[:9]), LONGEST_WAIT)
    try:
        return min(max(parsedate_to_datetime(told).timestamp() - time.time(), 0.0), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return USUAL_WAIT


def _read(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Wrong("không phải JSON đúng") from error
    if not isinstance(found, dict):
        raise Wrong("không phải một đối tượng JSON")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _refuse_code(body: Mapping[str, Any], codes: Mapping[str, Any], status: int) -> None:
    """Raise what their own code of errors means; an answer without a code is taken as it is."""
    code = place_of(body, str(codes.get("at", "")))
    if code is None or str(code) in codes.get("ok", ()):
        return
    for meaning, fault in _MEANS.items():
        if str(code) in codes.get(meaning, ()):
            raise fault(f"mã {str(code)[:20]}", status=status)
    raise Refused(f"mã {str(code)[:20]}", status=status)
