"""What becomes of a package that came: a document that arrived, a receipt, an asking back, or a refusal with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from io import BytesIO

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action
from hienluong.foundation.files import store
from hienluong.services.documents import access
from hienluong.services.documents.actions import arrivals, handling, issuing, steps
from hienluong.services.documents.models import Arrival, Document, DocumentFile, Recipient, Relation, Source, State

from . import agencies, describing, edxml, queueing
from .models import Incoming, Outgoing, Receipt, What


@dataclass(frozen=True)
class Came:
    """How a package came: the axis's number of it, from whom and for whom by its list, what it is to the byte; what the
    signature over it was found to be (blank where it was not read)."""

    axis_id: str
    sender: str
    receiver: str
    sha256: str
    seal: str = ""
    seal_said: str = ""


def source_ref(sender: str, document_ref: str) -> str:
    """What a document that came by the exchange is known by: its sender and the sender's identifier of it."""
    return f"{agencies.tidy(sender)} {document_ref}"[:200]


@action("exchange.take_document")
def take_document(act: Act, *, came: Came, known: Incoming | None, package: edxml.DocumentPackage) -> Incoming:
    """Take a document in for the agency it was sent to: exactly one, however often its package comes.

    Raises DomainError for what must be refused: no such agency, a file that is not taken.
    """
    _system_only(act)
    _require_sender(came, package.sender.code)
    row = _row(came, known, describing.what_of(package))
    row.sender_code, row.document_ref = package.sender.code[:35], package.document_id[:100]
    row.code, row.told_at = package.code[:60], package.trace[0].at if package.trace else None
    row.agency = agencies.ours(came.receiver)
    if row.agency is None:
        raise InvalidInput(_("Không có cơ quan mang mã %(code)s ở đây.") % {"code": came.receiver})
    if package.business.kind is edxml.BusinessKind.REVOKE:
        return _asked_back(act, row, package.business.document_id, package.business.reason)
    document = _find(row, package.document_id)
    if document is not None and package.business.kind is edxml.BusinessKind.UPDATE:
        return _update(act, row, document, package)
    if document is not None:
        row.verdict, row.document = Incoming.Verdict.REPEATED, steps.lock(document)
        if not Incoming.objects.filter(document=document, sha256=row.sha256).exists():
            row.why = "Khác nội dung đã nhận; nơi gửi phải gửi dưới dạng cập nhật."
        return _keep(act, row)
    document = _arrive(act, row, package)
    row.verdict, row.document = Incoming.Verdict.TAKEN, document
    _keep(act, row)
    for replaced in package.business.replaced:
        other = _find(row, replaced.document_id)
        if other is not None and other.pk != document.pk:
            Relation.objects.get_or_create(document=document, other=other, kind=Relation.Kind.REPLACES)
            steps.add(act, other, f"Nơi gửi thay thế bằng {document.code}", package.business.reason)
    _follow_early(act, row, document)
    return row


def _arrive(act: Act, row: Incoming, package: edxml.DocumentPackage) -> Document:
    assert row.agency is not None
    due_at = None
    if package.due_on is not None:
        due_at = timezone.make_aware(datetime.combine(package.due_on, time(17, 0)))
    return arrivals.arrive(
        act,
        agency=row.agency,
        source=Source.EXCHANGE,
        source_ref=source_ref(row.sender_code, row.document_ref),
        sender_code=row.sender_code,
        sender_name=package.sender.name,
        author_code=agencies.tidy(row.sender_code)[:35],
        author_name=package.sender.name,
        subject=package.subject,
        type=describing.type_of(package),
        code=package.code,
        issued_on=package.issued_on,
        urgency=describing.urgency_of(package),
        signer_name=package.signer.name,
        signer_title=package.signer.position,
        pages=package.pages or None,
        due_at=due_at,
        seal_said=row.seal_said,
        files=_files(package),
    )


def _files(package: edxml.DocumentPackage) -> list[arrivals.FileIn]:
    """The files of a package, each looked into as every upload is; the first is the paper."""
    found = []
    for place, attachment in enumerate(package.attachments):
        kept = store(
            BytesIO(attachment.content),
            name=attachment.name,
            owner=None,
            purpose=access.FILE_PURPOSE,
            limit=max(settings.MAX_UPLOAD_BYTES, edxml.Limits().attachment),
        )
        role = DocumentFile.Role.MAIN if place == 0 else DocumentFile.Role.ANNEX
        found.append(arrivals.FileIn(kept, role, attachment.name))
    return found


