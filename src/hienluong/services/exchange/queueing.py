"""What joins the queue, once: a document for a place outside, the statuses of one that came, an asking back, an update.

Each action locks its document first, as all others do: its row refers to the document, and a reference is looked at
when the transaction ends, when the audit log is locked already.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action, system
from hienluong.foundation.schemas.cleaning import storable
from hienluong.services.documents import access
from hienluong.services.documents.actions import issuing, steps
from hienluong.services.documents.models import Arrival, Document, Recipient, Source, State

from . import agencies, describing
from .models import Incoming, Outgoing, What

WHO = system("Liên thông văn bản")
#: How long a reason or description may be.
MOST_WORDS = 500
#: The packages that carry a document.
CARRYING = (What.NEW, What.REPLACE, What.UPDATE)


def lane_to(recipient: Recipient) -> str:
    """The lane of all that we send to one place about one of our documents."""
    return f"di:{recipient.pk}"


def lane_of(document: Document) -> str:
    """The lane of all that we tell the sender of a document that came."""
    return f"den:{document.pk}"


@action("exchange.queue_document")
def queue_document(act: Act, *, recipient: Recipient) -> Outgoing | None:
    """Queue an issued document for one place outside; the same again changes nothing.

    None when the place is an agency of this installation, has no code, or the document is issued no longer.
    """
    _system_only(act)
    document = steps.lock(recipient.document)
    if recipient.agency_id is not None or not recipient.code or document.state != State.ISSUED:
        act.record(document, note="không gửi qua trục", organization_id=document.agency_id)
        return None
    to = agencies.written(recipient.code)
    replacing = describing.replaces_something(document, to)
    row = Outgoing(
        lane=lane_to(recipient),
        what=What.REPLACE if replacing else What.NEW,
        document=document,
        recipient=recipient,
        agency=document.agency,
        from_code=agencies.written(document.agency.code),
        to_code=to,
        to_name=recipient.name,
        document_ref=describing.reference_of(document),
        words="Thay thế văn bản đã gửi" if replacing else "",
        told_at=timezone.now(),
    )
    known = Outgoing.objects.filter(lane=row.lane, what__in=(What.NEW, What.REPLACE), round=1).first()
    return known or _join(act, row)


@action("exchange.queue_status")
def queue_status(
    act: Act, *, document: Document, what: str, words: str = "", at: datetime | None = None, staff: str = ""
) -> Outgoing | None:
    """Queue a status of a document that came by the exchange, for its sender; each status once.

    Agreeing and refusing to give back go once for each time it was asked. None when it came another way.
    """
    _system_only(act)
    document = steps.lock(document)
    incoming = (
        Incoming.objects.filter(document=document, what__in=CARRYING, verdict=Incoming.Verdict.TAKEN)
        .order_by("pk")
        .first()
    )
    arrival = Arrival.objects.filter(document=document, source=Source.EXCHANGE).first()
    if incoming is None or arrival is None:
        act.record(document, note="không đến qua trục", organization_id=document.agency_id)
        return None
    row = Outgoing(
        lane=lane_of(document),
        what=what,
        document=document,
        incoming=incoming,
        agency=document.agency,
        from_code=incoming.receiver_code,
        to_code=incoming.sender_code,
        to_name=arrival.sender_name,
        document_ref=incoming.document_ref,
        words=_tidy(words),
        told_at=at or timezone.now(),
        staff=staff[:100],
    )
    if what in (What.TAKE_BACK_AGREED, What.TAKE_BACK_REFUSED):
        asked = Incoming.objects.filter(
            document=document, what__in=(What.TAKE_BACK, What.REVOKE), verdict=Incoming.Verdict.TAKEN
        )
        row.round = max(asked.count(), 1)
    return _join(act, row)


@action("exchange.queue_refusal")
def queue_refusal(act: Act, *, incoming: Incoming, words: str) -> Outgoing:
    """Queue the refusal (02) of a package that could not be taken in, for its sender."""
    _system_only(act)
    return _join(
        act,
        Outgoing(
            lane=f"goi:{incoming.pk}",
            what=What.REFUSED,
            incoming=incoming,
            agency=incoming.agency,
            from_code=incoming.receiver_code,
            to_code=incoming.sender_code,
            document_ref=incoming.document_ref,
            words=_tidy(words),
            told_at=timezone.now(),
        ),
    )


@action("exchange.queue_take_back")
def queue_take_back(act: Act, *, recipient: Recipient, reason: str) -> Outgoing | None:
    """Ask one place outside to give a document back (13); one that has not gone out yet is only not sent.

    None when nothing was sent there by the exchange, or nothing has gone out.
    """
    _system_only(act)
    lane, document = lane_to(recipient), steps.lock(recipient.document)
    rows = list(Outgoing.objects.select_for_update().filter(lane=lane).order_by("pk"))
    first = next((row for row in rows if row.what in (What.NEW, What.REPLACE)), None)
    if first is None:
        _nothing_to_ask_for(act, recipient)
        return None
    if first.state != Outgoing.State.SENT and not first.attempts:
        first.state, first.next_try_at = Outgoing.State.CANCELLED, None
        first.last_error, first.held_reason = reason[:500], ""
        first.save()
        act.record(first, after={"cancelled": True}, organization_id=document.agency_id)
        _nothing_to_ask_for(act, recipient)
        return None
    return _join(
        act,
        Outgoing(
            lane=lane,
            what=What.TAKE_BACK,
            document=document,
            recipient=recipient,
            agency=document.agency,
            from_code=first.from_code,
            to_code=first.to_code,
            to_name=recipient.name,
            document_ref=first.document_ref,
            round=1 + sum(row.what == What.TAKE_BACK and row.state == Outgoing.State.SENT for row in rows),
            words=_tidy(reason) or "Cơ quan gửi yêu cầu lấy lại văn bản.",
            told_at=timezone.now(),
        ),
    )


def _nothing_to_ask_for(act: Act, recipient: Recipient) -> None:
    """It never left, so it is back already."""
    at, reason = timezone.now(), "Chưa gửi đi."
    issuing.note_receipt(act, recipient=recipient, receipt=What.TAKE_BACK_AGREED, reason=reason, at=at)


@action("exchange.send_update")
def send_update(act: Act, *, recipient: Recipient, reason: str) -> Outgoing:
    """Send an issued document to a place once more, as it is now, in the place of what was sent (update)."""
    document = steps.lock(recipient.document)
    access.require_in(act.actor, "documents.clerk", document.agency)
    if not (words := _tidy(reason)):
        raise InvalidInput(_("Nhập lý do cập nhật."), field="reason")
    rows = Outgoing.objects.select_for_update().filter(lane=lane_to(recipient))
    first = rows.filter(what__in=(What.NEW, What.REPLACE)).order_by("pk").first()
    if first is None or document.state != State.ISSUED:
        raise InvalidInput(_("Văn bản này chưa gửi đến nơi đó qua trục."), field="recipient")
    last = rows.filter(what=What.UPDATE).aggregate(last=Max("round"))["last"] or 0
    row = Outgoing(
        lane=first.lane,
        what=What.UPDATE,
        document=document,
        recipient=recipient,
        agency=document.agency,
        from_code=first.from_code,
        to_code=first.to_code,
        to_name=recipient.name,
        document_ref=first.document_ref,
        round=last + 1,
        words=words,
        told_at=timezone.now(),
    )
    return _join(act, row)


def _join(act: Act, row: Outgoing) -> Outgoing:
    """Put a row at the end of its lane, unless it is there."""
    row.next_try_at = timezone.now()
    try:
        with transaction.atomic():
            row.save()
        fresh = True
    except IntegrityError:
        row = Outgoing.objects.get(lane=row.lane, what=row.what, round=row.round)
        fresh = False
    act.record(
        row,
        after={"what": row.what, "to": row.to_code, "queued": fresh},
        organization_id=row.agency_id,
    )
    return row


def _tidy(words: str) -> str:
    return describing.fit(storable(words), MOST_WORDS)


def _system_only(act: Act) -> None:
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh liên thông văn bản được làm việc này."))
