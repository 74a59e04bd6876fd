"""The frame of every step: the dossier locked, the process advanced, the control sheet written."""

from __future__ import annotations

from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.workflow import engine
from hienluong.capabilities.workflow.engine import NotAtThatStep, Standing
from hienluong.foundation.actions import Act, DomainError, NotFound
from hienluong.foundation.organisations.models import Organization

from . import competence, lawful, loading
from .charging import outstanding
from .lawful import DossierClosed
from .models import CLOSED_STATES, Dossier, Handover, PaymentState, State

#: What each lane of the processes is called where people read who has a dossier.
LANE_NAMES = {
    "clerk": _("Bộ phận một cửa"),
    "officer": _("Cán bộ thẩm định"),
    "upper": _("Cơ quan cấp trên"),
    "coordinator": _("Cơ quan phối hợp"),
    "head": _("Lãnh đạo phòng"),
    "leader": _("Lãnh đạo ký"),
}

__all__ = ["DossierClosed"]


class TooMuch(DomainError):
    """More was typed than is kept."""

    code = "dossiers.too_much"
    status = 413


def lock(dossier: Dossier | int) -> Dossier:
    """The dossier, locked until the transaction ends, with what every step needs."""
    found = loading.locked(dossier)
    if found is None:
        raise NotFound(_("Không tìm thấy hồ sơ."))
    return found


def require_lawful(act: Act, dossier: Dossier, verb: str) -> None:
    """Refuse when the verb has no place in the dossier's state, or when the dossier is the official's own matter."""
    if verb not in lawful.OWN_VERBS:
        lawful.require_impartial(act.actor, dossier)
    lawful.require(dossier, verb)


def require_task(dossier: Dossier, *tasks: str) -> str:
    """The first of `tasks` at which the dossier stands; otherwise refuse. A dossier that has ended stands nowhere."""
    lawful.require_open(dossier)
    for task in tasks:
        if task in dossier.process.ready:
            return task
    raise NotAtThatStep(_("Hồ sơ không ở bước này nữa. Hãy tải lại trang để xem trạng thái mới nhất."))


def advance(dossier: Dossier, task: str, outcome: str) -> Standing:
    """Complete a task of the dossier's process and place the dossier with whoever acts next."""
    standing = dossier.process.complete(task, outcome)
    place(dossier, standing)
    return standing


def was_proposed(dossier: Dossier) -> bool:
    """Whether the process, since reception, has been through what follows a proposal and came back to the review.

    False for a model that has no shorter way back.
    """
    tasks = engine.load(dossier.process.model.xml).tasks
    if "review" not in tasks or "revise" not in tasks["review"].outcomes:
        return False
    return {"task": "review", "outcome": "propose"} in dossier.process.history


def rewind(dossier: Dossier, history: list[dict[str, str]]) -> None:
    """Put the process back to where it stood after `history` (reopening by decision)."""
    place(dossier, dossier.process.rewind(history))


def place(dossier: Dossier, standing: Standing | None = None) -> None:
    """Note who must act now, from where the process stands (worked out here when the caller does not know it)."""
    ready = (standing or dossier.process.standing()).ready
    if not ready or dossier.state in CLOSED_STATES:
        dossier.waiting_task = dossier.waiting_lane = dossier.waiting_path = ""
        return
    first = ready[0]
    dossier.waiting_task, dossier.waiting_lane = first.task, first.lane
    dossier.waiting_path = _path_of(dossier, first.task, first.lane)


def _path_of(dossier: Dossier, task: str, lane: str) -> str:
    if lane == "applicant":
        return ""
    if lane == "clerk":
        return _counter_path(dossier, task)
    if lane == "leader":
        return dossier.competent.path
    if lane == "upper":
        return dossier.upper.path if dossier.upper else dossier.handling_path
    return dossier.handling_path


