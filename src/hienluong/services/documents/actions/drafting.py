"""Drafting: beginning a document, its versions, what was typed meanwhile, remarks on passages, giving it up.

A version is never changed: a change is the next version, and who saves over a version that is no longer the newest is told
(Nghị định 30/2020/NĐ-CP, Điều 10: who drafts answers for the text).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.schemas.cleaning import storable

from .. import access, bodies, competence, finding, letterheads, places, rights, secrecy, stamps, telling, types
from ..bodies import Parts
from ..layout import word
from ..layout.content import LayoutRefused
from ..layout.starts import STARTS
from ..models import (
    Comment,
    Competence,
    Direction,
    Document,
    DocumentFile,
    Recipient,
    Relation,
    State,
    Urgency,
    Version,
    Why,
    WorkingCopy,
)
from . import steps

#: Most files that go with a document, and most letters of a remark.
MOST_ANNEXES, LONGEST_REMARK = 30, 4000


class ChangedMeanwhile(DomainError):
    """Somebody saved a newer version; `details["version"]` is its number. What was typed is kept by the caller."""

    code = "documents.changed_meanwhile"


def address(document: Document) -> str:
    """Where the document's page is."""
    return reverse("outgoing:show", args=[document.pk])


@action("documents.begin")
def begin(
    act: Act,
    *,
    agency: Organization,
    type: str,
    subject: str,
    unit: Organization | None = None,
    direction: str = Direction.OUTGOING,
    urgency: int = Urgency.NORMAL,
    restricted: bool = False,
    secrecy_level: str = "",
    due_at: datetime | None = None,
    relations: Sequence[tuple[str, Document]] = (),
    upload: StoredFile | None = None,
) -> Document:
    """Begin a draft in `agency`, from the beginning of its type or from an uploaded Word file.

    `relations`: what it answers, replaces or corrects (a kind of :class:`Relation` and the document, which the actor must
    be able to read). State secrets are refused before anything is kept.
    """
    secrecy.refuse(secrecy_level)
    access.require_in(act.actor, "documents.draft", agency)
    if act.actor.official_id is None:
        raise NotAllowed(_("Chỉ cán bộ, công chức soạn thảo văn bản."), permission="documents.draft")
    if type not in types.TYPES:
        raise InvalidInput(_("Chọn loại văn bản."), field="type")
    if direction not in (Direction.OUTGOING, Direction.INTERNAL):
        raise InvalidInput(_("Chọn văn bản đi hay văn bản nội bộ."), field="direction")
    subject = _subject(subject)
    for kind, other in relations:
        access.require_read(act.actor, other)
        if kind == Relation.Kind.ANSWERS and other.agency_id != agency.pk:
            raise InvalidInput(_("Chỉ cơ quan nhận văn bản mới trả lời văn bản đó."), field="agency")
    start = STARTS.get(type)
    body, note = (start.body if start else ""), ""
    if upload is not None:
        body, note = _read_word(upload)
    letterhead = letterheads.of(agency)
    document = Document.objects.create(
        direction=direction,
        agency=agency,
        unit=unit,
        type=type,
        notation=letterhead.notation(type, unit),
        subject=subject,
        author_code=agency.code,
        author_name=letterhead.name[:200],
        place=letterhead.place[:100],
        urgency=urgency if urgency in Urgency.values else Urgency.NORMAL,
        restricted=restricted,
        drafter_id=act.actor.official_id,
        due_at=due_at,
        state=State.DRAFT,
    )
    parts = Parts(grounds=start.grounds, addressees=start.addressees) if start else Parts()
    _version(act, document, 1, bodies.taken(body) if upload is not None else body, parts, note, upload)
    if upload is not None:
        _attach(act, document, upload, DocumentFile.Role.DRAFT)
    for kind, other in relations:
        Relation.objects.create(document=document, other=other, kind=kind)
    _let_draft(act, document, act.actor.official_id)
    steps.add(act, document, "Khởi tạo dự thảo", note)
    finding.index(document)
    act.record(document, after={"type": type, "state": document.state}, organization_id=agency.pk)
    act.emit("document.begun", document, {"agency": agency.pk})
    return document


def _subject(text: str) -> str:
    subject = " ".join(storable(text).split())
    if not subject:
        raise InvalidInput(_("Nhập trích yếu nội dung."), field="subject")
    if len(subject) > 500:
        raise InvalidInput(_("Trích yếu dài nhất 500 ký tự."), field="subject")
    return subject


def _read_word(upload: StoredFile) -> tuple[str, str]:
    """The text of a Word file, and what was left out of it."""
    with upload.open() as stream:
        return text_of_word(stream.read(word.LARGEST + 1))


