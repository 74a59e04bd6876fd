"""The two signatures of a document: its signer's where the law puts it, then the agency's seal over it.

Nghị định 30/2020/NĐ-CP, Điều 13 and Phụ lục I, Phần I, Mục II, khoản 7–8. The signing service (``capabilities.signing``)
makes them in the background; this module asks, and follows what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hienluong.capabilities.signing import requests
from hienluong.capabilities.signing.models import Look, SignatureMark, SignatureRequest
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action, system
from hienluong.foundation.events.models import Event
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.files.storing import store
from hienluong.foundation.schemas.cleaning import storable

from .. import access, competence, laying, letterheads, rights, standing_in, telling, types
from ..layout.rendering import Box
from ..models import Document, DocumentFile, State
from . import signers, steps
from .drafting import address, latest

LEADER, SEAL = "ChuKyNguoiKy", "DauCoQuan"
MOST = requests.MOST
#: What the timeline says of a refusal.
REFUSED = "Từ chối ký"
FOLLOWER = system("Theo dõi ký văn bản")


def reference(document: Document) -> str:
    """How the signing service names a document."""
    return f"{document._meta.label_lower}:{document.pk}"


def request_of(document: Document) -> SignatureRequest | None:
    """The signatures that are being waited for."""
    return (
        SignatureRequest.objects.filter(subject_ref=reference(document), state=SignatureRequest.State.WAITING)
        .order_by("-opened_at")
        .first()
    )


@action("documents.prepare_signing")
def prepare(act: Act, *, document: Document) -> SignatureRequest:
    """Lay a numbered document out for good and ask for its two signatures; part of giving the number."""
    if document.state != State.NUMBERED or document.signer is None:
        raise DomainError(_("Văn bản chưa có số hoặc chưa có người ký."), code="documents.wrong_state")
    laid = (
        laying.copy_laid(document)
        if document.type in types.COPIES
        else laying.laid(document, latest(document), draft=False)
    )
    if laid.leader_box is None or laid.seal_box is None:
        raise laying.NotLaidOut(_("Bản in không có chỗ cho chữ ký và dấu."))
    name = f"{document.code.replace('/', '-')}.pdf"
    file = store(BytesIO(laid.pdf), name=name, owner=None, purpose=access.FILE_PURPOSE)
    put_main(act, document, file, name)
    document.pages = laid.pages
    document.save(update_fields=("pages",))
    post = standing_in.entitled(document)
    title = competence.lines(post, document.competence, letterheads.of(document.agency))[1]
    marks = [
        requests.Mark(document.signer, LEADER, Look.LEADER, *_place(laid.leader_box), title=title),
        requests.Mark(document.agency, SEAL, Look.SEAL, *_place(laid.seal_box)),
    ]
    opened = requests.open_request(
        act,
        subject_ref=reference(document),
        file=file,
        marks=marks,
        reason=f"Ký ban hành {document.code}",
        title=telling.named(document) if document.restricted else f"{document.code} {document.subject}",
        notation=document.code,
        location=document.place,
    )
    act.record(document, after={"file": str(file.pk)}, organization_id=document.agency_id)
    return opened


def _place(box: Box) -> tuple[int, tuple[float, float, float, float]]:
    return box.page + 1, (box.x0, box.y0, box.x1, box.y1)


def put_main(act: Act, document: Document, file: StoredFile, name: str) -> None:
    """Make a file the one that counts; those before stay on record."""
    document.files.filter(role=DocumentFile.Role.MAIN, replaced_at__isnull=True).update(replaced_at=timezone.now())
    DocumentFile.objects.get_or_create(
        file=file,
        defaults={
            "document": document,
            "role": DocumentFile.Role.MAIN,
            "position": 0,
            "name": name[:200],
            "added_by_id": act.actor.official_id,
        },
    )


def unprepare(act: Act, *, document: Document, reason: str) -> None:
    """Take the request for signatures back, and the file with the number that will not be used."""
    waiting = request_of(document)
    if waiting is not None:
        SignatureRequest.objects.select_for_update().get(pk=waiting.pk)
        if waiting.marks.filter(state=SignatureMark.State.SIGNED).exists():  # made, and only not written here yet
            raise DomainError(_("Văn bản đã ký, không bỏ số được nữa."), code="documents.wrong_state")
        requests.cancel(act, request_id=waiting.pk, reason=reason)
    document.files.filter(role=DocumentFile.Role.MAIN, replaced_at__isnull=True).update(replaced_at=timezone.now())


@action("documents.sign")
def sign(act: Act, *, documents: Sequence[Document]) -> requests.Outcome:
    """Sign numbered documents with one's own key, one confirmation for all of them.

    Each must wait for the signature of this very official, whose post must still entitle them.
    """
    if not documents or len(documents) > MOST:
        raise InvalidInput(_("Chọn từ 1 đến %(most)s văn bản.") % {"most": MOST}, field="documents")
    wanted = []
    for document in sorted(documents, key=lambda each: each.pk):
        document = steps.lock(document)
        rights.require_outgoing(document)
        access.require_read(act.actor, document)
        steps.require_state(document, (State.NUMBERED,))
        if document.signer is None or document.signer_id != act.actor.official_id:
            raise NotAllowed(_("Văn bản này không chờ chữ ký của bạn."), permission="documents.sign")
        _require_entitled(act.actor, document)
        wanted.append(_waiting(document))
        act.record(document, after={"signing": act.actor.official_id}, organization_id=document.agency_id)
    return requests.sign(act, request_ids=[request.pk for request in wanted])


def still_right(actor: Actor, request: SignatureRequest, mark: SignatureMark) -> None:
    """Say no when a mark on one of our documents may not be made any more, wherever it is made: on the page of all that
    waits for a signature as on the document's own. Raises :class:`DomainError` with why."""
    document = Document.objects.filter(pk=int(request.subject_ref.rpartition(":")[2])).first()
    if document is None:
        raise NotFound(_("Không tìm thấy văn bản."))
    if mark.official_id is None:
        rights.require_clerk(actor, document)
        steps.require_state(document, (State.SIGNED,))
        if document.sealed_at is not None:
            raise DomainError(_("Văn bản đã đóng dấu."), code="documents.sealed")
        return
    steps.require_state(document, (State.NUMBERED,))
    if document.signer is None or document.signer_id != mark.official_id:
        raise NotAllowed(_("Văn bản này không chờ chữ ký của bạn."), permission="documents.sign")
    _require_entitled(actor, document)


