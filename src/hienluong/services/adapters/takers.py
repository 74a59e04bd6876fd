"""Who takes the answer to a question that waited: a name, and a function that runs in the transaction of the answer."""

from __future__ import annotations

from collections.abc import Callable

from hienluong.foundation.actions import Act

from .base import Answer
from .faults import Fault
from .models import Pending

#: Gets the answer, or the fault that ended the waiting. It changes what is its own, and calls nobody outside.
Taker = Callable[[Act, Pending, Answer | None, Fault | None], None]
_takers: dict[str, Taker] = {}


def register(name: str, taker: Taker) -> None:
    """Hand a taker over (called from ``ready()``)."""
    _takers[name] = taker


def take(act: Act, pending: Pending, answer: Answer | None, fault: Fault | None) -> None:
    """Give an answer to whoever asked; nobody there any more: it is settled without them."""
    taker = _takers.get(pending.taker)
    if taker is not None:
        taker(act, pending, answer, fault)