def text_of_word(content: bytes) -> tuple[str, str]:
    """The text of a Word file as a body that can be kept, and what was left out of it; nothing is kept here.

    :class:`secrecy.StateSecret` for a stamp of secrecy in it: asked before the file is kept, too.
    """
    try:
        found = word.from_docx(content)
    except LayoutRefused as error:
        raise InvalidInput(str(error), field="word") from None
    return bodies.taken(found.body), " ".join(found.warnings)


def _let_draft(act: Act, document: Document, official_id: int) -> None:
    official = Official.objects.get(pk=official_id)
    access.let_read(
        document, agency=document.agency, why=Why.DRAFTER, official=official, by_label=act.actor.label[:200]
    )


def _version(
    act: Act, document: Document, number: int, body: str, parts: Parts, note: str, upload: StoredFile | None = None
) -> Version:
    return Version.objects.create(
        document=document,
        number=number,
        body=body,
        extra=parts.as_extra(),
        upload=upload,
        by_id=act.actor.official_id,
        by_label=act.actor.label[:200],
        note=note[:300],
    )


def latest(document: Document) -> Version:
    """The newest version of a draft."""
    found = document.versions.order_by("-number").first()
    if found is None:
        raise NotFound(_("Văn bản này không có bản thảo trên hệ thống."))
    return found


@action("documents.save_version")
def save(
    act: Act,
    *,
    document: Document,
    body: str,
    parts: Parts,
    based_on: int,
    note: str = "",
    upload: StoredFile | None = None,
) -> Version:
    """Keep what was typed as the next version. `based_on` is the number of the version that was being changed.

    Raises :class:`ChangedMeanwhile` when somebody saved a newer one; saving the same again makes no version.
    """
    document = steps.lock(document)
    rights.require_editor(act.actor, document)
    newest = latest(document)
    if newest.number != based_on:
        raise ChangedMeanwhile(
            _("%(who)s đã lưu bản %(number)s lúc bạn đang sửa. Hãy so sánh rồi lưu lại.")
            % {"who": newest.by_label, "number": newest.number},
            version=newest.number,
        )
    if upload is not None:
        body, told = _read_word(upload)
        note = " ".join(filter(None, (note, told)))
    text, parts = bodies.taken(body), parts.tidy()
    secrecy.refuse(secrecy.stamp_in("\n".join((*parts.grounds, *parts.addressees, parts.circulation))))
    WorkingCopy.objects.filter(document=document, official=act.actor.official_id).delete()
    if text == newest.body and parts.as_extra() == newest.extra and upload is None:
        act.record(document, note="không có thay đổi", organization_id=document.agency_id)
        return newest
    version = _version(act, document, newest.number + 1, text, parts, " ".join(storable(note).split()), upload)
    if upload is not None:
        _attach(act, document, upload, DocumentFile.Role.DRAFT)
    document.save(update_fields=("changed_at",))
    act.record(document, after={"version": version.number}, organization_id=document.agency_id)
    act.emit("document.drafted", document, {"version": version.number})
    return version


@action("documents.keep_typing")
def keep(act: Act, *, document: Document, body: str, parts: Parts, based_on: int) -> WorkingCopy:
    """Keep what somebody is typing, beside the versions: for them alone, until they save or throw it away."""
    rights.require_editor(act.actor, document)
    assert act.actor.official_id is not None
    text, parts = bodies.taken(body), parts.tidy()
    kept, _fresh = WorkingCopy.objects.update_or_create(
        document=document,
        official_id=act.actor.official_id,
        defaults={"based_on": based_on, "body": text, "extra": parts.as_extra()},
    )
    act.record(document, after={"based_on": based_on}, organization_id=document.agency_id)
    return kept


@action("documents.drop_typing")
def drop(act: Act, *, document: Document) -> None:
    """Throw away what one typed since the last version."""
    access.require_read(act.actor, document)
    WorkingCopy.objects.filter(document=document, official=act.actor.official_id).delete()
    act.record(document, organization_id=document.agency_id)


