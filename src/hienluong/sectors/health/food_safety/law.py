"""Which decree governs on a day: what is suspended does not apply, and what it replaced applies again. Pure functions.

The instruments are dated data (``food_law.yaml``), so that a suspension is a line there and not a change here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

State = Literal["not_yet", "in_force", "suspended", "replaced"]


@dataclass(frozen=True)
class Suspension:
    """Days (both included) on which an instrument does not apply; `last` None: until somebody ends it."""

    first: date
    last: date | None
    by: str

    def holds(self, day: date) -> bool:
        """Whether the instrument is suspended on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Instrument:
    """A decree: from when it is in force, which one it replaces, when it was suspended, and which way products go."""

    number: str
    title: str
    effective_from: date
    way: str
    replaces: str = ""
    suspensions: tuple[Suspension, ...] = ()

    def suspended_by(self, day: date) -> str:
        """What suspends it on a day; empty when nothing does."""
        return next((one.by for one in self.suspensions if one.holds(day)), "")


def governing(instruments: Sequence[Instrument], day: date) -> Instrument | None:
    """The instrument that applies on a day; None before the first one."""
    return next((one for one in instruments if state(instruments, one, day) == "in_force"), None)


def state(instruments: Iterable[Instrument], instrument: Instrument, day: date) -> State:
    """What an instrument is on a day. It is replaced only by what applies then: not by what is suspended."""
    if day < instrument.effective_from:
        return "not_yet"
    if instrument.suspended_by(day):
        return "suspended"
    known = list(instruments)
    return "replaced" if _has_successor(known, instrument.number, day) else "in_force"


def _has_successor(instruments: Sequence[Instrument], number: str, day: date) -> bool:
    """Whether anything down the line of replacements applies: what replaces a suspended one replaces this one as well."""
    for one in instruments:
        if one.replaces != number or day < one.effective_from:
            continue
        if not one.suspended_by(day) or _has_successor(instruments, one.number, day):
            return True
    return False


@cache
def instruments() -> tuple[Instrument, ...]:
    """What the pack knows of the law on declaring products."""
    content = yaml.safe_load((Path(__file__).parent / "food_law.yaml").read_text("utf-8"))
    return tuple(
        Instrument(
            number=one["number"],
            title=one["title"],
            effective_from=one["effective_from"],
            way=one["way"],
            replaces=one.get("replaces", ""),
            suspensions=tuple(
                Suspension(stop["from"], stop.get("to"), stop["by"]) for stop in one.get("suspensions", ())
            ),
        )
        for one in content["instruments"]
    )
