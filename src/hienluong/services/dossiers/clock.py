"""The dossier's clock: due dates set, stopped and moved, each with its explanation kept."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import cel
from django.utils import timezone

from hienluong.foundation.calendars import deadlines
from hienluong.foundation.calendars.deadlines import Deadline
from hienluong.services.procedures.spec import DeadlineRule

from .models import DeadlineChange, Dossier, Pause


def rule_for(dossier: Dossier) -> DeadlineRule:
    """The deadline rule of the dossier's way of filing: the first whose condition holds for what was filled in."""
    spec = dossier.procedure_version.spec
    channel = "online" if dossier.channel == "national_portal" else dossier.channel
    rules = spec.deadlines_for(channel)
    for rule in rules:
        if rule.when and _holds(rule.when, dossier.data):
            return rule
    return next((rule for rule in rules if not rule.when), rules[-1])


def _holds(expression: str, data: dict[str, Any]) -> bool:
    try:
        return bool(cel.evaluate(expression, data))
    except (ValueError, RuntimeError, TypeError):
        return False  # a field that was not asked: the condition is not met


def cutoff_of(dossier: Dossier) -> time | None:
    """The hour after which reception counts from the next working day: the procedure's own, else the rule set's."""
    own = dossier.procedure_version.spec.rule_overrides.get("cutoff")
    if own:
        return time.fromisoformat(str(own))
    cutoff = dossier.rule_set.spec.cutoff
    return cutoff.at if cutoff else None


def due_from(dossier: Dossier, start: datetime) -> tuple[Deadline, DeadlineRule]:
    """The deadline counted from `start` in the working time of the competent organisation."""
    rule = rule_for(dossier)
    deadline = deadlines.compute(start, rule.amount, rule.unit, dossier.competent, cutoff_of(dossier))
    return deadline, rule


def lines_of(deadline: Deadline) -> list[dict[str, Any]]:
    """The explanation of a deadline as plain data: one row a day."""
    return [
        {"day": line.day.isoformat(), "counted": line.counted, "reason": str(line.reason), "hours": str(line.hours)}
        for line in deadline.lines
    ]


def set_due(dossier: Dossier, start: datetime, kind: DeadlineChange.Kind) -> None:
    """Set the due date counted from `start` and keep why."""
    deadline, rule = due_from(dossier, start)
    _move(dossier, deadline.due, kind, lines_of(deadline), rule.legal_basis)


def pause(dossier: Dossier, reason: str, at: datetime) -> None:
    """Stop the clock."""
    Pause.objects.create(dossier=dossier, reason=reason, started_at=at)


def resume(dossier: Dossier, at: datetime) -> None:
    """Start the clock again; the working time that passed is added to the due date."""
    waiting = Pause.objects.filter(dossier=dossier, ended_at__isnull=True).first()
    if waiting is None:
        return
    waiting.ended_at = at
    waiting.save(update_fields=("ended_at",))
    if dossier.due_at:
        deadline = deadlines.extend(dossier.due_at, waiting.started_at, at, dossier.competent, rule_for(dossier).unit)
        _move(dossier, deadline.due, DeadlineChange.Kind.SUPPLEMENT, lines_of(deadline), "")


def promise(dossier: Dossier, due: datetime, kind: DeadlineChange.Kind, legal_basis: str) -> None:
    """Set a due date that an official names (apology, reopening)."""
    _move(dossier, due, kind, [], legal_basis)


def lawful_due(dossier: Dossier) -> datetime | None:
    """The due date that decides on time or late: an apology promises a new day but does not make the delay undone."""
    change = dossier.deadline_changes.exclude(kind=DeadlineChange.Kind.APOLOGY).order_by("-at", "-pk").first()
    return change.due_after if change else dossier.due_at


def _move(
    dossier: Dossier, due: datetime, kind: DeadlineChange.Kind, lines: list[dict[str, Any]], legal_basis: str
) -> None:
    DeadlineChange.objects.create(
        dossier=dossier,
        kind=kind,
        due_before=dossier.due_at,
        due_after=due,
        lines=lines,
        legal_basis=legal_basis,
        at=timezone.now(),
    )
    dossier.original_due_at = dossier.original_due_at or due
    dossier.due_at = due
