"""What every act on a task has in common: the lock, the entry of its timeline, what is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotFound
from hienluong.foundation.schemas.cleaning import storable

from .. import subjects
from ..models import Assignment, Entry

#: Longest text of a report, a reason, an answer.
MOST_TEXT = 10_000


def lock(assignment: Assignment) -> Assignment:
    """The task as it is now, locked until the transaction ends; what it comes from is locked before it."""
    subjects.of(assignment.subject_ref).hold(assignment.subject_ref)
    found = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("official", "organization", "giver", "giver_agency", "parent")
        .filter(pk=assignment.pk)
        .first()
    )
    if found is None:
        raise NotFound(_("Không tìm thấy việc này."))
    return found


def require_state(assignment: Assignment, states: Iterable[str]) -> None:
    """Raise :class:`DomainError` unless the task stands in one of these states."""
    if assignment.state not in states:
        raise DomainError(
            _("Việc này không làm được khi việc được giao ở trạng thái “%(state)s”.")
            % {"state": assignment.get_state_display()},
            code="assignments.wrong_state",
        )


def words(text: str, field: str, fault: str) -> str:
    """Text that somebody must give; InvalidInput with `fault` when it is empty."""
    tidy = optional(text)
    if not tidy:
        raise InvalidInput(fault, field=field)
    return tidy


def optional(text: str) -> str:
    """Text as it can be kept."""
    return storable(text).replace("\r\n", "\n").strip()[:MOST_TEXT]


def note(act: Act, assignment: Assignment, kind: str, text: str = "", progress: int | None = None) -> Entry:
    """Add to the timeline of a task."""
    return Entry.objects.create(
        assignment=assignment,
        kind=kind,
        at=timezone.now(),
        by_id=act.actor.official_id,
        by_label=act.actor.label[:200],
        progress=progress,
        text=text,
    )


def changed(act: Act, assignment: Assignment, verb: str, before: dict[str, Any], **more: Any) -> None:
    """Write down that a task changed, tell it as the event ``assignment.<verb>``, and tell what it comes from."""
    act.record(
        assignment,
        before=before,
        after={"state": assignment.state, **more},
        organization_id=assignment.giver_agency_id,
    )
    act.emit(
        f"assignment.{verb}",
        assignment,
        {"subject_ref": assignment.subject_ref, "organization": assignment.organization_id, "part": assignment.part},
    )
    subjects.of(assignment.subject_ref).changed(act, assignment, verb)
