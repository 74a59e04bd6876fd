"""Signed messages of banks and gateways: HMAC-SHA256 over time, nonce and body, refused when old."""

from __future__ import annotations

import hashlib
import hmac
import time

from django.utils.translation import gettext_lazy as _

#: Why a message was not believed, in the words of the reconciliation page.
REASONS = {
    "bad signature": _("Chữ ký sai"),
    "too old": _("Bản tin đã cũ"),
    "no nonce": _("Bản tin không có số dùng một lần"),
    "replayed nonce": _("Bản tin cũ được gửi lại nguyên văn"),
    "malformed": _("Không đọc được nội dung"),
    "duplicate": _("Đã ghi nhận trước đó"),
}

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
