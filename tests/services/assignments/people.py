"""An agency for the tests of tasks: a leader, two divisions, who works in them, and strangers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.assignments import actions
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment
from tests.factories import actor_for_role, make_org


@dataclass(frozen=True)
class House:
    """A department of a province with two divisions."""

    province: Organization
    agency: Organization
    division: Organization
    other_division: Organization
    chairman: Actor
    leader: Actor
    head: Actor
    other_head: Actor
    officer: Actor
    colleague: Actor


def make_house() -> House:
    """Everybody with their posts."""
    province = make_org("UBND tỉnh thử", code="H50", kind="province")
    agency = make_org("Sở Y tế", parent=province)
    division = make_org("Phòng Nghiệp vụ Y", kind="division", parent=agency)
    other = make_org("Phòng Tài chính", kind="division", parent=agency)
    return House(
        *(province, agency, division, other),
        chairman=actor_for_role("executive", province),
        leader=actor_for_role("leader", agency),
        head=actor_for_role("head", division),
        other_head=actor_for_role("head", other),
        officer=actor_for_role("officer", division),
        colleague=actor_for_role("officer", division),
    )


def strangers(house: House) -> dict[str, Actor]:
    """Everybody who has nothing to do with what the leader gives the division."""
    other = make_org("Sở Tài chính", parent=house.province)
    found = {
        role: actor_for_role(role, house.agency) for role in ("officer", "clerk", "admin", "auditor", "document_clerk")
    }
    found |= {f"{role} elsewhere": actor_for_role(role, other) for role in ("leader", "head", "officer")}
    return found | {
        "head of another division": house.other_head,
        "colleague": house.colleague,
        "nobody": Actor(),
        "overseer": actor_for_role("oversight", house.province),
    }


def official_of(actor: Actor) -> Official:
    """The official behind an actor."""
    return Official.objects.get(pk=actor.official_id)


def in_days(days: int) -> datetime:
    """A moment some days from now."""
    return timezone.now() + timedelta(days=days)


def to_division(house: House, **more: Any) -> Assignment:
    """What the leader gives the division, for five days."""
    said = {"title": "Rà soát số liệu tiêm chủng", "organization": house.division, "due_at": in_days(5)}
    return actions.give(house.leader, task=Task(**{**said, **more}))


def to_officer(house: House, parent: Assignment, **more: Any) -> Assignment:
    """What the head gives on to an officer of the division."""
    said = {"title": "Tổng hợp số liệu", "organization": house.division, "official": official_of(house.officer)}
    return actions.give_on(house.head, parent=parent, task=Task(**{**said, **more}))
