"""The verbs of the line to the national portal."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, NotAllowed, action
from hienluong.services.dossiers import steps
from hienluong.services.dossiers.models import Dossier, Handover, SyncState

from .models import Arrival, Outgoing

#: After so many tries in vain the step is put aside for a person to look at: some six and a half hours after the first.
MOST_TRIES = 16
#: The longest wait between two tries.
LONGEST_WAIT = timedelta(hours=1)


@action("national.queue_step")
def queue_step(act: Act, *, handover: Handover) -> Outgoing:
    """Put one step of a dossier at the end of its queue. The same step again changes nothing."""
    _system_only(act)
    dossier = steps.lock(handover.dossier_id)
    row, new = Outgoing.objects.get_or_create(
        handover=handover,
        defaults={
            "dossier": dossier,
            "dossier_state": handover.state_after,
            "next_try_at": timezone.now(),
        },
    )
    if new:
        _note_state(act, dossier)
        from .tasks import push

        push.defer(dossier_id=dossier.pk)
    act.record(dossier, after={"step": handover.verb, "queued": new})
    return row


@action("national.note_sent")
def note_sent(act: Act, *, row: Outgoing) -> Outgoing:
    """The portal has taken this step."""
    _system_only(act)
    row.state, row.sent_at, row.tried_at, row.next_try_at = Outgoing.State.SENT, timezone.now(), timezone.now(), None
    row.last_error = ""
    row.save()
    dossier = steps.lock(row.dossier_id)
    _note_state(act, dossier)
    act.record(dossier, after={"step": row.handover.verb, "sync_state": dossier.sync_state})
    return row


@action("national.note_failed")
def note_failed(act: Act, *, row: Outgoing, why: str, final: bool) -> Outgoing:
    """A try in vain: it waits longer each time; `final`, or too many tries, and a person must look at it."""
    _system_only(act)
    row.attempts += 1
    row.tried_at, row.last_error = timezone.now(), why[:300]
    if final or row.attempts >= MOST_TRIES:
        row.state, row.next_try_at = Outgoing.State.FAILED, None
    else:
        row.next_try_at = _next_try(row)
    row.save()
    dossier = steps.lock(row.dossier_id)
    _note_state(act, dossier)
    act.record(dossier, after={"step": row.handover.verb, "why": row.last_error, "attempts": row.attempts})
    return row


def _next_try(row: Outgoing) -> datetime:
    return timezone.now() + min(timedelta(seconds=5 * 2 ** min(row.attempts - 1, 20)), LONGEST_WAIT)


@action("national.retry")
def retry(act: Act, *, dossier: Dossier) -> Dossier:
    """Try what failed for one dossier again, now."""
    act.require("national.manage", dossier.received_at_org.path)
    unsent = Outgoing.objects.filter(dossier=dossier).exclude(state=Outgoing.State.SENT)
    unsent.update(state=Outgoing.State.WAITING, attempts=0, next_try_at=timezone.now())
    dossier = steps.lock(dossier)  # rows first, then the dossier, as sending does
    _note_state(act, dossier)
    act.record(dossier, after={"sync_state": dossier.sync_state})
    from .tasks import push

    push.defer(dossier_id=dossier.pk)
    return dossier


@action("national.note_arrival")
def note_arrival(
    act: Act,
    *,
    kind: str,
    national_code: str,
    verdict: str,
    dossier: Dossier | None = None,
    message_code: str = "",
    error_code: str = "",
    why: str = "",
) -> Arrival:
    """Write down that a message came and what was made of it; nothing of its content."""
    _system_only(act)
    row = Arrival.objects.create(
        kind=kind[:10],
        national_code=national_code[:60],
        message_code=message_code[:60],
        dossier=dossier,
        verdict=verdict,
        error_code=error_code[:40],
        why=why[:300],
    )
    act.record(row, after={"verdict": verdict, "error_code": error_code})
    return row


def _note_state(act: Act, dossier: Dossier) -> None:
    """Bring the dossier's synchronisation state up to its queue."""
    states = set(Outgoing.objects.filter(dossier=dossier).exclude(state="sent").values_list("state", flat=True))
    if Outgoing.State.FAILED in states:
        dossier.sync_state = SyncState.FAILED
    else:
        dossier.sync_state = SyncState.WAITING if states else SyncState.SYNCED
    dossier.save(update_fields=("sync_state",))


def _system_only(act: Act) -> None:
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh đồng bộ với Cổng quốc gia được làm việc này."))