def _require_entitled(actor: Actor, document: Document) -> None:
    """Raise unless the signer may sign it today; with lent powers, what is written down says whose."""
    standing_in.entitled(document)
    if document.signs_for is not None:
        access.note_lender(actor, document.signs_for.full_name)


@action("documents.stand_in")
def stand_in(act: Act, *, document: Document) -> Document:
    """Take over the signature of a leader who is away and lends one the power to sign: the paper is laid out anew in the
    form of one's own post (KT., TUQ.), with the number and the day that it has, and waits for one's own signature.

    :class:`NotAllowed` without a delegation that runs today, :class:`InvalidInput` when one's post signs for nobody.
    """
    document = steps.lock(document)
    rights.require_outgoing(document)
    access.require_read(act.actor, document)
    steps.require_state(document, (State.NUMBERED,))
    if document.signer is None or not rights.may_stand_in(act.actor, document):
        raise NotAllowed(_("Văn bản này không chờ chữ ký của ai đang ủy quyền cho bạn."), permission="documents.sign")
    lender = document.signer
    _waiting(document)
    signers.stand_in_for(act, document, lender)
    unprepare(act, document=document, reason=f"{document.signer_name} ký thay {lender.full_name}")
    prepare(act, document=document)
    steps.add(act, document, f"{document.signer_name} nhận ký thay {lender.full_name}, theo ủy quyền")
    title = gettext_noop("Có người ký thay bạn, theo ủy quyền: %(name)s")
    telling.tell(act, document, [lender.pk], f"stood-in:{document.signer_id}", title, href=address(document))
    return document