def _counter_path(dossier: Dossier, task: str) -> str:
    """Receiving and handing over belong to the counter that received; what decides, to the competent one's own."""
    if task != "review" or dossier.received_at_org.path.startswith(dossier.competent.path):
        return dossier.received_at_org.path
    return competence.counter_of(dossier.competent, on=timezone.localdate()).path


def desk_path(dossier: Dossier) -> str:
    """Where the review is done: the counter in same-day procedures, else the handling organisation."""
    at_counter = dossier.waiting_lane == "clerk" and dossier.waiting_task == "review"
    return dossier.waiting_path if at_counter else dossier.handling_path


def finish(
    act: Act,
    dossier: Dossier,
    *,
    verb: str,
    before: dict[str, Any],
    outcome: str = "",
    note: str = "",
    public_note: str = "",
    extra: dict[str, Any] | None = None,
) -> Dossier:
    """Save the dossier, add the row of the control sheet, the audit entry and the event of this step."""
    if dossier.state in CLOSED_STATES:
        dossier.waiting_task = dossier.waiting_lane = dossier.waiting_path = ""
        dossier.closed_at = dossier.closed_at or timezone.now()
    dossier.save_changes()
    handover = Handover.objects.create(
        dossier=dossier,
        verb=verb,
        from_official_id=act.actor.official_id,
        from_label=act.actor.label[:200],
        to_lane=dossier.waiting_lane,
        to_label=_receiver_label(dossier, outcome, note)[:200],
        organization_id=act.actor.organization_id,
        at=timezone.now(),
        outcome=outcome,
        note=note,
        public_note=public_note,
        state_after=dossier.state,
    )
    after = {"state": dossier.state, "due_at": dossier.due_at, "waiting": dossier.waiting_task, **(extra or {})}
    act.record(
        dossier, verb=f"dossiers.{verb}", before=before, after=after, note=note, organization_id=dossier.competent_id
    )
    act.emit(
        f"dossier.{verb}",
        dossier,
        {
            "code": dossier.code,
            "state": dossier.state,
            "procedure": dossier.procedure_version.spec_json["code"],
            "handover": handover.pk,
        },
    )
    return dossier


def before(dossier: Dossier) -> dict[str, Any]:
    """What the audit entry keeps of the dossier before a step."""
    return {"state": dossier.state, "due_at": dossier.due_at, "waiting": dossier.waiting_task}


def _receiver_label(dossier: Dossier, outcome: str, note: str) -> str:
    """Who takes the dossier over with this step: the official or the role, and the organisation."""
    lane = dossier.waiting_lane
    if not lane:
        # Handed over for good: the note of that step says to whom.
        return (note or dossier.filer.name) if dossier.state == State.RETURNED else ""
    if lane == "applicant":
        return dossier.filer.name
    if lane == "officer" and dossier.assignee_id and dossier.assignee:
        who = dossier.assignee.full_name
    else:
        with translation.override("vi"):  # what is kept has one language, whatever the official reads
            who = str(LANE_NAMES.get(lane, lane))
    return f"{who}, {_organisation_at(dossier)}"


def _organisation_at(dossier: Dossier) -> str:
    for known in (dossier.handling, dossier.received_at_org, dossier.competent):
        if known.path == dossier.waiting_path:
            return known.name
    found = Organization.objects.filter(path=dossier.waiting_path).first()
    return found.name if found else dossier.handling.name


def resting_state(dossier: Dossier) -> State:
    """The state of a dossier that waits for the agency: 6 while a fee is demanded before it is handled, else 1 or 4."""
    if dossier.received_at:
        return State.IN_PROGRESS
    due = dossier.payment_state == PaymentState.DUE and outstanding(dossier)
    return State.AWAITING_PAYMENT if due else State.SUBMITTED


def to_progress(dossier: Dossier) -> None:
    """A received dossier that somebody works on is in progress."""
    if dossier.state == State.RECEIVED:
        dossier.state = State.IN_PROGRESS