def _update(act: Act, row: Incoming, document: Document, package: edxml.DocumentPackage) -> Incoming:
    """The sender corrects what it sent: its files take the place of those that came, which stay on record."""
    document = steps.lock(document)
    row.document = document
    if Incoming.objects.filter(
        document=document, what=What.UPDATE, sha256=row.sha256, verdict=Incoming.Verdict.TAKEN
    ).exists():
        row.verdict = Incoming.Verdict.REPEATED
        return _keep(act, row)
    if document.state in (State.TAKEN_BACK, State.REFUSED):
        row.verdict, row.why = Incoming.Verdict.REFUSED, "Văn bản đã trả lại, không cập nhật."
        return _keep(act, row)
    files = _files(package)
    if files:
        sent = (DocumentFile.Role.MAIN, DocumentFile.Role.ANNEX)
        document.files.filter(role__in=sent, replaced_at__isnull=True).update(replaced_at=timezone.now())
        arrivals.attach(document, files)
    Arrival.objects.filter(document=document).update(seal_said=row.seal_said)
    steps.add(act, document, "Nơi gửi cập nhật văn bản", package.business.reason)
    act.record(document, after={"updated": row.axis_id}, organization_id=document.agency_id)
    act.emit("document.updated", document, {"agency": document.agency_id, "reason": package.business.reason[:500]})
    row.verdict = Incoming.Verdict.TAKEN
    return _keep(act, row)


@action("exchange.take_status")
def take_status(act: Act, *, came: Came, known: Incoming | None, package: edxml.StatusPackage) -> Incoming:
    """Take a status in: of one of our documents a receipt, or from a sender the asking back of what it sent us."""
    _system_only(act)
    _require_sender(came, package.sender.code)
    what = describing.what_of(package)
    row = _row(came, known, what)
    row.sender_code, row.document_ref = package.sender.code[:35], package.about.document_id[:100]
    row.code, row.told_at = package.about.code[:60], package.at
    row.agency = agencies.ours(came.receiver)
    if what == What.TAKE_BACK:
        return _asked_back(act, row, package.about.document_id, package.description)
    recipient = _recipient(row)
    if recipient is None:
        row.verdict, row.why = Incoming.Verdict.REFUSED, "Không có văn bản nào như vậy đã gửi đến nơi này."
        return _keep(act, row)
    row.document = steps.lock(recipient.document)
    same = Receipt.objects.filter(recipient=recipient, status=package.status.value, told_at=package.at)
    row.verdict = Incoming.Verdict.REPEATED if same.exists() else Incoming.Verdict.TAKEN
    _keep(act, row)
    if row.verdict == Incoming.Verdict.TAKEN:
        Receipt.objects.create(
            recipient=recipient,
            incoming=row,
            status=package.status.value,
            told_at=package.at,
            words=package.description[:500],
            staff=package.staff.name[:200] if package.staff else "",
        )
        ends = (edxml.Status.REFUSED, edxml.Status.TAKE_BACK_REFUSED, edxml.Status.TAKE_BACK_AGREED)
        reason = package.description if package.status in ends else ""
        issuing.note_receipt(act, recipient=recipient, receipt=package.status.value, reason=reason, at=package.at)
    return row


def _recipient(row: Incoming) -> Recipient | None:
    """The place that tells us of one of our documents: the one that we sent it to, whatever form its code has."""
    sent = Outgoing.objects.filter(document_ref=row.document_ref, recipient__isnull=False)
    sender = agencies.tidy(row.sender_code)
    rows = sent.select_related("recipient__document__agency").order_by("pk")
    return next((found.recipient for found in rows if agencies.tidy(found.to_code) == sender), None)


def _asked_back(act: Act, row: Incoming, document_ref: str, reason: str) -> Incoming:
    """The sender wants a document back: its receiver decides. What has not come yet is asked for when it comes."""
    row.document_ref, row.why = document_ref[:100], reason
    document = _find(row, document_ref) if row.agency else None
    if document is None:
        row.verdict = Incoming.Verdict.EARLY
        return _keep(act, row)
    row.document = document = steps.lock(document)
    told = Incoming.objects.filter(
        document=document, what=row.what, told_at=row.told_at, verdict=Incoming.Verdict.TAKEN
    )
    row.verdict = Incoming.Verdict.REPEATED if told.exists() else Incoming.Verdict.TAKEN
    _keep(act, row)
    if row.verdict == Incoming.Verdict.TAKEN:
        _ask(act, document, reason)
    return row


def _ask(act: Act, document: Document, reason: str) -> None:
    words = reason.strip() or "Nơi gửi không nêu lý do."
    if document.state == State.TAKEN_BACK:
        queueing.queue_status(act, document=document, what=What.TAKE_BACK_AGREED)
    elif document.state == State.REFUSED:
        queueing.queue_status(act, document=document, what=What.TAKE_BACK_AGREED, words="Văn bản đã trả lại.")
    else:
        handling.ask_take_back(act, document=document, reason=words)


