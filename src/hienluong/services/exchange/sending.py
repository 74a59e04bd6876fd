"""Sending what is due: each lane in its order, each package until the axis says that it has it.

A package whose answer was lost may be there already: before it is sent again it is looked up, by our number of it, in
the list of what we sent. A receiver of ours takes one document in once in any case.
"""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, NotAllowed, action
from hienluong.services.documents.models import Recipient

from . import describing, edxml, sealing
from .line import RECEIVER_UNKNOWN, SENDER_UNKNOWN, Away, Line, Patience, Refused, line
from .models import Outgoing
from .queueing import WHO

logger = logging.getLogger(__name__)
#: The longest waits between two tries, when the axis is away and when it says no for now. There is no last try: what
#: waits for the axis waits until it is back.
LONGEST_AWAY, LONGEST_WAIT = timedelta(seconds=60), timedelta(minutes=10)
#: Tries for a receiver that the axis does not know: some hours, for one that is only joining it.
MOST_UNKNOWN = 24
#: Rows looked at in one go.
BATCH = 200


def due(most: int = BATCH) -> list[int]:
    """The first unsent row of each lane that is due, longest due first."""
    open_states = (Outgoing.State.WAITING, Outgoing.State.HELD, Outgoing.State.FAILED)
    before = Outgoing.objects.filter(lane=OuterRef("lane"), pk__lt=OuterRef("pk"), state__in=open_states)
    rows = Outgoing.objects.filter(state=Outgoing.State.WAITING, next_try_at__lte=timezone.now())
    return list(rows.exclude(Exists(before)).order_by("next_try_at", "pk").values_list("pk", flat=True)[:most])


def send_due(until: float, patience: Patience | None = None) -> int:
    """Send what is due until the monotonic time `until` or until the axis seems away; returns how many went."""
    patience = patience or Patience()
    sent = 0
    while time.monotonic() < until and (keys := due()):
        for pk in keys:
            if time.monotonic() >= until or patience.is_over:
                return sent
            try:
                sent += send(pk)
                patience.answered()
            except Away:
                patience.lost()
    return sent


def send(pk: int) -> bool:
    """One try for one row; True when the axis has it now. Raises :class:`Away` when the axis does not answer."""
    row = _begin(pk)
    if row is None:
        return False
    try:
        package = describing.package_of(row)
        content = sealing.sealed(row, edxml.write(package, describing.form()))
    except edxml.BadPackage as error:
        note_failed(WHO, row=row, why=str(error), final=True)
        return False
    except DomainError as error:  # no key of the seal, or its token is away: what waits goes when that is mended
        row.next_try_at = _next_try(row.attempts, LONGEST_WAIT)
        note_failed(WHO, row=row, why=f"Chưa đóng dấu được: {error.message}", final=False)
        return False
    except Exception as error:  # one document that cannot be put into words must not stop the others
        logger.exception("outgoing package %s cannot be written", row.pk)
        note_failed(WHO, row=row, why=type(error).__name__, final=False)
        return False
    try:
        axis_id = _hand_over(line(), row, content)
    except Refused as error:
        row.next_try_at = _next_try(row.attempts, LONGEST_WAIT)
        final = error.is_final or (error.code == RECEIVER_UNKNOWN and row.attempts >= MOST_UNKNOWN)
        note_failed(WHO, row=row, why=str(error), final=final)
        return False
    except Away as error:
        note_failed(WHO, row=row, why=str(error), final=False)
        raise
    note_sent(WHO, row=row, axis_id=axis_id, sha256=hashlib.sha256(content).hexdigest())
    return True


def _begin(pk: int) -> Outgoing | None:
    """Count the try before it is made: a process that dies in between leaves the trace that it may have got through."""
    with transaction.atomic():
        row = (
            Outgoing.objects.select_for_update(of=("self",))
            .select_related("document__agency__parent", "incoming__document", "agency", "recipient")
            .filter(pk=pk, state=Outgoing.State.WAITING)
            .first()
        )
        if row is None:
            return None
        row.attempts += 1
        row.tried_at, row.next_try_at = timezone.now(), _next_try(row.attempts, LONGEST_AWAY)
        row.save(update_fields=("attempts", "tried_at", "next_try_at"))
        return row


def _hand_over(axis: Line, row: Outgoing, content: bytes) -> str:
    """The axis's number of the package: of the one that got through before, else of this one."""
    number = str(row.uid)
    if row.attempts > 1 and (known := axis.sent(number)):
        return known
    kind = "edoc" if describing.is_document(row.what) else "status"
    try:
        return axis.send(content, kind=kind, sender=row.from_code, receiver=row.to_code, number=number)
    except Refused as error:
        if error.code != SENDER_UNKNOWN:
            raise
    axis.register(row.from_code, row.agency.name if row.agency else row.from_code)
    return axis.send(content, kind=kind, sender=row.from_code, receiver=row.to_code, number=number)


def _next_try(attempts: int, longest: timedelta) -> datetime:
    return timezone.now() + min(timedelta(seconds=2 ** min(attempts, 20)), longest)


@action("exchange.note_sent")
def note_sent(act: Act, *, row: Outgoing, axis_id: str, sha256: str) -> Outgoing:
    """The axis has this package."""
    _system_only(act)
    row.state, row.sent_at, row.next_try_at = Outgoing.State.SENT, timezone.now(), None
    row.axis_id, row.sha256, row.last_error = axis_id[:100], sha256, ""
    Recipient.objects.filter(pk=row.recipient_id or 0, reason__startswith="Chưa gửi được").update(reason="")
    row.save(update_fields=("state", "sent_at", "next_try_at", "axis_id", "sha256", "last_error"))
    act.record(row, after={"what": row.what, "to": row.to_code, "sha256": sha256}, organization_id=row.agency_id)
    return row


@action("exchange.note_failed")
def note_failed(act: Act, *, row: Outgoing, why: str, final: bool) -> Outgoing:
    """A try in vain: it waits longer each time; `final`: a person must look at it. What somebody held or gave up while
    it was tried stays so."""
    _system_only(act)
    row.last_error = why[:500]
    now = Outgoing.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if now.state != Outgoing.State.WAITING:
        row.state, row.next_try_at = Outgoing.State(now.state), now.next_try_at
    elif final:
        row.state, row.next_try_at = Outgoing.State.FAILED, None
        Recipient.objects.filter(pk=row.recipient_id or 0).update(reason=f"Chưa gửi được: {row.last_error}")
    row.save(update_fields=("state", "next_try_at", "last_error"))
    act.record(row, after={"what": row.what, "why": row.last_error, "final": final}, organization_id=row.agency_id)
    return row


def _system_only(act: Act) -> None:
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh liên thông văn bản được làm việc này."))
