"""The keys that sign tokens: one signs, the next is published ahead, those before stay as long as what they signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from allauth.core.internal import jwkkit
from allauth.idp.oidc.models import PrivateKey
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from jwt.types import Options

from . import questions
from .models import SigningKey

#: How long one key signs.
SIGNS_FOR = timedelta(days=90)
#: How long before it signs a key is published: systems fetch keys once an hour, some once a day.
AHEAD = timedelta(days=2)
#: How long a key stays after the next one signs: longer than any token lives.
OVERLAP = timedelta(days=2)
_BITS = 2048
#: The keys that were read last, and how it stood with them then.
_read: tuple[list[Any] | None, list[SigningKey]] = (None, [])


@lru_cache(maxsize=16)
def opened(pem: str) -> tuple[dict[str, Any], rsa.RSAPrivateKey]:
    """The public key as a JWK, and the private key ready to sign. Reading one proves its primes, which takes longer than
    all the rest of a token: so it is done once a process."""
    read: tuple[dict[str, Any], rsa.RSAPrivateKey] = jwkkit.load_jwk_from_pem(pem)
    return read


def hint(token: str, audience: str | None = None) -> dict[str, Any] | None:
    """The claims of an ID token that we gave (to `audience`), however old it is: who is meant, not that somebody is there.

    ``None`` for what we did not sign with a key that is still published, and for what was given to another.
    """
    try:
        named = jwt.get_unverified_header(token).get("kid")
        for key in published():
            public, private = opened(key.pem)
            if public["kid"] == named:
                options: Options = {"verify_exp": False, "verify_aud": audience is not None}
                return jwt.decode(
                    token,
                    private.public_key(),
                    algorithms=["RS256"],
                    audience=audience,
                    issuer=settings.BASE_URL,
                    options=options,
                )
    except jwt.PyJWTError:
        return None
    return None


def published(state: list[Any] | None = None) -> list[PrivateKey]:
    """The keys to publish, in the shape in which allauth takes them; makes the first one.

    `state`: how it stands with the keys in the database just now (:class:`questions.Door`). Those of the same state are
    read once a process.
    """
    global _read
    now = timezone.now()
    held = _read[1] if state is not None and state == _read[0] else questions.keys()
    if state is not None:
        _read = (state, held)
    held = [key for key in held if key.published_until is None or key.published_until > now]
    if not any(key.signs_from <= now for key in held):
        rotate()
        return published()
    return [
        PrivateKey(pem=key.pem, not_before=key.signs_from, expires_at=key.published_until, issued_at=key.signs_from)
        for key in held
    ]


def rotate(*, now_at_once: bool = False) -> SigningKey | None:
    """Make the next key when it is time, and let those it follows go when theirs is; ``None`` when nothing was due.

    With `now_at_once` the next key signs at once and the others are no longer published: for a key that leaked.
    """
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sso.keys'))")
        newest = SigningKey.objects.order_by("signs_from").last()
        if now_at_once:
            SigningKey.objects.filter(Q(published_until=None) | Q(published_until__gt=now)).update(published_until=now)
            return _make(now)
        SigningKey.objects.filter(published_until__lt=now - OVERLAP).delete()
        if newest is None:
            return _make(now)
        if newest.signs_from > now or now < newest.signs_from + SIGNS_FOR - AHEAD:
            return None
        following = max(now + AHEAD, newest.signs_from + SIGNS_FOR)
        SigningKey.objects.filter(published_until=None).update(published_until=following + OVERLAP)
        return _make(following)


def _make(at: datetime) -> SigningKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    kid = opened(pem)[0]["kid"]
    return SigningKey.objects.create(kid=kid, pem=pem, signs_from=at)
