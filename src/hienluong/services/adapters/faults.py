"""What can go wrong when another system is asked, in classes that decide what is done next. Nothing here imports Django.

`final`: the same question again would get the same answer, so nobody asks again by himself. `counts`: it says that the
system is ill, so a row of these opens the circuit. `sent`: the question may have arrived, and what it asks may be done.
"""

from __future__ import annotations

from typing import ClassVar


class Fault(RuntimeError):
    """No answer that can be used. The text is for whoever looks after the line; it holds no personal data."""

    kind: ClassVar[str] = "down"
    final: ClassVar[bool] = False
    counts: ClassVar[bool] = False

    def __init__(self, why: str, *, sent: bool = True, retry_after: float | None = None, status: int = 0) -> None:
        super().__init__(why[:300])
        self.sent, self.retry_after, self.status = sent, retry_after, status


class NotConnected(Fault):
    """This installation has no connection to the system, or no access right for this service of it."""

    kind = "off"
    final = True

    def __init__(self, why: str) -> None:
        super().__init__(why, sent=False)


class Down(Fault):
    """Nobody there, or a fault of theirs."""

    kind = "down"
    counts = True


class Slow(Fault):
    """No whole answer in time. Whether they did what was asked is not known."""

    kind = "slow"
    counts = True


class Busy(Fault):
    """They ask us to come later (429, or 503 with ``Retry-After``): nobody asks before `retry_after` seconds are over."""

    kind = "busy"


class Wrong(Fault):
    """An answer that cannot be believed: not JSON, not of the agreed shape, or to another question."""

    kind = "wrong"
    counts = True


class Duplicate(Fault):
    """They have this already, or have two where one was asked for: a person must look."""

    kind = "duplicate"
    final = True


class Refused(Fault):
    """They have understood and said no: wrong certificate, no access right, a question that they do not take."""

    kind = "refused"
    final = True


class NotThere(Fault):
    """They do not know what was asked about."""

    kind = "not_found"
    final = True
