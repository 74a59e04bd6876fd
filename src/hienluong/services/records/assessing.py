"""Assessments on the page of a record: the scoring forms it may be assessed by, and what was found before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from hienluong.capabilities.registers.models import Record
from hienluong.capabilities.scoring import installing, queries
from hienluong.capabilities.scoring.models import Assessment
from hienluong.capabilities.scoring.permissions import ASSESS
from hienluong.foundation.actions import Actor

#: So many assessments are named, the newest first.
MOST = 5


@dataclass(frozen=True)
class Past:
    """An assessment of this record: when, by which form, how it stands and what it came to."""

    pk: UUID
    day: date
    title: str
    state: str
    level: str
    colour: str


def forms(actor: Actor, code: str) -> list[tuple[str, str]]:
    """The scoring forms in force for records of this register, as code and title; none for those who do not assess."""
    if not actor.paths_with(ASSESS):
        return []
    specs = (installing.spec_of(one) for one in installing.in_force(timezone.localdate()))
    return [(spec.code, spec.title) for spec in specs if code in spec.targets]


def past(actor: Actor, record: Record) -> list[Past]:
    """The assessments of this record that `actor` may see, the newest first."""
    found = queries.visible(actor).filter(register=record.register.code, record=record.pk)[:MOST]
    return [_past(one) for one in found]


def _past(one: Assessment) -> Past:
    spec = installing.spec_of(one.definition)
    level = spec.level(one.level)
    return Past(
        pk=one.pk,
        day=one.day,
        title=spec.title,
        state=one.get_state_display(),
        level=level.label if level else "",
        colour=spec.colour(level),
    )
