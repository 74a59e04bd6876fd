"""Webhooks are signed (HTTP Message Signatures, RFC 9421, with a Content-Digest, RFC 9530): Ed25519, one key of ours.

What is signed: the method, the whole address, the kind and the digest of the content, and since when.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from hienluong.services.mediation import signatures

#: What the signature says it is for, and the fields it covers.
TAG, LABEL = "hienluong-webhook", "hienluong"
COMPONENTS = ("@method", "@target-uri", "content-type", "content-digest")
_key = lru_cache(maxsize=2)(signatures.own_key)


def public_key() -> dict[str, str]:
    """Our public key (RFC 7517)."""
    return _key(settings.WEBHOOK_SECRET)[1]


def signed(url: str, headers: Mapping[str, str], body: bytes, now: int) -> dict[str, str]:
    """The fields of a POST to `url` with its digest and signature; `now` in seconds since 1970.

    `headers` has ``content-type``, in small letters. The address is in ASCII.
    """
    key, _public = _key(settings.WEBHOOK_SECRET)
    told = {**headers, "content-digest": signatures.content_digest(body)}
    parts = urlsplit(url)
    message = signatures.Message(
        headers=list(told.items()),
        method="POST",
        scheme=parts.scheme,
        authority=parts.netloc,
        path=parts.path or "/",
        query=parts.query or None,
    )
    parameters = {
        "created": now,
        "keyid": key.keyid,
        "alg": key.algorithms[0],
        "nonce": secrets.token_urlsafe(12),
        "tag": TAG,
    }
    return {**told, **dict(signatures.sign(message, [(name, {}) for name in COMPONENTS], parameters, key, LABEL))}