@action("documents.set_out")
def set_out(
    act: Act,
    *,
    document: Document,
    subject: str,
    type: str,
    unit: Organization | None,
    urgency: int,
    restricted: bool,
    competence_: str,
    signer: Official | None,
    due_at: datetime | None,
    places_: str,
    lines: str,
) -> Document:
    """Set what stands around the text: type, subject, urgency, who signs how, where it goes.

    `places_`: one place a line (``places.read``); `lines`: the lines of "Nơi nhận" as printed, without "Lưu". The signer
    must be entitled to sign this way today (``competence.post_for``).
    """
    document = steps.lock(document)
    rights.require_editor(act.actor, document)
    _require_kind(document, type)
    if competence_ not in Competence.values:
        raise InvalidInput(_("Chọn thể thức ký."), field="competence")
    if document.state == State.APPROVING and (signer is None or signer.pk != document.signer_id):
        raise InvalidInput(_("Muốn đổi người ký, hãy trả lại để trình lại."), field="signer")
    letterhead = letterheads.of(document.agency)
    before = {"type": document.type, "subject": document.subject, "signer": document.signer_id}
    document.subject, document.type, document.unit = _subject(subject), type, unit
    document.urgency = urgency if urgency in Urgency.values else Urgency.NORMAL
    document.restricted, document.due_at = restricted, due_at
    document.notation = letterhead.notation(type, unit)
    document.competence = competence_
    document.signs_for, document.signs_for_as = None, ""
    if signer is None:
        document.signer, document.signer_name, document.signer_title = None, "", ""
    else:
        post = competence.post_for(document.agency, signer, competence_)
        document.signer, document.signer_name = signer, signer.full_name[:100]
        document.signer_title = competence.lines(post, competence_, letterhead)[1][:150]
    document.save()
    set_places(document, places.read(places_), lines)
    finding.index(document)
    act.record(
        document,
        before=before,
        after={"type": type, "subject": document.subject, "signer": document.signer_id},
        organization_id=document.agency_id,
    )
    return document


def _require_kind(document: Document, type: str) -> None:
    """A copy stays a copy of what it is a copy of (Nghị định 30/2020/NĐ-CP, Điều 25); nothing else becomes one."""
    if type not in types.ALL:
        raise InvalidInput(_("Chọn loại văn bản."), field="type")
    if types.ALL[type] not in types.like(document.type):
        raise InvalidInput(
            _("%(old)s không đổi thành %(new)s được.")
            % {"old": document.kind.name, "new": types.ALL[type].name.lower()},
            field="type",
        )


def set_places(document: Document, wanted: Sequence[places.Place], lines: str) -> None:
    """Where a document goes, and how the paper says it; nothing was sent yet."""
    own = {document.agency.code} if document.direction == Direction.OUTGOING else set()
    if any(place.code in own for place in wanted):
        raise InvalidInput(_("Cơ quan ban hành không gửi văn bản đi cho chính mình."), field="places")
    document.recipients.all().delete()
    rows = [
        Recipient(document=document, agency=place.agency, code=place.code, name=place.name[:200], position=number)
        for number, place in enumerate(wanted)
    ]
    printed = [" ".join(storable(line).split()).rstrip(";.")[:200] for line in lines.splitlines()]
    rows += [
        Recipient(document=document, name=line, line=line, position=1000 + number)
        for number, line in enumerate(filter(None, printed))
    ]
    Recipient.objects.bulk_create(rows)


@action("documents.add_drafter")
def add_drafter(act: Act, *, document: Document, official: Official) -> None:
    """Let a colleague of the agency draft with one."""
    document = steps.lock(document)
    rights.require_drafter(act.actor, document)
    steps.require_state(document, rights.EDITABLE)
    if official not in [post.official for post in competence.members(document.agency, "documents.draft")]:
        raise InvalidInput(_("Người này không soạn thảo văn bản tại cơ quan ban hành."), field="official")
    _let_draft(act, document, official.pk)
    steps.add(act, document, f"Thêm người cùng soạn thảo: {official.full_name}")
    act.record(document, after={"drafter": official.pk}, organization_id=document.agency_id)
    telling.tell(
        act,
        document,
        [official.pk],
        f"drafter:{official.pk}",
        gettext_noop("Bạn được mời cùng soạn thảo: %(name)s"),
        href=address(document),
    )


@action("documents.attach")
def attach(act: Act, *, document: Document, file: StoredFile, name: str = "") -> DocumentFile:
    """Add an annex in a file of its own; :class:`secrecy.StateSecret` for a stamp of secrecy in it: callers ask
    ``stamps.refuse_in_upload`` before they keep the file, too."""
    rights.require_editor(act.actor, document)
    stamps.refuse_in_kept(file)
    document = steps.lock(document)
    rights.require_editor(act.actor, document)
    if document.files.filter(role=DocumentFile.Role.ANNEX, replaced_at__isnull=True).count() >= MOST_ANNEXES:
        raise InvalidInput(_("Mỗi văn bản nhiều nhất %(most)s tệp kèm theo.") % {"most": MOST_ANNEXES}, field="file")
    added = _attach(act, document, file, DocumentFile.Role.ANNEX, name)
    act.record(document, after={"file": added.name}, organization_id=document.agency_id)
    return added


