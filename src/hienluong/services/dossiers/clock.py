"""The dossier's clock: due dates set, stopped and moved, each with its explanation kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from hienluong.foundation.calendars import deadlines
from hienluong.foundation.calendars.deadlines import Deadline
from hienluong.services.procedures.rules import Cutoff
from hienluong.services.procedures.spec import DeadlineRule

from .models import DeadlineChange, Dossier, Pause, Supplement


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
    import cel

    try:
        return bool(cel.evaluate(expression, data))
    except (ValueError, RuntimeError, TypeError):
        return False  # a field that was not asked: the condition is not met


def cutoff_of(dossier: Dossier) -> Cutoff | None:
    """The rule after which hour reception counts from the next working day: the procedure's own, else the rule set's."""
    return dossier.procedure_version.spec.rule_overrides.cutoff or dossier.rule_set.spec.cutoff


def due_from(dossier: Dossier, start: datetime) -> tuple[Deadline, DeadlineRule]:
    """The deadline counted from `start` in the working time of the competent organisation."""
    rule, cutoff = rule_for(dossier), cutoff_of(dossier)
    deadline = deadlines.compute(start, rule.amount, rule.unit, dossier.competent, cutoff.at if cutoff else None)
    return deadline, rule


def lines_of(deadline: Deadline) -> list[dict[str, Any]]:
    """The explanation of a deadline as plain data: one row a day."""
    return [
        {"day": line.day.isoformat(), "counted": line.counted, "reason": str(line.reason), "hours": str(line.hours)}
        for line in deadline.lines
    ]


def set_due(dossier: Dossier, start: datetime, kind: DeadlineChange.Kind) -> None:
    """Set the due date counted from `start` and keep why, with the basis of each rule that was used."""
    deadline, rule = due_from(dossier, start)
    lines, basis = _explained(dossier, start, deadline, rule.legal_basis)
    _move(dossier, deadline.due, kind, lines, basis, lawful=deadline.due)


def _explained(dossier: Dossier, start: datetime, deadline: Deadline, basis: str) -> tuple[list[dict[str, Any]], str]:
    """The lines of a deadline and its legal basis; a cutoff that moved the beginning names its own."""
    lines, cutoff, local = lines_of(deadline), cutoff_of(dossier), timezone.localtime(start)
    if (
        cutoff is None
        or not cutoff.legal_basis
        or local.time() <= cutoff.at
        or not deadlines.is_working_day(local.date(), dossier.competent)
    ):
        return lines, basis
    lines[0]["reason"] = f"{lines[0]['reason']} ({cutoff.legal_basis})"
    return lines, "; ".join(filter(None, (basis, cutoff.legal_basis)))


def pause(dossier: Dossier, reason: str, at: datetime) -> None:
    """Stop the clock."""
    Pause.objects.create(dossier=dossier, reason=reason, started_at=at)


def resume(dossier: Dossier, at: datetime) -> None:
    """Start the clock again after the person answered.

    The working time that passed is added to the due date; where the rule set says so, the whole time begins anew.
    What was late before the clock stopped stays late.
    """
    waiting = _end_pause(dossier, at)
    if waiting is None or dossier.due_at is None:
        return
    lawful = lawful_due(dossier) or dossier.due_at
    rule = dossier.rule_set.spec.supplement_rule("review") if waiting.reason == "supplement" else None
    kind, basis = DeadlineChange.Kind.SUPPLEMENT, rule.legal_basis if rule else ""
    if rule and rule.restarts_clock:
        anew, _rule = due_from(dossier, at)
        lines, basis = _explained(dossier, at, anew, basis)
        _move(dossier, anew.due, kind, lines, basis, lawful=lawful if lawful < waiting.started_at else anew.due)
        return
    unit = rule_for(dossier).unit
    longer = deadlines.extend(dossier.due_at, waiting.started_at, at, dossier.competent, unit)
    later = deadlines.extend(lawful, waiting.started_at, at, dossier.competent, unit)
    _move(dossier, longer.due, kind, lines_of(longer), basis, lawful=later.due)


def stand_still(dossier: Dossier, at: datetime) -> None:
    """The dossier ends: nothing is waited for any more, and the due date stays as it was."""
    _end_pause(dossier, at)
    Supplement.objects.filter(dossier=dossier, answered_at__isnull=True).update(
        answered_at=at, answer_note=gettext("Hồ sơ kết thúc khi chưa được bổ sung.")
    )


def _end_pause(dossier: Dossier, at: datetime) -> Pause | None:
    waiting = Pause.objects.filter(dossier=dossier, ended_at__isnull=True).first()
    if waiting:
        waiting.ended_at = at
        waiting.save(update_fields=("ended_at",))
    return waiting


def promise(dossier: Dossier, due: datetime, kind: DeadlineChange.Kind, legal_basis: str, why: str = "") -> None:
    """Set a due date that an official names. Reopening makes it the lawful one; an apology leaves that as it was."""
    lawful = lawful_due(dossier) if kind == DeadlineChange.Kind.APOLOGY else due
    today = timezone.localdate().isoformat()
    lines = [{"day": today, "counted": False, "reason": why, "hours": "0"}] if why else []
    _move(dossier, due, kind, lines, legal_basis, lawful=lawful)


def lawful_due(dossier: Dossier) -> datetime | None:
    """The due date that decides on time or late: an apology promises a new day but does not make the delay undone."""
    changes = list(dossier.deadline_changes.order_by("-at", "-pk"))
    if changes and changes[0].lawful_after:
        return changes[0].lawful_after
    counted = next((change for change in changes if change.kind != DeadlineChange.Kind.APOLOGY), None)
    return counted.due_after if counted else dossier.due_at


def _move(
    dossier: Dossier,
    due: datetime,
    kind: DeadlineChange.Kind,
    lines: list[dict[str, Any]],
    legal_basis: str,
    *,
    lawful: datetime | None,
) -> None:
    DeadlineChange.objects.create(
        dossier=dossier,
        kind=kind,
        due_before=dossier.due_at,
        due_after=due,
        lawful_after=lawful,
        lines=lines,
        legal_basis=legal_basis[:300],
        at=timezone.now(),
    )
    dossier.original_due_at = dossier.original_due_at or due
    dossier.due_at = due
