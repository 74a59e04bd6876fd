"""Whether an ID token is what it says: signed by the provider, for us, for this very sign-in, now.

(OpenID Connect Core 1.0, 3.1.3.7; RFC 8725.)
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt

from . import wire
from .configured import Provider
from .refusals import Refused

#: Seconds by which clocks may differ.
LEEWAY = 30
#: A token issued longer ago is not of this sign-in, in seconds.
OLDEST = 600
_REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512, "EdDSA": hashlib.sha512}


def verified(provider: Provider, where: wire.Endpoints, token: Any, *, nonce: str, access_token: str) -> dict[str, Any]:
    """The claims of the token. Raises :class:`Refused` with the reason, :class:`wire.Away` when there are no keys."""
    if not isinstance(token, str):
        raise Refused("no_token")
    header = _header(token)
    algorithm = str(header.get("alg"))
    if algorithm not in provider.algorithms:
        raise Refused("algorithm", algorithm)
    key = _key(where, header, algorithm)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": _REQUIRED, "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:
        raise Refused(_why(error), type(error).__name__) from error
    _of_this_sign_in(provider, claims, nonce)
    _beside(claims, access_token, algorithm)
    return claims


def _header(token: str) -> dict[str, Any]:
    try:
        return dict(jwt.get_unverified_header(token))
    except jwt.PyJWTError as error:
        raise Refused("no_token", type(error).__name__) from error


def _key(where: wire.Endpoints, header: dict[str, Any], algorithm: str) -> jwt.PyJWK:
    """The published key that the token names; the keys are read once more when it is not among them."""
    for published in (wire.keys, wire.keys_again):
        found = [key for key in published(where) if _may_have_signed(key, header.get("kid"), algorithm)]
        if len(found) == 1:
            try:
                return jwt.PyJWK(found[0], algorithm)
            except (jwt.PyJWTError, ValueError, KeyError, TypeError):  # such as a key of another kind under this name
                raise Refused("unknown_key", "unusable") from None
    raise Refused("unknown_key", str(header.get("kid"))[:80])


def _may_have_signed(key: dict[str, Any], named: Any, algorithm: str) -> bool:
    """Without a name in the token only a single key will do."""
    fits = key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
    return fits and (named is None or key.get("kid") == named)


def _of_this_sign_in(provider: Provider, claims: dict[str, Any], nonce: str) -> None:
    told = claims["nonce"]
    if not isinstance(told, str) or not secrets.compare_digest(told.encode(), nonce.encode()):
        raise Refused("nonce")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise Refused("audience", "azp")
    if int(claims["iat"]) < time.time() - OLDEST - LEEWAY:
        raise Refused("expired", "iat")
    if not claims["sub"] or len(claims["sub"]) > 255:
        raise Refused("no_token", "sub")


def _beside(claims: dict[str, Any], access_token: str, algorithm: str) -> None:
    """The access token that came beside is the one meant (``at_hash``, when it is there)."""
    if "at_hash" not in claims:
        return
    digest = _HASHES[algorithm if algorithm == "EdDSA" else algorithm[2:]](access_token.encode()).digest()
    half = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if not secrets.compare_digest(half.encode(), str(claims["at_hash"]).encode()):
        raise Refused("no_token", "at_hash")


def _why(error: jwt.PyJWTError) -> str:
    """Our code for what PyJWT found."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return {"nonce": "nonce", "aud": "audience", "iss": "issuer", "exp": "expired", "iat": "expired"}.get(
            error.claim, "no_token"
        )
    reasons: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
        (jwt.ExpiredSignatureError, "expired"),
        (jwt.ImmatureSignatureError, "not_yet"),
        (jwt.InvalidIssuerError, "issuer"),
        (jwt.InvalidAudienceError, "audience"),
        (jwt.InvalidSignatureError, "signature"),
        (jwt.InvalidAlgorithmError, "algorithm"),
        (jwt.InvalidKeyError, "unknown_key"),
    )
    return next((code for kind, code in reasons if isinstance(error, kind)), "no_token")