def _follow_early(act: Act, row: Incoming, document: Document) -> None:
    """What was told of this document before it came."""
    early = Incoming.objects.filter(document_ref=row.document_ref, verdict=Incoming.Verdict.EARLY, agency=row.agency)
    sender = agencies.tidy(row.sender_code)
    for told in early.order_by("pk"):
        if agencies.tidy(told.sender_code) != sender:
            continue
        told.verdict, told.document = Incoming.Verdict.TAKEN, document
        told.save(update_fields=("verdict", "document"))
        _ask(act, document, told.why)


@action("exchange.note_unreadable")
def note_unreadable(act: Act, *, came: Came, known: Incoming | None, why: str, raw: bytes, wait: timedelta) -> Incoming:
    """Keep what cannot be read, not even so far that its sender could be told; it is fetched again after `wait`."""
    _system_only(act)
    row = known or _row(came, None, "")
    row.agency = agencies.ours(came.receiver)
    row.verdict, row.why, row.raw, row.sha256 = Incoming.Verdict.UNREADABLE, why[:4000], raw, came.sha256
    row.attempts = known.attempts + 1 if known else 1
    row.next_try_at = timezone.now() + wait
    return _keep(act, row)


@action("exchange.refuse_package")
def refuse_package(
    act: Act, *, came: Came, known: Incoming | None, about: edxml.Reference, why: str, raw: bytes | None
) -> Incoming:
    """Refuse a package whose sender can be told: it gets 02 with the reason; the package stays for people to see, unless it
    must not be kept (`raw` is None)."""
    _system_only(act)
    row = known or _row(came, None, "")
    row.seal, row.seal_said = came.seal, came.seal_said
    row.agency, row.sender_code = agencies.ours(came.receiver), (about.agency or came.sender)[:35]
    row.sender_code = came.sender or row.sender_code
    row.document_ref, row.code = about.document_id[:100], about.code[:60]
    row.verdict, row.why, row.raw, row.next_try_at = Incoming.Verdict.REFUSED, why[:4000], raw, None
    row.what = row.what or What.NEW
    _keep(act, row)
    queueing.queue_refusal(act, incoming=row, words=why)
    return row


@action("exchange.hold_package")
def hold_package(
    act: Act,
    *,
    came: Came,
    known: Incoming | None,
    package: edxml.DocumentPackage | edxml.StatusPackage,
    why: str,
    raw: bytes,
) -> Incoming:
    """Keep a package that was altered after it was signed out of the documents until somebody decides; it stays whole."""
    _system_only(act)
    about = package.about if isinstance(package, edxml.StatusPackage) else package.reference
    row = _row(came, known, describing.what_of(package))
    row.agency, row.sender_code = agencies.ours(came.receiver), (came.sender or about.agency)[:35]
    row.document_ref, row.code = about.document_id[:100], about.code[:60]
    row.verdict, row.why, row.raw = Incoming.Verdict.HELD, why[:4000], raw
    return _keep(act, row)


def _require_sender(came: Came, written: str) -> None:
    """The axis vouches for who sent a package; what the package itself says must be the same."""
    if came.sender and agencies.tidy(came.sender) != agencies.tidy(written):
        raise InvalidInput(
            _("Nơi gửi ghi trong gói tin (%(written)s) không phải nơi gửi theo trục (%(told)s).")
            % {"written": written, "told": came.sender}
        )


def _find(row: Incoming, document_ref: str) -> Document | None:
    """The document that this agency has of this sender under this identifier."""
    arrival = (
        Arrival.objects.filter(
            agency=row.agency, source=Source.EXCHANGE, source_ref=source_ref(row.sender_code, document_ref)
        )
        .select_related("document__agency")
        .first()
    )
    return arrival.document if arrival else None


def _row(came: Came, known: Incoming | None, what: str) -> Incoming:
    row = known or Incoming(axis_id=came.axis_id)
    row.what, row.sender_code, row.receiver_code = what, came.sender[:35], came.receiver[:35]
    row.sha256, row.raw, row.next_try_at, row.why = came.sha256, None, None, ""
    row.seal, row.seal_said = came.seal, came.seal_said
    return row


def _keep(act: Act, row: Incoming) -> Incoming:
    row.save()
    act.record(
        row,
        after={
            "verdict": row.verdict,
            "what": row.what,
            "from": row.sender_code,
            "sha256": row.sha256,
            "seal": row.seal,
        },
        organization_id=row.agency_id,
    )
    return row


def _system_only(act: Act) -> None:
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh liên thông văn bản được làm việc này."))
