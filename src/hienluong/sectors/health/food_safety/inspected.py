"""When premises were inspected last, and how serious what was found was: from the register of inspections and from check lists
that were signed, whichever is later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from hienluong.capabilities.scoring import queries
from hienluong.capabilities.scoring.models import Assessment
from hienluong.foundation.actions import Actor

from . import reading

#: The kind of fault of a check list that counts as a serious violation.
SERIOUS = "major"


@dataclass(frozen=True)
class Inspection:
    """One inspection of premises: their key, the day, the number of serious violations."""

    premises: str
    day: date
    serious: int


def last(actor: Actor) -> dict[str, Inspection]:
    """The last inspection of each of the premises, by key, of what `actor` may read; two statements."""
    return latest([*_recorded(actor), *_signed(actor)])


def latest(found: Iterable[Inspection]) -> dict[str, Inspection]:
    """The latest of each; of two on the same day the one that found more."""
    known: dict[str, Inspection] = {}
    for one in found:
        before = known.get(one.premises)
        if before is None or (before.day, before.serious) < (one.day, one.serious):
            known[one.premises] = one
    return known


def _recorded(actor: Actor) -> Iterator[Inspection]:
    for one in reading.rows(actor, reading.INSPECTIONS, ("premises", "inspected_on", "serious")):
        yield Inspection(str(one["premises"]), date.fromisoformat(one["inspected_on"]), int(one["serious"] or 0))


def _signed(actor: Actor) -> Iterator[Inspection]:
    signed = queries.visible(actor).filter(register=reading.PREMISES, state=Assessment.State.SIGNED)
    for key, day, verdict in signed.values_list("target_key", "day", "verdict")[: reading.MOST]:
        if verdict:  # what is signed has one
            yield Inspection(key, day, int(verdict["faults"].get(SERIOUS, 0)))
