"""One call of a flow through the gateway, and what came of it. Nothing here writes anything.

What matters is what is known afterwards: that it was done, that it was not, or neither. A call that may not be repeated is
tried again only when it is certain that nobody got it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from . import language
from .language import Call, NoValue
from .replaying import Request

if TYPE_CHECKING:
    import httpx

#: Methods that carry a body.
_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))
#: Seconds beyond what the gateway itself waits for the provider.
_MARGIN = 5.0
_CONNECT = 5.0


class Unspoken(ValueError):
    """A request that cannot be put into an address: a part of the path is missing, or is none."""


@dataclass(frozen=True)
class Asked:
    """A request as it goes out. Kept with its step: tried again, it is the same."""

    method: str
    path: str  # below the address of the gateway, with its query
    body: Any = None
    has_body: bool = False

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return {"method": self.method, "path": self.path, **({"body": self.body} if self.has_body else {})}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Asked:
        """What was kept."""
        return cls(stored["method"], stored["path"], stored.get("body"), "body" in stored)

    def digest(self) -> str:
        """SHA-256 of what is kept."""
        return digest(self.stored())


@dataclass(frozen=True)
class Outcome:
    """What is known after a call.

    `done`: it was done, and answered `value`. Else `sent`: whether somebody may have got it; `again`: whether the same
    request may fare better later; `wait` seconds at least.
    """

    done: bool = False
    value: Any = None
    sent: bool = True
    again: bool = True
    status: int | None = None
    words: str = ""
    wait: float = 0.0


@dataclass(frozen=True)
class Line:
    """How to reach the gateway for one call."""

    url: str  # of the gateway
    token: str
    agreement: str
    purpose: str
    number: str  # the same for each attempt: who understands it does nothing twice
    timeout: float


def digest(value: Any) -> str:
    """SHA-256 of a value as canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def asked(request: Request, operation: Mapping[str, Any]) -> Asked:
    """The request of a call on an operation (its method and template). Raises :class:`Unspoken`."""
    call, path, query = request.call, str(operation["template"]), []
    for name, value in request.parameters.items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", _segment(name, value))
        elif value is not None:
            query += [(name, _text(name, each)) for each in (value if isinstance(value, list) else [value])]
    if "{" in path:
        raise Unspoken("thiếu tham số trong địa chỉ")
    method = str(operation["method"])
    whole = f"/lgsp/{call.service}/v{call.major}{path}" + (f"?{urlencode(query)}" if query else "")
    return Asked(method, whole, request.body, call.has_body and method in _WITH_BODY)


def _segment(name: str, value: Any) -> str:
    text = "" if value is None else _text(name, value)
    if text in ("", ".", "..") or "/" in text or "\\" in text:
        raise Unspoken(f"tham số “{name}” không đặt được vào địa chỉ")
    return quote(text, safe="")


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Unspoken(f"tham số “{name}” phải là chữ hoặc số")


def is_repeatable(call: Call, method: str) -> bool:
    """Whether a call may go out again when it is not known what came of it."""
    return call.repeatable if call.repeatable is not None else method in language.REPEATABLE


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    import httpx  # loads a command line of its own, so only who calls out pays for it

    limits = httpx.Limits(max_keepalive_connections=0)  # a line that was closed meanwhile is never mistaken for a fault
    return httpx.Client(trust_env=False, follow_redirects=False, limits=limits)


def call(what: Asked, line: Line) -> Outcome:
    """Make one call. Never raises."""
    import httpx

    if not line.url:
        return Outcome(sent=False, words="chưa có cổng kết nối")
    told = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Authorization": f"Bearer {line.token}",
        "X-Agreement": line.agreement,
        "X-Purpose": line.purpose,
        "Idempotency-Key": line.number,
    }
    sending: dict[str, Any] = {}
    if what.has_body:
        told["Content-Type"] = "application/json"
        sending["content"] = json.dumps(what.body, ensure_ascii=False).encode()
    headers = [(name.encode(), value.encode()) for name, value in told.items()]  # the gateway takes UTF-8
    until = time.monotonic() + line.timeout + _MARGIN
    patience = httpx.Timeout(line.timeout + _MARGIN, connect=_CONNECT)
    try:
        with _client().stream(
            what.method, f"{line.url}{what.path}", headers=headers, timeout=patience, **sending
        ) as answer:
            status, found = answer.status_code, bytearray()
            for chunk in answer.iter_raw():
                found += chunk
                if len(found) > language.MOST_VALUE:
                    return _unread(status, "câu trả lời quá lớn")
                if time.monotonic() > until:
                    return _unread(status, "chưa trả lời xong khi hết giờ chờ")
            return _meant(status, bytes(found), answer.headers.get("retry-after", ""))
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return Outcome(sent=False, words=f"không nối được cổng kết nối ({type(error).__name__})")
    except httpx.TimeoutException:
        return Outcome(words=f"không trả lời trong {line.timeout:g} giây")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Outcome(words=f"mất kết nối ({type(error).__name__})")


def _unread(status: int, words: str) -> Outcome:
    return Outcome(status=status, words=f"HTTP {status}: {words}")


def _meant(status: int, content: bytes, retry_after: str) -> Outcome:
    """What an answer says about the call."""
    if 200 <= status < 300:
        return _answered(status, content)
    words = f"HTTP {status}" + _code(content)
    if status == 429:  # refused before anything was done
        wait = float(retry_after[:4]) if retry_after.isascii() and retry_after.isdecimal() else 1.0
        return Outcome(sent=False, status=status, words=words, wait=min(wait, language.LONGEST_PAUSE))
    if 400 <= status < 500 and status != 408:
        return Outcome(sent=False, again=False, status=status, words=words)
    return Outcome(status=status, words=words)


def _answered(status: int, content: bytes) -> Outcome:
    try:
        value = language.plain(json.loads(content)) if content.strip() else None
    except (NoValue, ValueError, RecursionError):
        return _unread(status, "câu trả lời không phải JSON dùng được")
    return Outcome(done=True, value=value, status=status)


def _code(content: bytes) -> str:
    """The stable code of a problem document, never its words: these may quote what was asked."""
    try:
        code = json.loads(content[:20_000]).get("code")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return f", {code[:60]}" if isinstance(code, str) and code.isascii() and "\x00" not in code else ""
