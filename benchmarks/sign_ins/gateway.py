"""A gateway that stands before services: it has our public keys and checks the access tokens of all who come, asking nobody."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jwt


@dataclass(frozen=True)
class Checked:
    """What came of it: how many tokens were good, how many a second, and how often the network was used meanwhile."""

    good: int
    rate: float
    calls: int


class Gateway:
    """Takes tokens of one issuer for one audience, signed with the keys that were fetched once."""

    def __init__(self, keys: dict[str, Any], issuer: str) -> None:
        self.keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(keys).keys}
        self.issuer = issuer

    def admits(self, token: str) -> bool:
        """Whether a token is good: whose signature, from whom, for whom, until when (RFC 9068, section 4)."""
        try:
            key = self.keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                issuer=self.issuer,
                audience=self.issuer,
                options={"require": ["exp", "iat", "client_id"]},
            )
        except (jwt.PyJWTError, KeyError):
            return False
        return claims.get("token_use") == "access"


_calls = [0]


def _count(event: str, _told: object) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        _calls[0] += 1


def check(gateway: Gateway, tokens: Iterable[str]) -> Checked:
    """Check tokens one after the other; Python itself tells each time the network is used."""
    sys.addaudithook(_count)
    before, good, number, began = _calls[0], 0, 0, time.perf_counter()
    for token in tokens:
        good += gateway.admits(token)
        number += 1
    taken = time.perf_counter() - began
    return Checked(good, number / taken, _calls[0] - before)


def forged(token: str) -> list[str]:
    """What looks like this token and is not: other claims under its signature, no signature, another's key."""
    head, claims, signature = token.split(".")
    other = jwt.encode({**_claims(token), "scope": "all"}, "x" * 32, algorithm="HS256", headers={"kid": _kid(token)})
    unsigned = jwt.encode(_claims(token), "", algorithm="none", headers={"kid": _kid(token)})
    return [f"{head}.{other.split('.')[1]}.{signature}", f"{head}.{claims}.{signature[::-1]}", other, unsigned]


def _claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def _kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])
