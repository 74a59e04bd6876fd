"""How sure we are who is there, and how that was shown: ``acr``, ``amr``, ``auth_time``.

Level 1: a password. Level 2: a second factor, or an electronic identity of level 2 (Decree 69/2024/NĐ-CP). Level 3: a
passkey, which nobody can be talked into giving away.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

ACR = {1: "urn:hienluong:loa:1", 2: "urn:hienluong:loa:2", 3: "urn:hienluong:loa:3"}
LEVEL = {name: level for level, name in ACR.items()}


@dataclass(frozen=True)
class Shown:
    """What the person at this session has shown: the level, the ways (RFC 8176), the last moment (seconds, epoch)."""

    level: int
    amr: tuple[str, ...]
    at: int

    def claims(self) -> dict[str, Any]:
        """The claims of an ID token."""
        return {"acr": ACR[self.level], "amr": list(self.amr), "auth_time": self.at}

    def kept(self) -> dict[str, Any]:
        """As it is kept with a code or a token."""
        return asdict(self)


def shown(request: HttpRequest) -> Shown:
    """What this session's sign-in, and proofs since, have shown."""
    records = get_authentication_records(request, request.user)
    amr: list[str] = []
    level, at = 1, 0
    for record in records:
        at = max(at, int(float(record["at"])))
        if record.get("method") == "password":
            amr.append("pwd")
        elif record.get("method") == "eid":
            amr.append("eid")
            level = max(level, min(int(record["level"]), 2))
        elif record.get("type") == "webauthn":
            amr += ["hwk", "user"] if record.get("passwordless") else ["hwk"]
            level = 3
        elif record.get("method") == "mfa":
            amr.append("otp")
            level = max(level, 2)
    ways = tuple(dict.fromkeys([*amr, "mfa"] if level > 1 else amr))
    if not at:  # signed in by a command or a test: that the account is entered is all that is known
        at = int(request.user.last_login.timestamp()) if getattr(request.user, "last_login", None) else 0  # type: ignore[union-attr]
    return Shown(level, ways, at)
