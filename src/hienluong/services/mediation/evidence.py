"""What proves a call afterwards: one digest of the request and one of the answer, the same for every call.

The digests are kept, in the audit chain: whoever still has the request and the answer can show that they are what passed,
and nobody can read persons' data out of them. What was asked (the address, which may carry a person's number, and the signed
fields) is kept sealed beside them, until its term is over; of bodies nothing is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from cryptography.fernet import Fernet, InvalidToken

from hienluong.services.bus.gateway import handover

#: The tag of signatures here: one made for something else is not taken.
TAG = "lgsp"
#: What a signed request must cover.
COVERED = ("@method", "@authority", "@path", "@query", handover.AGREEMENT, handover.PURPOSE)
#: Fields that let somebody in: never kept, even where they were signed.
SECRET_FIELDS = frozenset({"authorization", "proxy-authorization", "cookie"})


def request_digest(method: str, target: str, *, agreement: str, client: str, purpose: str, content: bytes) -> str:
    """SHA-256 (hex) of what was asked: six lines, the last of them the SHA-256 of the body.

    `target` is the path at the gateway with its query, as sent.
    """
    return digest_of_request(method, target, agreement, client, purpose, hashlib.sha256(content).hexdigest())


def digest_of_request(method: str, target: str, agreement: str, client: str, purpose: str, content: str) -> str:
    """The same, where only the SHA-256 (hex) of the body is known."""
    lines = [method, target, agreement, client, purpose, content]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def answer_digest(status: int, content: bytes) -> str:
    """SHA-256 (hex) of what was answered: the status, a line feed, the body."""
    return hashlib.sha256(b"%d\n" % status + content).hexdigest()


def purpose_in(value: str) -> str:
    """A purpose as it was meant: UTF-8 in the field, or percent-encoded."""
    with suppress(UnicodeDecodeError):
        value = value.encode("latin-1").decode("utf-8")
    return unquote(value)


def text_digest(text: str) -> str:
    """SHA-256 (hex) of a text in UTF-8: what the audit chain keeps of the signatures of a call."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal(told: dict[str, Any], secret: str) -> str:
    """What was asked, encrypted with the secret of the mediator: it lies in the database until its term is over."""
    return _cipher(secret).encrypt(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def opened(sealed: str, secret: str) -> dict[str, Any] | None:
    """What was sealed; None when nothing was, or when it is not what was sealed."""
    if not sealed:
        return None
    try:
        told = json.loads(_cipher(secret).decrypt(sealed.encode()))
    except (InvalidToken, ValueError):
        return None
    return told if isinstance(told, dict) else None


@lru_cache(maxsize=2)
def _cipher(secret: str) -> Fernet:
    return Fernet(urlsafe_b64encode(hmac.digest(b"hienluong evidence of calls", secret.encode(), "sha256")))
