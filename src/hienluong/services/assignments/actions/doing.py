"""What those do who have a task in hand: take it up, say how far they are, report, ask for more time, send it back."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from .. import notices, rights
from ..models import OPEN_STATES, RUNNING_STATES, Assignment, Entry, Extension, Part, State
from . import frame


@action("assignments.accept")
def accept(act: Act, *, assignment: Assignment) -> Assignment:
    """Take a task up; one that is only for information is done with that."""
    assignment = frame.lock(assignment)
    rights.require_receiver(act.actor, assignment)
    frame.require_state(assignment, (State.GIVEN,))
    now = timezone.now()
    assignment.accepted_at = now
    assignment.state = State.ACCEPTED
    if assignment.part == Part.INFORMED:
        assignment.state, assignment.ended_at, assignment.progress = State.COMPLETED, now, 100
    assignment.save(update_fields=("accepted_at", "state", "ended_at", "progress"))
    frame.note(act, assignment, Entry.Kind.ACCEPTED)
    frame.changed(act, assignment, "accepted", {"state": State.GIVEN})
    return assignment


@action("assignments.progress")
def progress(act: Act, *, assignment: Assignment, percent: int, text: str = "") -> Assignment:
    """Say how far a task is, in percent; the last step is a report."""
    assignment = frame.lock(assignment)
    rights.require_receiver(act.actor, assignment)
    _require_work(assignment)
    frame.require_state(assignment, RUNNING_STATES)
    if not 0 <= percent <= 100:
        raise InvalidInput(_("Tiến độ từ 0 đến 100."), field="percent")
    before = {"state": assignment.state, "progress": assignment.progress}
    _take_up(assignment)
    assignment.progress = percent
    assignment.save(update_fields=("state", "accepted_at", "progress"))
    frame.note(act, assignment, Entry.Kind.PROGRESS, frame.optional(text), percent)
    frame.changed(act, assignment, "progress", before, progress=percent)
    return assignment


@action("assignments.report")
def report(act: Act, *, assignment: Assignment, result: str) -> Assignment:
    """Report the result. What was given on must be done, or taken back, before."""
    assignment = frame.lock(assignment)
    rights.require_receiver(act.actor, assignment)
    _require_work(assignment)
    frame.require_state(assignment, RUNNING_STATES)
    _require_nothing_open(assignment)
    before = {"state": assignment.state, "progress": assignment.progress}
    _take_up(assignment)
    assignment.result = frame.words(result, "result", _("Nhập kết quả thực hiện."))
    assignment.state, assignment.reported_at, assignment.progress = State.REPORTED, timezone.now(), 100
    assignment.save(update_fields=("state", "accepted_at", "reported_at", "progress", "result"))
    assignment.extensions.filter(granted__isnull=True).update(
        granted=False, decided_at=timezone.now(), answer="Việc đã được báo cáo kết quả."
    )
    frame.note(act, assignment, Entry.Kind.REPORTED, assignment.result, 100)
    frame.changed(act, assignment, "reported", before)
    notices.tell_giver(act, assignment, "reported", gettext_lazy("Một việc bạn giao đã có báo cáo kết quả"))
    return assignment


@action("assignments.return")
def return_task(act: Act, *, assignment: Assignment, reason: str) -> Assignment:
    """Send a task back to who gave it, with a reason; what was given on must be taken back before."""
    assignment = frame.lock(assignment)
    rights.require_receiver(act.actor, assignment)
    frame.require_state(assignment, RUNNING_STATES)
    _require_nothing_open(assignment)
    said = frame.words(reason, "reason", _("Nhập lý do trả lại."))
    before = {"state": assignment.state}
    assignment.state, assignment.ended_at = State.RETURNED, timezone.now()
    assignment.save(update_fields=("state", "ended_at"))
    assignment.extensions.filter(granted__isnull=True).update(
        granted=False, decided_at=timezone.now(), answer="Việc đã bị trả lại."
    )
    frame.note(act, assignment, Entry.Kind.RETURNED, said)
    frame.changed(act, assignment, "returned", before)
    notices.tell_giver(act, assignment, "returned", gettext_lazy("Một việc bạn giao bị trả lại"))
    return assignment


@action("assignments.ask_extension")
def ask_extension(act: Act, *, assignment: Assignment, due_at: datetime, reason: str) -> Extension:
    """Ask for a later due time, once at a time."""
    assignment = frame.lock(assignment)
    rights.require_receiver(act.actor, assignment)
    frame.require_state(assignment, RUNNING_STATES)
    if assignment.due_at is None:
        raise DomainError(_("Việc này không có hạn."), code="assignments.no_due")
    if due_at <= max(assignment.due_at, timezone.now()):
        raise InvalidInput(_("Hạn mới phải sau hạn hiện nay và sau hôm nay."), field="due_on")
    if assignment.extensions.filter(granted__isnull=True).exists():
        raise DomainError(_("Đã có một yêu cầu gia hạn đang chờ."), code="assignments.asked_before")
    asked = Extension.objects.create(
        assignment=assignment,
        asked_due_at=due_at,
        reason=frame.words(reason, "reason", _("Nhập lý do gia hạn.")),
        asked_at=timezone.now(),
        asked_by_id=act.actor.official_id or 0,
    )
    frame.note(act, assignment, Entry.Kind.EXTENSION_ASKED, f"{_day(due_at)}: {asked.reason}")
    act.record(asked, after={"asked": due_at.isoformat()}, organization_id=assignment.giver_agency_id)
    notices.tell_giver(act, assignment, f"extension:{asked.pk}", gettext_lazy("Có yêu cầu gia hạn một việc bạn giao"))
    return asked


def _take_up(assignment: Assignment) -> None:
    if assignment.state == State.GIVEN:
        assignment.state, assignment.accepted_at = State.ACCEPTED, timezone.now()


def _require_work(assignment: Assignment) -> None:
    if assignment.part == Part.INFORMED:
        raise DomainError(_("Việc nhận để biết không cần báo cáo."), code="assignments.informed_only")


def _require_nothing_open(assignment: Assignment) -> None:
    left = assignment.children.filter(state__in=OPEN_STATES).exclude(part=Part.INFORMED).count()
    if left:
        raise DomainError(
            _("Còn %(count)s việc đã giao tiếp chưa xong. Đánh giá hoặc thu hồi chúng trước.") % {"count": left},
            code="assignments.children_open",
        )


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M %d/%m/%Y}"
