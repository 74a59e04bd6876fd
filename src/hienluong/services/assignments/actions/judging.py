"""What those do who gave a task, or stand above who did: judge the result, ask for more, give time, remind, take back."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from .. import notices, rights, subjects
from ..models import OPEN_STATES, RUNNING_STATES, Assignment, Entry, Extension, Quality, State
from . import frame


@action("assignments.evaluate")
def evaluate(act: Act, *, assignment: Assignment, quality: str, evaluation: str = "") -> Assignment:
    """Accept a reported result and judge it."""
    assignment = frame.lock(assignment)
    rights.require_above(act.actor, assignment)
    frame.require_state(assignment, (State.REPORTED,))
    if quality not in Quality.values:
        raise InvalidInput(_("Chọn mức đánh giá."), field="quality")
    assignment.quality, assignment.evaluation = quality, frame.optional(evaluation)
    assignment.state, assignment.ended_at = State.COMPLETED, timezone.now()
    assignment.save(update_fields=("quality", "evaluation", "state", "ended_at"))
    with translation.override("vi"):  # what stays on record
        said = f"{Quality(quality).label}. {assignment.evaluation}".strip()
    frame.note(act, assignment, Entry.Kind.EVALUATED, said)
    frame.changed(act, assignment, "completed", {"state": State.REPORTED}, quality=quality)
    notices.tell_receivers(act, assignment, "evaluated", gettext_lazy("Kết quả một việc của bạn đã được đánh giá"))
    return assignment


@action("assignments.resume")
def resume(act: Act, *, assignment: Assignment, text: str, due_at: datetime | None = None) -> Assignment:
    """Not enough yet: the one who reported goes on, until `due_at` when that is given."""
    assignment = frame.lock(assignment)
    rights.require_above(act.actor, assignment)
    frame.require_state(assignment, (State.REPORTED,))
    said = frame.words(text, "text", _("Nhập việc cần làm thêm."))
    if due_at is not None:
        _require_due(assignment, due_at)
        assignment.due_at = due_at
    assignment.state, assignment.reported_at, assignment.progress = State.ACCEPTED, None, min(assignment.progress, 90)
    assignment.save(update_fields=("state", "reported_at", "progress", "due_at"))
    entry = frame.note(act, assignment, Entry.Kind.RESUMED, said)
    frame.changed(act, assignment, "resumed", {"state": State.REPORTED})
    notices.tell_receivers(act, assignment, f"resumed:{entry.pk}", gettext_lazy("Một việc bạn báo cáo cần làm thêm"))
    return assignment


@action("assignments.take_back")
def take_back(act: Act, *, assignment: Assignment, reason: str) -> Assignment:
    """Take a task back, with all that was given on from it."""
    assignment = frame.lock(assignment)
    rights.require_above(act.actor, assignment)
    frame.require_state(assignment, OPEN_STATES)
    said = frame.words(reason, "reason", _("Nhập lý do thu hồi."))
    below = (
        Assignment.objects.select_for_update(of=("self",))
        .filter(path__startswith=assignment.path, state__in=OPEN_STATES)
        .select_related("official", "organization", "giver", "giver_agency", "parent")
        .order_by("pk")
    )
    for each in below:
        before = {"state": each.state}
        each.state, each.ended_at = State.TAKEN_BACK, timezone.now()
        each.save(update_fields=("state", "ended_at"))
        each.extensions.filter(granted__isnull=True).update(
            granted=False, decided_at=timezone.now(), answer="Việc đã bị thu hồi."
        )
        frame.note(act, each, Entry.Kind.TAKEN_BACK, said)
        frame.changed(act, each, "taken_back", before)
        notices.tell_receivers(act, each, "taken_back", gettext_lazy("Một việc của bạn đã được thu hồi"))
    assignment.refresh_from_db()
    return assignment


@action("assignments.decide_extension")
def decide_extension(act: Act, *, extension: Extension, granted: bool, answer: str = "") -> Extension:
    """Grant a later due time, or not."""
    assignment = frame.lock(extension.assignment)
    rights.require_above(act.actor, assignment)
    asked = Extension.objects.select_for_update().get(pk=extension.pk)
    if asked.granted is not None:
        raise DomainError(_("Yêu cầu gia hạn này đã được trả lời."), code="assignments.decided_before")
    frame.require_state(assignment, RUNNING_STATES)
    before = {"due_at": assignment.due_at.isoformat() if assignment.due_at else None}
    if granted:
        _require_due(assignment, asked.asked_due_at)
        assignment.due_at = asked.asked_due_at
        assignment.save(update_fields=("due_at",))
    asked.granted, asked.decided_at = granted, timezone.now()
    asked.decided_by_id, asked.answer = act.actor.official_id, frame.optional(answer)
    asked.save()
    said = "Đồng ý gia hạn" if granted else "Không đồng ý gia hạn"  # stays on record, so in Vietnamese
    frame.note(act, assignment, Entry.Kind.EXTENSION_DECIDED, f"{said}. {asked.answer}".strip())
    if granted:
        frame.changed(act, assignment, "extended", before, due_at=asked.asked_due_at.isoformat())
    else:
        act.record(asked, after={"granted": False}, organization_id=assignment.giver_agency_id)
    notices.tell_receivers(
        act, assignment, f"extension:{asked.pk}", gettext_lazy("Yêu cầu gia hạn của bạn đã được trả lời")
    )
    return asked


@action("assignments.remind")
def remind(act: Act, *, assignment: Assignment, text: str = "") -> Assignment:
    """Remind those who have a task in hand."""
    assignment = frame.lock(assignment)
    rights.require_above(act.actor, assignment)
    frame.require_state(assignment, RUNNING_STATES)
    entry = frame.note(act, assignment, Entry.Kind.REMINDED, frame.optional(text))
    act.record(assignment, after={"reminded": True}, organization_id=assignment.giver_agency_id)
    notices.tell_receivers(act, assignment, f"reminded:{entry.pk}", gettext_lazy("Bạn được nhắc về một việc"))
    return assignment


def settle_all(act: Act, *, subject_ref: str, result: str) -> int:
    """End every open task about something with `result`: it is done by other means. Returns how many.

    Inside an action of the app that keeps it, which asked for its own rights before.
    """
    return _end_all(act, subject_ref, State.COMPLETED, "completed", result)


def drop_all(act: Act, *, subject_ref: str, reason: str) -> int:
    """Take every open task about something back, because there is nothing left to work on; as :func:`settle_all`."""
    return _end_all(act, subject_ref, State.TAKEN_BACK, "taken_back", reason)


def _end_all(act: Act, subject_ref: str, state: State, verb: str, said: str) -> int:
    subjects.of(subject_ref).hold(subject_ref)
    found = (
        Assignment.objects.select_for_update(of=("self",))
        .filter(subject_ref=subject_ref, state__in=OPEN_STATES)
        .select_related("official", "organization", "giver", "giver_agency", "parent")
        .order_by("pk")
    )
    ended = list(found) if subject_ref else []
    for each in ended:
        before, now = {"state": each.state}, timezone.now()
        each.state, each.ended_at = state, now
        if state == State.COMPLETED:
            each.progress, each.reported_at = 100, each.reported_at or now
            each.result = each.result or said
        each.save(update_fields=("state", "ended_at", "progress", "reported_at", "result"))
        each.extensions.filter(granted__isnull=True).update(granted=False, decided_at=now, answer=said)
        kind = Entry.Kind.REPORTED if state == State.COMPLETED else Entry.Kind.TAKEN_BACK
        frame.note(act, each, kind, said)
        frame.changed(act, each, verb, before)
        notices.tell_receivers(act, each, verb, gettext_lazy("Một việc của bạn đã kết thúc"))
    return len(ended)


def _require_due(assignment: Assignment, due_at: datetime) -> None:
    if due_at < timezone.now():
        raise InvalidInput(_("Hạn phải sau lúc này."), field="due_on")
    above = assignment.parent
    if above is not None and above.due_at is not None and due_at > above.due_at:
        raise InvalidInput(
            _("Hạn không được sau hạn của việc trên (%(due)s).")
            % {"due": f"{timezone.localtime(above.due_at):%H:%M %d/%m/%Y}"},
            field="due_on",
        )
