"""The rows of one dossier of the demo, and writing one more down: a step, a paper, a due date that moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from hienluong.capabilities.payments.models import Charge, Notice, Payment, Receipt, Refund
from hienluong.capabilities.workflow.models import Instance
from hienluong.foundation.organisations.models import Official
from hienluong.services.dossiers.models import (
    CheckedPaper,
    DeadlineChange,
    Dossier,
    DossierPaper,
    Handover,
    IssuedPaper,
    Opinion,
    Pause,
    Result,
    Supplement,
)
from hienluong.services.surveys.models import Rating


@dataclass(frozen=True)
class Fate:
    """What the demo wants of one dossier; `late_days` working days late today for one that hangs."""

    end: str = "served"  # served, refused, withdrawn, stuck
    late_days: int = 0
    supplement: bool = False
    late: bool = False
    denied: bool = False
    apologised: bool = False


@dataclass
class Money:
    """A charge with what came in for it."""

    charge: Charge
    payment: Payment | None = None
    receipt: Receipt | None = None
    notice: Notice | None = None
    refund: Refund | None = None


@dataclass
class Life:
    """The rows of one dossier."""

    dossier: Dossier
    process: Instance
    handovers: list[Handover] = field(default_factory=list)
    changes: list[DeadlineChange] = field(default_factory=list)
    papers: list[DossierPaper] = field(default_factory=list)
    checked: list[CheckedPaper] = field(default_factory=list)
    issued: list[IssuedPaper] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    supplements: list[Supplement] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)
    result: Result | None = None
    rating: Rating | None = None


def day_of(life: Life) -> date:
    """The day of filing in Việt Nam."""
    return timezone.localdate(life.dossier.submitted_at)


def step(
    life: Life,
    verb: str,
    at: datetime,
    *,
    label: str,
    who: Official | None = None,
    outcome: str = "",
    public_note: str = "",
) -> None:
    """One more row of the control sheet."""
    life.handovers.append(
        Handover(
            dossier=life.dossier,
            verb=verb,
            from_official=who,
            from_label=label,
            organization=life.dossier.competent if verb != "file" else None,
            at=at,
            outcome=outcome,
            public_note=public_note,
            state_after=life.dossier.state,
        )
    )


def done(life: Life, task: str, outcome: str) -> None:
    """One more step of the process."""
    life.process.history.append({"task": task, "outcome": outcome})


def issue(life: Life, kind: str, at: datetime, who: Official | None, label: str, **context: Any) -> None:
    """One of the legal papers, in the form that the dossier's own rules name."""
    form = life.dossier.rule_set.spec.paper(kind)
    life.issued.append(
        IssuedPaper(
            dossier=life.dossier,
            kind=kind,
            context={
                **context,
                "form_number": form.form_number if form else "",
                "title": form.title if form else "",
            },
            issued_by=who,
            issued_by_label=label,
            issued_at=at,
        )
    )


def move(life: Life, kind: DeadlineChange.Kind, due: datetime, at: datetime, lines: list[Any], basis: str) -> None:
    """The due date moves, with its explanation."""
    dossier = life.dossier
    life.changes.append(
        DeadlineChange(
            dossier=dossier,
            kind=kind,
            due_before=dossier.due_at,
            due_after=due,
            lines=lines,
            legal_basis=basis,
            at=at,
        )
    )
    dossier.original_due_at = dossier.original_due_at or due
    dossier.due_at = due
