"""Issuing: the document leaves; who receives it, and how far it has come there.

Nghị định 30/2020/NĐ-CP, Điều 18: issued on the day of the signature or the next working day, urgent at once. Inside this
installation a document arrives at the other agency through the event ``document.sent_to``; to agencies outside the exchange
takes it by the same event.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action, system
from hienluong.foundation.events.models import Event
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official

from .. import access, competence, finding, places, rights, telling
from ..models import (
    Arrival,
    Direction,
    Document,
    DocumentFile,
    Receipt,
    Recipient,
    Relation,
    Source,
    State,
    Why,
)
from . import arrivals, handling, steps
from .drafting import address
from .signing import require_file

_COURIER = system("Chuyển văn bản trong hệ thống")
#: The order in which a document comes along at a receiver; what is older than what is known is not written.
_RANK = {
    Receipt.WAITING: 0,
    Receipt.SENT: 1,
    Receipt.ARRIVED: 2,
    Receipt.REGISTERED: 3,
    Receipt.ASSIGNED: 4,
    Receipt.PROCESSING: 5,
    Receipt.COMPLETED: 6,
}
_ENDS = (Receipt.REFUSED, Receipt.TAKEN_BACK)


@action("documents.issue")
def issue(act: Act, *, document: Document, share_with: Sequence[Official] = ()) -> Document:
    """Issue a signed and sealed document and send it to everybody it names; what it replaces is replaced, what it answers
    is answered. `share_with`: colleagues of the agency who get it to read."""
    followed = document.relations.filter(kind__in=_FOLLOWED)
    steps.hold([document.pk, *followed.values_list("other_id", flat=True)])
    document = steps.lock(document)
    rights.require_clerk(act.actor, document)
    steps.require_state(document, (State.SIGNED,))
    if document.sealed_at is None:
        raise DomainError(_("Văn bản chưa đóng dấu."), code="documents.not_sealed")
    require_file(document)
    document.released_at = timezone.now()
    document.save(update_fields=("released_at",))
    access.let_read(document, agency=document.agency, why=Why.AGENCY, by_label=act.actor.label[:200])
    steps.move(act, document, State.ISSUED, "Phát hành")
    act.emit("document.issued", document, {"agency": document.agency_id, "type": document.type})
    _send(act, document)
    if share_with:
        share(act, document=document, officials=share_with)
    for relation in document.relations.filter(kind__in=_FOLLOWED).select_related("other__agency").order_by("pk"):
        _follow(act, document, relation)
    finding.index(document)
    told = {document.drafter_id, document.signer_id}
    telling.tell(act, document, told, "issued", gettext_noop("Đã phát hành: %(name)s"), href=address(document))
    return document


#: Relations to documents that change when one is issued.
_FOLLOWED = (Relation.Kind.ANSWERS, Relation.Kind.REPLACES, Relation.Kind.CORRECTS)


def _follow(act: Act, document: Document, relation: Relation) -> None:
    """What issuing a document does to the one that it replaces, corrects or answers."""
    other = relation.other
    if other.agency_id != document.agency_id:
        return
    if relation.kind == Relation.Kind.ANSWERS and other.direction == Direction.INCOMING:
        handling.answered(act, incoming=other, by=document)
    elif not rights.is_outgoing(other):
        return
    elif relation.kind == Relation.Kind.REPLACES:
        other = steps.lock(other)
        if other.state == State.ISSUED:
            steps.move(act, other, State.REPLACED, f"Được thay thế bởi {document.code}")
            act.emit("document.replaced", other, {"by": document.pk, "code": document.code})
    elif relation.kind == Relation.Kind.CORRECTS:
        other = steps.lock(other)
        steps.add(act, other, f"Được đính chính bởi {document.code}")
        act.record(other, after={"corrected_by": document.pk}, organization_id=other.agency_id)
        act.emit("document.corrected", other, {"by": document.pk, "code": document.code})


def _send(act: Act, document: Document) -> int:
    """Send it to each place that has not got it yet; returns to how many."""
    waiting = document.recipients.select_for_update().filter(receipt=Receipt.WAITING).exclude(code="", agency=None)
    now, count = timezone.now(), 0
    for recipient in waiting.order_by("position", "pk"):
        recipient.receipt, recipient.receipt_at = Receipt.SENT, now
        recipient.save(update_fields=("receipt", "receipt_at"))
        act.emit(
            "document.sent_to",
            document,
            {
                "document": document.pk,
                "recipient": recipient.pk,
                "agency": recipient.agency_id,
                "code": recipient.code,
                "inside": recipient.agency_id is not None,
            },
        )
        count += 1
    if count:
        steps.add(act, document, f"Gửi đến {count} nơi")
        act.record(document, after={"sent_to": count}, organization_id=document.agency_id)
    return count


@action("documents.send_more")
def send_more(act: Act, *, document: Document, places_: str) -> int:
    """Send an issued document to more places; returns to how many it went."""
    document = steps.lock(document)
    rights.require_clerk(act.actor, document)
    steps.require_state(document, (State.ISSUED,))
    wanted = places.read(places_)
    known = set(document.recipients.exclude(code="").values_list("code", flat=True))
    if any(place.code == document.agency.code for place in wanted):
        raise InvalidInput(_("Cơ quan ban hành không gửi văn bản đi cho chính mình."), field="places")
    fresh = [place for place in wanted if place.code not in known]
    if not fresh:
        raise InvalidInput(_("Các nơi này đã được gửi."), field="places")
    after = document.recipients.count()
    Recipient.objects.bulk_create(
        Recipient(
            document=document, agency=place.agency, code=place.code, name=place.name[:200], position=2000 + after + n
        )
        for n, place in enumerate(fresh)
    )
    return _send(act, document)


@action("documents.share")
def share(act: Act, *, document: Document, officials: Sequence[Official]) -> int:
    """Let colleagues of the agency read an issued document; returns how many are new."""
    document = steps.lock(document)
    access.require_read(act.actor, document)
    rights.require_outgoing(document)
    steps.require_state(document, (State.ISSUED,))
    agency = document.agency
    if not (
        rights.drafts(act.actor, document)
        or agency.pk in access.agencies_with(act.actor, "documents.clerk")
        or agency.pk in access.agencies_with(act.actor, "documents.assign")
    ):
        raise NotAllowed(_("Bạn không chia sẻ được văn bản này."), permission="documents.assign")
    able = {post.official.pk for post in competence.members(agency)}
    if any(official.pk not in able for official in officials):
        raise InvalidInput(_("Chỉ chia sẻ được với người của cơ quan ban hành."), field="officials")
    known = set(document.readers.filter(ended_at__isnull=True).values_list("official_id", flat=True))
    fresh = [official for official in dict.fromkeys(officials) if official.pk not in known]
    for official in fresh:
        access.let_read(document, agency=agency, why=Why.SHARED, official=official, by_label=act.actor.label[:200])
    if fresh:
        steps.add(act, document, "Chia sẻ để biết", ", ".join(official.full_name for official in fresh))
    act.record(document, after={"shared": [official.pk for official in fresh]}, organization_id=agency.pk)
    telling.tell(
        act,
        document,
        [official.pk for official in fresh],
        "shared",
        gettext_noop("Văn bản gửi để biết: %(name)s"),
        href=address(document),
    )
    return len(fresh)


def deliver_inside(event: Event) -> None:
    """A document was sent to an agency of this installation: it arrives there, once however often this is called."""
    if not event.data.get("inside"):
        return
    recipient = (
        Recipient.objects.select_related("document__agency", "agency").filter(pk=event.data["recipient"]).first()
    )
    if recipient is None or recipient.agency is None or recipient.document.state not in (State.ISSUED, State.REPLACED):
        return
    _deliver(_COURIER, recipient=recipient)


@action("documents.deliver_inside")
def _deliver(act: Act, *, recipient: Recipient) -> None:
    document, agency = steps.lock(recipient.document), recipient.agency
    assert agency is not None
    if document.state not in (State.ISSUED, State.REPLACED):  # recalled meanwhile: its receiver is asked for nothing
        act.record(document, note="đã thu hồi, không chuyển", organization_id=document.agency_id)
        return
    ref = str(document.uid)
    if not Arrival.objects.filter(agency=agency, source=Source.INSIDE, source_ref=ref).exists():
        arrivals.arrive(
            act,
            agency=agency,
            source=Source.INSIDE,
            source_ref=ref,
            subject=document.subject,
            sender_code=document.agency.code,
            sender_name=document.agency.name,
            author_code=document.author_code,
            author_name=document.author_name,
            type=document.type,
            code=document.code,
            issued_on=document.issued_on,
            urgency=document.urgency,
            restricted=document.restricted,
            signer_name=document.signer_name,
            signer_title=document.signer_title,
            pages=document.pages,
            due_at=document.due_at,
            files=_copies(document),
        )
    act.record(document, after={"delivered": agency.pk}, organization_id=document.agency_id)


def _copies(document: Document) -> list[arrivals.FileIn]:
    """The files of a document once more, with the same content, for the agency that gets it."""
    going = document.files.filter(
        role__in=(DocumentFile.Role.MAIN, DocumentFile.Role.ANNEX), replaced_at__isnull=True
    ).select_related("file")
    return [
        arrivals.FileIn(
            StoredFile.objects.create(
                blob_id=each.file.blob_id,
                name=each.file.name,
                owner_id=None,
                purpose=access.FILE_PURPOSE,
                scan=each.file.scan,
            ),
            each.role,
            each.name,
        )
        for each in going.order_by("role", "position", "pk")
    ]


@action("documents.note_receipt")
def note_receipt(
    act: Act, *, recipient: Recipient, receipt: str, reason: str = "", at: datetime | None = None
) -> Recipient:
    """Write down how far a document has come at one place; only the system does. What is older than what is known, or
    comes after an end, changes nothing, so it may be told twice and out of order."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống ghi được tình trạng nơi nhận."))
    found = Recipient.objects.select_for_update().get(pk=recipient.pk)
    fresh = _is_news(found.receipt, receipt)
    if fresh:
        before = found.receipt
        found.receipt, found.receipt_at = receipt, at or timezone.now()
        found.reason = reason[:2000] if reason else found.reason
        found.save(update_fields=("receipt", "receipt_at", "reason"))
        act.emit(
            "document.receipt", f"documents.document:{found.document_id}", {"recipient": found.pk, "receipt": receipt}
        )
    act.record(
        found,
        before={"receipt": before} if fresh else {},
        after={"receipt": found.receipt, "fresh": fresh},
    )
    return found


