"""Signed messages of banks and gateways: HMAC-SHA256 over time, nonce and body, refused when old."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import datetime
from typing import TypedDict

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from hienluong.ui import asked

#: Why a message was not believed, in the words of the reconciliation page.
REASONS = {
    "bad signature": _("Chữ ký sai"),
    "too old": _("Bản tin đã cũ"),
    "no nonce": _("Bản tin không có số dùng một lần"),
    "replayed nonce": _("Bản tin cũ được gửi lại nguyên văn"),
    "malformed": _("Không đọc được nội dung"),
    "duplicate": _("Đã ghi nhận trước đó"),
}

#: No single payment is this much, in đồng.
MOST_MONEY = 10**13

#: How old a message may be, in seconds. A bank that retries signs again.
FRESH = 300


def signature(secret: str, at: str, nonce: str, body: bytes) -> str:
    """The signature of a message, hexadecimal."""
    return hmac.new(secret.encode(), f"{at}.{nonce}.".encode("utf-8", "replace") + body, hashlib.sha256).hexdigest()


def fault(secret: str, at: str, nonce: str, body: bytes, given: str, *, now: float | None = None) -> str:
    """Why a message is not to be believed; empty when it is."""
    if not hmac.compare_digest(signature(secret, at, nonce, body).encode(), given.encode("utf-8", "replace")):
        return "bad signature"
    if not (at.isascii() and at.isdigit() and len(at) < 16) or abs((now or time.time()) - int(at)) > FRESH:
        return "too old"
    if not (nonce.isascii() and nonce.isprintable() and 1 <= len(nonce) <= 64):
        return "no nonce"
    return ""


class Told(TypedDict):
    """What one message says: the provider's transaction, the transfer text, whole đồng, when it was paid."""

    provider_ref: str
    reference: str
    amount: int
    paid_at: datetime


def read(message: dict[str, object]) -> Told:
    """What a provider's message says, within what the database can hold.

    Raises ValueError, KeyError, TypeError or OverflowError for a message that says nothing we can use.
    """
    amount = int(str(message["amount"])) if not isinstance(message["amount"], int) else message["amount"]
    if not 0 < amount < MOST_MONEY:
        raise ValueError(amount)
    return {
        "provider_ref": word(message["transaction"], 80),
        "reference": word(message["content"], 40),
        "amount": amount,
        "paid_at": moment(message["paid_at"]),
    }


def moment(value: object) -> datetime:
    """When the bank says that it was paid, within the years in which anybody pays here. Raises ValueError."""
    at = parse_datetime(str(value)) or timezone.now()
    if not asked.FIRST_DAY <= at.date() <= asked.LAST_DAY:
        raise ValueError(at)
    return at if timezone.is_aware(at) else timezone.make_aware(at)


def word(value: object, most: int) -> str:
    """A text that the database can hold: no half of a surrogate pair, no NUL. Raises ValueError."""
    word = str(value)[:most]
    word.encode()
    return asked.plain(word)
