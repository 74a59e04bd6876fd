"""Who takes the answer to a question that waited: a name, and functions that run in the transaction of what they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hienluong.foundation.actions import Act

from .base import Answer
from .faults import Fault
from .models import Pending

#: Gets the answer, or the fault that ended the waiting. It changes what is its own, and calls nobody outside.
Take = Callable[[Act, Pending, Answer | None, Fault | None], None]
#: Is told of each try in vain, after which the question goes on waiting.
Wait = Callable[[Act, Pending, Fault], None]
#: Whether the answer is still of use; what is not is never asked.
Wanted = Callable[[Pending], bool]


@dataclass(frozen=True)
class Taker:
    """What is called of whoever asked."""

    take: Take
    wait: Wait | None = None
    wanted: Wanted | None = None


_takers: dict[str, Taker] = {}


def register(name: str, take: Take, *, wait: Wait | None = None, wanted: Wanted | None = None) -> None:
    """Hand a taker over (called from ``ready()``)."""
    _takers[name] = Taker(take, wait, wanted)


def take(act: Act, pending: Pending, answer: Answer | None, fault: Fault | None) -> None:
    """Give an answer to whoever asked; nobody there any more: it is settled without them."""
    if taker := _takers.get(pending.taker):
        taker.take(act, pending, answer, fault)


def wait(act: Act, pending: Pending, fault: Fault) -> None:
    """Tell whoever asked that it goes on waiting."""
    taker = _takers.get(pending.taker)
    if taker and taker.wait:
        taker.wait(act, pending, fault)


def wanted(pending: Pending) -> bool:
    """Whether whoever asked still wants the answer."""
    taker = _takers.get(pending.taker)
    return taker is None or taker.wanted is None or taker.wanted(pending)