def may_read(actor: Actor, request: SignatureRequest) -> bool:
    """Whether this actor may read the document that a request is about: whoever signed it needs a right like others."""
    document = Document.objects.filter(pk=int(request.subject_ref.rpartition(":")[2])).first()
    return document is not None and access.decide_read(actor, document).allowed


@action("documents.refuse_signing")
def refuse(act: Act, *, document: Document, reason: str) -> Document:
    """Refuse to sign what has its number already; the records office then leaves the number empty."""
    document = steps.lock(document)
    access.require_read(act.actor, document)
    steps.require_state(document, (State.NUMBERED,))
    if document.signer_id is None or document.signer_id != act.actor.official_id:
        raise NotAllowed(_("Văn bản này không chờ chữ ký của bạn."), permission="documents.sign")
    if not (reason := storable(reason).strip()):
        raise InvalidInput(_("Nhập lý do từ chối ký."), field="reason")
    requests.refuse(act, request_id=_waiting(document).pk, reason=reason)
    steps.add(act, document, REFUSED, reason)
    act.record(document, after={"refused": True}, organization_id=document.agency_id, note=reason)
    _tell_clerks(act, document, "refused", gettext_noop("Người ký từ chối ký, cần bỏ số: %(name)s"))
    return document


@action("documents.seal")
def seal(act: Act, *, documents: Sequence[Document]) -> requests.Outcome:
    """Put the seal of the agency on documents that their signers signed; the records office keeps it."""
    if not documents or len(documents) > MOST:
        raise InvalidInput(_("Chọn từ 1 đến %(most)s văn bản.") % {"most": MOST}, field="documents")
    wanted = []
    for document in sorted(documents, key=lambda each: each.pk):
        document = steps.lock(document)
        rights.require_clerk(act.actor, document)
        steps.require_state(document, (State.SIGNED,))
        if document.sealed_at is not None:
            raise DomainError(_("Văn bản đã đóng dấu."), code="documents.sealed")
        wanted.append(_waiting_for_seal(act, document))
        act.record(document, after={"sealing": True}, organization_id=document.agency_id)
    return requests.sign(act, request_ids=[request.pk for request in wanted])


def _waiting(document: Document) -> SignatureRequest:
    found = request_of(document)
    if found is None:
        raise DomainError(
            _("Văn bản %(code)s không chờ chữ ký nào; người ký có thể đã từ chối.") % {"code": document.code},
            code="documents.no_request",
        )
    return found


def _waiting_for_seal(act: Act, document: Document) -> SignatureRequest:
    """The request for the seal; asked for anew when whoever keeps it refused, since the signer signed for good."""
    last = _newest(document)
    if last is None or last.state not in (SignatureRequest.State.REFUSED, SignatureRequest.State.CANCELLED):
        return _waiting(document)
    mark = last.marks.get(field=SEAL)
    if mark.box is None:
        raise laying.NotLaidOut(_("Bản in không có chỗ cho chữ ký và dấu."))
    x0, y0, x1, y1 = mark.box
    return requests.open_request(
        act,
        subject_ref=reference(document),
        file=require_file(document).file,
        marks=[requests.Mark(document.agency, SEAL, Look.SEAL, mark.page, (x0, y0, x1, y1))],
        reason=last.reason,
        title=last.title,
        notation=last.notation,
        location=last.location,
    )


def _newest(document: Document) -> SignatureRequest | None:
    return SignatureRequest.objects.filter(subject_ref=reference(document)).order_by("-opened_at").first()


