"""Asking a bank or gateway something over HTTP: the question is signed, and so is the answer, bound to it by the nonce."""

from __future__ import annotations

import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from .notices import fault, signature

#: Seconds to wait for an answer.
PATIENCE = 15.0


class Away(RuntimeError):
    """No answer that can be believed; ask again later. The text says why, without personal data."""


def has_door(provider: str) -> bool:
    """Whether we know where to ask this provider."""
    return bool(settings.PAYMENT_DOORS.get(provider))


def ask(provider: str, path: str, question: dict[str, Any]) -> dict[str, Any]:
    """Post `question` to the provider's door and give its answer; raises :class:`Away` for anything but a signed one."""
    if not has_door(provider):
        raise Away("no door")
    secret, url = settings.PAYMENT_SECRETS[provider], f"{settings.PAYMENT_DOORS[provider]}{path}"
    body = json.dumps(question).encode()
    at, nonce = str(int(time.time())), secrets.token_hex(16)
    headers = {
        "X-Time": at,
        "X-Nonce": nonce,
        "X-Signature": signature(secret, at, nonce, body),
        "Content-Type": "application/json",
    }
    import httpx  # loads a command line of its own, so only who calls out pays for it

    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError as error:
        raise Away(f"{urlsplit(url).hostname}: {type(error).__name__}") from error
    if answer.status_code >= 500:
        raise Away(f"{urlsplit(url).hostname}: {answer.status_code}")
    told = {name: answer.headers.get(name, "") for name in ("X-Time", "X-Nonce", "X-Signature")}
    wrong = fault(secret, told["X-Time"], told["X-Nonce"], answer.content, told["X-Signature"])
    if wrong or not hmac.compare_digest(told["X-Nonce"].encode(), nonce.encode()):
        raise Away(f"answer: {wrong or 'to another question'}")
    try:
        found = answer.json()
    except ValueError as error:
        raise Away("answer: not JSON") from error
    if not isinstance(found, dict):
        raise Away("answer: not an object")
    return found
