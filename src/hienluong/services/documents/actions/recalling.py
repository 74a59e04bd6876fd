"""Recalling what was issued, and copies of what was issued or received.

Nghị định 30/2020/NĐ-CP, Điều 18 khoản 4 (recall: every receiver sends it back or deletes it and says so) and Điều 25–27
(sao y, sao lục, trích sao).
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action, system
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.schemas.cleaning import storable

from .. import access, competence, finding, laying, letterheads, places, rights, telling, types
from ..models import (
    Arrival,
    Competence,
    Direction,
    Document,
    Receipt,
    Recipient,
    Relation,
    Source,
    State,
    Why,
)
from . import handling, steps
from .drafting import address, set_places
from .issuing import note_receipt

_COURIER = system("Thu hồi văn bản trong hệ thống")
#: States of what went out and was not recalled.
_STANDING = (State.ISSUED, State.REPLACED)


@action("documents.recall")
def recall(act: Act, *, document: Document, reason: str) -> Document:
    """Recall an issued document: by its records office or whoever signs for the agency. Every place is told."""
    document = steps.lock(document)
    rights.require_outgoing(document)
    access.require_read(act.actor, document)
    if document.agency_id not in access.agencies_with(act.actor, "documents.clerk") | access.agencies_with(
        act.actor, "documents.sign"
    ):
        raise NotAllowed(_("Chỉ văn thư hoặc lãnh đạo cơ quan ban hành thu hồi được."), permission="documents.clerk")
    steps.require_state(document, _STANDING)
    if not (reason := storable(reason).strip()):
        raise InvalidInput(_("Nhập lý do thu hồi."), field="reason")
    steps.move(act, document, State.RECALLED, "Thu hồi", reason[:4000])
    act.emit("document.recalled", document, {"agency": document.agency_id, "reason": reason[:500]})
    going = document.recipients.select_for_update().exclude(code="", agency=None)
    for recipient in going.exclude(receipt__in=(Receipt.WAITING, Receipt.REFUSED, Receipt.TAKEN_BACK)).order_by("pk"):
        recipient.receipt, recipient.receipt_at = Receipt.TAKE_BACK_ASKED, timezone.now()
        recipient.save(update_fields=("receipt", "receipt_at"))
        act.emit(
            "document.take_back_asked",
            document,
            {
                "document": document.pk,
                "recipient": recipient.pk,
                "agency": recipient.agency_id,
                "code": recipient.code,
                "inside": recipient.agency_id is not None,
                "reason": reason[:500],
            },
        )
    telling.tell(
        act,
        document,
        {document.drafter_id, document.signer_id},
        "recalled",
        gettext_noop("Đã thu hồi: %(name)s"),
        href=address(document),
    )
    return document


def take_back_inside(event: Event) -> None:
    """A receiver inside this installation is told that the sender wants a document back."""
    if not event.data.get("inside"):
        return
    recipient = Recipient.objects.select_related("document").filter(pk=event.data["recipient"]).first()
    if recipient is None or recipient.receipt != Receipt.TAKE_BACK_ASKED:
        return
    arrival = (
        Arrival.objects.filter(agency=recipient.agency_id, source=Source.INSIDE, source_ref=str(recipient.document.uid))
        .select_related("document")
        .first()
    )
    if arrival is None:  # it was recalled before it arrived there
        note_receipt(_COURIER, recipient=recipient, receipt=Receipt.TAKEN_BACK)
        return
    handling.ask_take_back(_COURIER, document=arrival.document, reason=str(event.data["reason"]))


@action("documents.begin_copy")
def copy(
    act: Act,
    *,
    document: Document,
    agency: Organization,
    kind: str,
    signer: Official,
    competence_: str = Competence.OWN,
    places_: str = "",
    lines: str = "",
) -> Document:
    """Make a copy of a document that the agency issued or received: the records office does, for a signer to sign.

    A sao lục is a copy of a copy. The copy waits for its number in the agency's book of copies.
    """
    access.require_read(act.actor, document)
    access.require_in(act.actor, "documents.clerk", agency)
    if kind not in types.COPIES:
        raise InvalidInput(_("Chọn sao y, sao lục hay trích sao."), field="kind")
    if document.agency_id != agency.pk:
        raise NotAllowed(_("Cơ quan chỉ sao văn bản của mình."), permission="documents.clerk")
    at_hand = (*handling.IN_WORK, State.COMPLETED)
    steps.require_state(document, at_hand if document.direction == Direction.INCOMING else _STANDING)
    is_copy = document.type in types.COPIES
    if (kind == "SL") != is_copy:
        raise InvalidInput(_("Sao lục là sao từ một bản sao y; bản gốc thì chọn sao y hoặc trích sao."), field="kind")
    original = laying.main_file(document)
    if original is None or original.file.media_type != "application/pdf":
        raise InvalidInput(_("Văn bản gốc không có tệp PDF để sao."), field="kind")
    letterhead = letterheads.of(agency)
    post = competence.post_for(agency, signer, competence_)
    made = Document.objects.create(
        direction=Direction.OUTGOING,
        agency=agency,
        type=kind,
        notation=letterhead.notation(kind, None),
        subject=f"{types.COPIES[kind].name} {document.code}: {document.subject}"[:500],
        author_code=agency.code,
        author_name=letterhead.name[:200],
        place=letterhead.place[:100],
        restricted=document.restricted,
        competence=competence_,
        signer=signer,
        signer_name=signer.full_name[:100],
        signer_title=competence.lines(post, competence_, letterhead)[1][:150],
        drafter_id=act.actor.official_id,
        state=State.APPROVED,
    )
    Relation.objects.create(document=made, other=document, kind=Relation.Kind.COPY_OF)
    set_places(made, places.read(places_), lines)
    drafter = Official.objects.filter(pk=act.actor.official_id or 0).first()
    access.let_read(made, agency=agency, why=Why.DRAFTER, official=drafter, by_label=act.actor.label[:200])
    access.let_read(made, agency=agency, why=Why.SIGNER, official=signer, by_label=act.actor.label[:200])
    steps.add(act, made, types.COPIES[kind].name, document.code)
    finding.index(made)
    act.record(made, after={"kind": kind, "of": document.pk}, organization_id=agency.pk)
    act.emit("document.begun", made, {"agency": agency.pk})
    return made
