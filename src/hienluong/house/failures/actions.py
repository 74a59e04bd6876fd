"""What an IT officer does about what failed: try it again, or let it go, with a reason."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.actions import Act, InvalidInput, NotFound, action
from hienluong.foundation.events import handovers
from hienluong.foundation.events.models import Handover
from hienluong.foundation.organisations import queries as organisations

PERMISSION = "house.mend"


def scope() -> str:
    """Where the permission is needed: what failed belongs to the whole installation."""
    return organisations.province().path


@action("house.retry_event")
def retry_event(act: Act, *, handover_id: int) -> None:
    """Hand an event to a subscriber again, now and with its waits counted afresh."""
    act.require(PERMISSION, scope())
    handover = _handover(handover_id)
    act.record(handover, before=_state(handover))
    handovers.retry(handover)


@action("house.drop_event")
def drop_event(act: Act, *, handover_id: int, reason: str) -> None:
    """Let a subscriber do without an event that was given up; the later ones of its subject go on. Needs a reason."""
    act.require(PERMISSION, scope())
    reason = reason.replace("\0", "").strip()
    if not reason:
        raise InvalidInput(_("Hãy ghi lý do bỏ qua."), code="house.reason_missing", field="ly_do")
    handover = _handover(handover_id)
    act.record(handover, before=_state(handover), note=reason[:1000])
    handovers.drop(handover)


@action("house.retry_job")
def retry_job(act: Act, *, job_id: int) -> None:
    """Put a failed job back in its queue."""
    act.require(PERMISSION, scope())
    job = ProcrastinateJob.objects.filter(pk=job_id, status="failed").first()
    if job is None:
        raise NotFound(_("Không có việc nền nào như vậy đang hỏng."))
    act.record(job, before={"task": job.task_name, "attempts": job.attempts})
    app.job_manager.retry_job_by_id(job_id=job_id, retry_at=timezone.now())


def _handover(pk: int) -> Handover:
    found = Handover.objects.select_for_update(of=("self",)).select_related("event").filter(pk=pk, attempts__gt=0)
    handover = found.first()
    if handover is None:
        raise NotFound(_("Sự kiện này đã được nhận, không còn chờ nữa."))
    return handover


def _state(handover: Handover) -> dict[str, object]:
    event = handover.event
    return {
        "event": event.type,
        "subject": event.subject,
        "subscriber": handover.subscriber,
        "attempts": handover.attempts,
        "error": handover.last_error[:300],
    }
