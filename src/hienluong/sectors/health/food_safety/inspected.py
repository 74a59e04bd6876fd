"""When premises were inspected last, and how serious what was found was: from the register of inspections and from check lists
that were signed, whichever is later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

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


def purpose() -> str:
    """What the plan of inspections reads registers for, in words."""
    return _("Lập kế hoạch kiểm tra an toàn thực phẩm")


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
    for one in reading.rows(actor, reading.INSPECTIONS, ("premises", "inspected_on", "serious"), purpose()):
        yield Inspection(str(one["premises"]), date.fromisoformat(one["inspected_on"]), int(one["serious"] or 0))


def _signed(actor: Actor) -> Iterator[Inspection]:
    signed = queries.visible(actor).filter(register=reading.PREMISES, state=Assessment.State.SIGNED)
    for key, day, faults in signed.values_list("target_key", "day", "verdict__faults").iterator(
        chunk_size=reading.PART
    ):
        yield Inspection(key, day, int((faults or {}).get(SERIOUS, 0)))