@action("documents.detach")
def detach(act: Act, *, document: Document, file_id: int) -> None:
    """Take an annex out again; it stays on record."""
    document = steps.lock(document)
    rights.require_editor(act.actor, document)
    found = document.files.filter(pk=file_id, role=DocumentFile.Role.ANNEX, replaced_at__isnull=True).first()
    if found is None:
        raise NotFound(_("Không có tệp kèm theo này."))
    found.replaced_at = timezone.now()
    found.save(update_fields=("replaced_at",))
    act.record(document, before={"file": found.name}, organization_id=document.agency_id)


def _attach(act: Act, document: Document, file: StoredFile, role: str, name: str = "") -> DocumentFile:
    if DocumentFile.objects.filter(file=file).exists() or file.purpose != access.FILE_PURPOSE:
        raise InvalidInput(_("Tệp này không dùng được."), field="file")
    if file.owner_id is not None and file.owner_id != act.actor.account_id:
        raise InvalidInput(_("Tệp này không phải do bạn tải lên."), field="file")
    return DocumentFile.objects.create(
        document=document,
        file=file,
        role=role,
        position=document.files.count(),
        name=(name or file.name)[:200],
        added_by_id=act.actor.official_id,
    )


@action("documents.comment")
def comment(act: Act, *, document: Document, version: int, text: str, quote: str = "") -> Comment:
    """Remark on a draft, at a passage of a version when `quote` stands in it."""
    document = steps.lock(document)
    rights.require_outgoing(document)
    access.require_read(act.actor, document)
    steps.require_state(document, (State.DRAFT, State.OPINIONS, State.APPROVING))
    if act.actor.official_id is None:
        raise NotAllowed(_("Chỉ cán bộ, công chức góp ý được."), permission="documents.read")
    about = document.versions.filter(number=version).first()
    if about is None:
        raise NotFound(_("Không có bản thảo này."))
    text, quote = storable(text).strip(), " ".join(storable(quote).split())[:500]
    if not text:
        raise InvalidInput(_("Nhập nội dung góp ý."), field="text")
    if len(text) > LONGEST_REMARK:
        raise InvalidInput(_("Góp ý dài nhất %(most)s ký tự.") % {"most": LONGEST_REMARK}, field="text")
    if quote and quote not in " ".join(bodies.plain(about.body).split()):
        raise InvalidInput(_("Đoạn được trích không có trong bản này."), field="quote")
    made = Comment.objects.create(document=document, version=about, quote=quote, text=text, by_id=act.actor.official_id)
    act.record(document, after={"comment": made.pk, "version": version}, organization_id=document.agency_id)
    telling.tell(
        act,
        document,
        [document.drafter_id],
        f"comment:{made.pk}",
        gettext_noop("Có góp ý cho dự thảo: %(name)s"),
        href=address(document),
    )
    return made


@action("documents.settle_comment")
def settle(act: Act, *, comment: Comment) -> Comment:
    """A remark is done with: by who drafts, or by who made it. Doing it again changes nothing."""
    document = steps.lock(comment.document)
    rights.require_outgoing(document)
    access.require_read(act.actor, document)
    if not (rights.drafts(act.actor, document) or comment.by_id == act.actor.official_id):
        raise NotAllowed(_("Chỉ người soạn thảo hoặc người góp ý đóng được góp ý này."), permission="documents.draft")
    steps.require_state(document, (State.DRAFT, State.OPINIONS, State.APPROVING))
    fresh = Comment.objects.filter(pk=comment.pk, settled_at__isnull=True).update(
        settled_at=timezone.now(), settled_by_id=act.actor.official_id
    )
    comment.refresh_from_db()
    act.record(document, after={"settled": comment.pk, "fresh": bool(fresh)}, organization_id=document.agency_id)
    return comment


@action("documents.cancel")
def cancel(act: Act, *, document: Document, reason: str) -> Document:
    """Give a draft up, before it has a number; it stays on record."""
    document = steps.lock(document)
    rights.require_drafter(act.actor, document)
    steps.require_state(document, (State.DRAFT, State.OPINIONS, State.APPROVING, State.APPROVED))
    if not (reason := storable(reason).strip()):
        raise InvalidInput(_("Nhập lý do."), field="reason")
    from .approvals import drop_open
    from .opinions import withdraw_open

    drop_open(document)
    withdraw_open(document)
    steps.move(act, document, State.CANCELLED, "Hủy dự thảo", reason)
    act.emit("document.cancelled", document, {"agency": document.agency_id})
    return document