def _tell_clerks(act: Act, document: Document, what: str, title: str) -> None:
    clerks = [post.official.pk for post in competence.posts_in(document.agency, "documents.clerk")]
    telling.tell(act, document, clerks, what, title, href=address(document))


def signature_made(event: Event) -> None:
    """A signature of one of our documents was made: keep the signed file, and say whose turn it is."""
    document = _subject(event)
    if document is not None:
        take_signature(
            FOLLOWER,
            document=document,
            request=str(event.data["request"]),
            mark=str(event.data["mark"]),
            file_id=str(event.data["file"]),
        )


def signature_refused(event: Event) -> None:
    """A signature on one of our documents was refused, on its own page or on that of all that waits."""
    document = _subject(event)
    if document is not None:
        note_refusal(
            FOLLOWER, document=document, request=str(event.data["request"]), reason=str(event.data.get("reason", ""))
        )


@action("documents.note_refusal")
def note_refusal(act: Act, *, document: Document, request: str, reason: str) -> None:
    """Say on the document that its signer refused, and tell the records office, unless the document's page did already."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình ký số được ghi nhận chữ ký."), permission="documents.sign")
    document = steps.lock(document)
    newest = _newest(document)
    told = document.steps.filter(title=REFUSED, at__gte=newest.opened_at).exists() if newest else True
    if newest is None or str(newest.pk) != request or document.state != State.NUMBERED or told:
        act.record(document, note="từ chối ký đã ghi nhận", organization_id=document.agency_id)
        return
    steps.add(act, document, REFUSED, reason)
    act.record(document, after={"refused": True}, organization_id=document.agency_id, note=reason)
    _tell_clerks(act, document, "refused", gettext_noop("Người ký từ chối ký, cần bỏ số: %(name)s"))


@action("documents.take_signature")
def take_signature(act: Act, *, document: Document, request: str, mark: str, file_id: str) -> None:
    """Keep the signed file of a document; the same again, or one that comes too late, changes nothing.

    `request`: the number of the request that it was made for; only the newest of a document counts.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình ký số được ghi nhận chữ ký."), permission="documents.sign")
    document = steps.lock(document)
    file = StoredFile.objects.get(pk=file_id)
    newest = _newest(document)
    if newest is None or str(newest.pk) != request:  # its number was left empty meanwhile: another paper is signed now
        act.record(document, note="chữ ký của bản đã bỏ", organization_id=document.agency_id)
        return
    if DocumentFile.objects.filter(file=file).exists() or document.state not in (State.NUMBERED, State.SIGNED):
        act.record(document, note="chữ ký đã ghi nhận", organization_id=document.agency_id)
        return
    put_main(act, document, file, file.name)
    now = timezone.now()
    if mark == LEADER:
        document.signed_at = now
        document.save(update_fields=("signed_at",))
        said = f"{document.signer_name} đã ký"
        if document.signs_for is not None:
            said = f"{said} thay {document.signs_for.full_name}"
        steps.move(act, document, State.SIGNED, said)
        act.emit("document.signed", document, {"agency": document.agency_id})
        _tell_clerks(act, document, "to-seal", gettext_noop("Chờ đóng dấu: %(name)s"))
        return
    document.sealed_at = now
    document.save(update_fields=("sealed_at",))
    steps.add(act, document, "Cơ quan đã ký số (đóng dấu)")
    act.record(document, after={"sealed": True}, organization_id=document.agency_id)
    act.emit("document.sealed", document, {"agency": document.agency_id})


def _subject(event: Event) -> Document | None:
    kind, _colon, pk = event.subject.partition(":")
    if kind != Document._meta.label_lower or not pk.isdigit():
        return None
    return Document.objects.filter(pk=int(pk)).first()


def require_file(document: Document) -> DocumentFile:
    """The file that counts now; :class:`NotFound` when there is none."""
    found = laying.main_file(document)
    if found is None:
        raise NotFound(_("Văn bản chưa có tệp."))
    return found