def _is_news(known: str, told: str) -> bool:
    if known == told or known in _ENDS:
        return False
    if known == Receipt.TAKE_BACK_ASKED:
        return told in (Receipt.TAKEN_BACK, Receipt.TAKE_BACK_REFUSED)
    if told in _ENDS or told in (Receipt.TAKE_BACK_ASKED, Receipt.TAKE_BACK_REFUSED):
        return True
    if known == Receipt.TAKE_BACK_REFUSED:
        return False
    return _RANK[Receipt(told)] > _RANK[Receipt(known)]


_TOLD_BY = {
    "document.arrived": Receipt.ARRIVED,
    "document.registered": Receipt.REGISTERED,
    "document.refused": Receipt.REFUSED,
    "document.assigned": Receipt.ASSIGNED,
    "document.processing": Receipt.PROCESSING,
    "document.completed": Receipt.COMPLETED,
    "document.taken_back": Receipt.TAKEN_BACK,
    "document.take_back_refused": Receipt.TAKE_BACK_REFUSED,
}
RECEIPT_EVENTS = tuple(_TOLD_BY)


def follow_receipt(event: Event) -> None:
    """What became of a document at an agency of this installation, told to the one that sent it."""
    kind, _colon, pk = event.subject.partition(":")
    if kind != Document._meta.label_lower or not pk.isdigit():
        return
    arrival = Arrival.objects.filter(document=int(pk), source=Source.INSIDE).first()
    if arrival is None:
        return
    recipient = Recipient.objects.filter(document__uid=arrival.source_ref, agency=arrival.agency_id).first()
    if recipient is not None:
        note_receipt(
            _COURIER,
            recipient=recipient,
            receipt=_TOLD_BY[event.type],
            reason=str(event.data.get("reason", "")),
            at=event.occurred_at,
        )
