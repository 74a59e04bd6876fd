"""The gateway's record of calls: what Envoy writes for each, and how it is read back.

One JSON object a line. No path, no query, no body: paths carry personal numbers. In their place is the name of the route.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: Between the parts of a route's name; neither is found in a code, a name or an agreement.
_BETWEEN = "|"

#: What Envoy writes; one letter or two for each member, because there are many lines.
FORMAT = {
    "t": "%START_TIME(%s.%3f)%",
    "r": "%ROUTE_NAME%",
    "a": "%REQ(X-AGREEMENT):60%",
    "c": "%REQ(X-CLIENT-ID)%",
    "p": "%REQ(X-PURPOSE):600%",
    "s": "%RESPONSE_CODE%",
    "f": "%RESPONSE_FLAGS%",
    "w": "%RESPONSE_CODE_DETAILS%",
    "ms": "%DURATION%",
    "i": "%BYTES_RECEIVED%",
    "o": "%BYTES_SENT%",
    "ip": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "id": "%REQ(X-REQUEST-ID)%",
}


#: What is written of a connection that was refused before there was a call in it.
CONNECTION_FORMAT = {
    "t": "%START_TIME(%s.%3f)%",
    "ip": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "f": "%RESPONSE_FLAGS%",
    "tls": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
    "w": "%CONNECTION_TERMINATION_DETAILS%",
    "ms": "%DURATION%",
    "i": "%BYTES_RECEIVED%",
}
#: Which connections these are (CEL).
REFUSED_CONNECTION = "connection.transport_failure_reason != '' || connection.termination_details != ''"


class NoCall(ValueError):
    """A line that is no record of a call: cut off by a power cut, or not ours."""


@dataclass(frozen=True)
class Call:
    """One call. `service`, `operation` and `agreement` are empty when nothing fitted, and then `claimed` is all there is."""

    at: datetime  # when it began, UTC
    service: str
    major: int
    operation: str
    agreement: str
    claimed: str  # the agreement that the caller named
    client: str  # client_id of the token; empty without a valid one
    purpose: str
    status: int  # 0: the caller went away before an answer
    flags: str  # why Envoy answered by itself: UF, UH, RL …; empty when the provider answered
    details: str
    milliseconds: int
    received: int  # bytes of the body
    sent: int
    address: str
    request_id: str

    @property
    def refused(self) -> bool:
        """Whether the gateway did not let it through."""
        return self.details.startswith(("rbac_access_denied", "jwt_authn_access_denied", "local_rate_limited")) or (
            not self.service
        )


def route_name(service: str, major: int, operation: str, agreement: str) -> str:
    """The name of a route, as it stands in the record."""
    return _BETWEEN.join((service, str(major), operation, agreement))


def read(line: str | bytes) -> Call:
    """One line; raises :class:`NoCall` for what is none."""
    try:
        told: dict[str, Any] = json.loads(line)
        service, major, operation, agreement = (told.get("r") or "|0||").split(_BETWEEN)
        return Call(
            at=datetime.fromtimestamp(float(told["t"]), UTC),
            service=service,
            major=int(major),
            operation=operation,
            agreement=agreement,
            claimed=told.get("a") or "",
            client=told.get("c") or "",
            purpose=told.get("p") or "",
            status=int(told["s"]),
            flags=told.get("f") or "",
            details=told.get("w") or "",
            milliseconds=int(told.get("ms") or 0),
            received=int(told.get("i") or 0),
            sent=int(told.get("o") or 0),
            address=told.get("ip") or "",
            request_id=told.get("id") or "",
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as problem:
        raise NoCall(str(problem)) from None
