"""Who may read a document: those in its list of readers and their records office, nobody else, however high they stand."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, Decision, NotAllowed, NotFound
from hienluong.foundation.actions.permissions import Permission
from hienluong.foundation.actions.permissions import register as register_permission
from hienluong.foundation.files import access as files
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official, Organization

from .agencies import agencies_of_actor
from .models import Document, DocumentFile, Look, Reader, State, Version, Why

#: What files of documents are kept for (``StoredFile.purpose``): one rule opens them all.
FILE_PURPOSE = "documents.file"

VERBS: dict[str, tuple[str, str]] = {
    "read": ("Dùng văn bản điều hành", "Use official documents"),
    "draft": ("Soạn thảo văn bản", "Draft documents"),
    "assign": ("Phân công xử lý văn bản", "Assign documents"),
    "approve": ("Duyệt dự thảo", "Approve drafts"),
    "sign": ("Ký văn bản", "Sign documents"),
    "clerk": ("Văn thư: đăng ký, cấp số, đóng dấu, phát hành", "Records office: register, number, seal, issue"),
    "mailbox": ("Theo dõi thư lỗi của hộp thư văn bản", "Watch over held mail of document mailboxes"),
}

#: What a leader lends so that somebody approves and signs for them; and what that lets read: as whom, in which states.
LENT = frozenset({"documents.approve", "documents.sign"})
_LENT_WHY = (Why.APPROVER, Why.SIGNER)
_LENT_STATES = (State.APPROVING, State.NUMBERED)


def register_permissions() -> None:
    """Hand the verbs over to the permission catalogue."""
    register_permission(*(Permission(f"documents.{verb}", vi, en) for verb, (vi, en) in VERBS.items()))


def agencies_with(actor: Actor, permission: str) -> frozenset[int]:
    """The agencies in which `actor` holds `permission` by a post in the agency itself; a post above does not count.

    One query for all that is asked about an actor, none when no post gives anything.
    """
    paths = {grant.path for grant in actor.grants if permission in grant.permissions}
    if not paths:
        return frozenset()
    known = agencies_of_actor(actor)
    return frozenset(known[path] for path in paths if path in known)


def is_clerk_of(actor: Actor, agency: Organization) -> bool:
    """Whether the actor works in the records office of exactly this agency."""
    return actor.kind == "system" or agency.pk in agencies_with(actor, "documents.clerk")


def require_in(actor: Actor, permission: str, agency: Organization) -> None:
    """Raise :class:`NotAllowed` unless the actor holds `permission` by a post in exactly this agency."""
    if actor.kind != "system" and agency.pk not in agencies_with(actor, permission):
        raise NotAllowed(
            _("Bạn không có quyền thực hiện việc này tại %(agency)s.") % {"agency": agency.name},
            permission=permission,
            reasons=actor.decide(permission, agency.path).reasons,
        )
    if lender := actor.lender(permission, agency.path):
        note_lender(actor, lender)


def note_lender(actor: Actor, name: str) -> None:
    """Whatever is written down from now on in this action says that it is done with the powers of `name`."""
    if name not in actor.acting_for:
        actor.acting_for.append(name)


def lenders(actor: Actor) -> dict[int, frozenset[int]]:
    """Who lends the actor the power to approve or to sign today: by official the agencies. No query of its own."""
    lent = [grant for grant in actor.grants if grant.lender_id is not None and grant.permissions & LENT]
    if not lent:
        return {}
    known, found = agencies_of_actor(actor), dict[int, set[int]]()
    for grant in lent:
        if grant.lender_id is not None and grant.path in known:
            found.setdefault(grant.lender_id, set()).add(known[grant.path])
    return {lender: frozenset(agencies) for lender, agencies in found.items()}


def _rows_for(actor: Actor) -> Q:
    """The rows of readers that let this actor in: their own, those of their records office, and, while somebody lends
    them the power to approve or to sign, that somebody's to what is on its way to be approved or signed."""
    clerk_of = agencies_with(actor, "documents.clerk")
    found = Q(agency__in=clerk_of)
    if actor.official_id:
        found |= Q(official=actor.official_id, agency__in=agencies_with(actor, "documents.read"))
    for lender, agencies in lenders(actor).items():
        found |= Q(official=lender, agency__in=agencies, why__in=_LENT_WHY, document__state__in=_LENT_STATES)
    return found & Q(ended_at__isnull=True)


def readable(actor: Actor) -> QuerySet[Document]:
    """The documents that an official may read, in no order."""
    if actor.kind == "system":
        return Document.objects.all()
    if actor.kind != "account" or not actor.grants:
        return Document.objects.none()
    rows = Reader.objects.filter(_rows_for(actor), document=OuterRef("pk"))
    return Document.objects.filter(Exists(rows))


def decide_read(actor: Actor, document: Document) -> Decision:
    """Whether `actor` may read this document, and why."""
    if actor.kind == "system":
        return Decision(True, (_("Tiến trình hệ thống “%(name)s”.") % {"name": actor.label},))
    if actor.kind == "account" and actor.grants:
        row = (
            Reader.objects.filter(_rows_for(actor), document=document)
            .order_by(F("official").asc(nulls_last=True))
            .first()
        )
        if row is not None and row.official_id not in (None, actor.official_id):
            return Decision(True, (_("%(why)s, được ủy quyền.") % {"why": row.get_why_display()},))
        if row is not None:
            return Decision(True, (str(row.get_why_display()),))
    return Decision(
        False, (_("Không phải người được gửi, được giao, được chia sẻ văn bản này, cũng không phải văn thư của họ."),)
    )


def require_read(actor: Actor, document: Document) -> None:
    """Raise :class:`NotFound` unless the actor may read it: a stranger does not learn that it exists."""
    if not decide_read(actor, document).allowed:
        raise NotFound(_("Không tìm thấy văn bản."))


def let_read(
    document: Document, *, agency: Organization, why: Why, official: Official | None = None, by_label: str = ""
) -> Reader:
    """Put somebody into the list of readers; who is in it already for the same reason stays as they are."""
    found, _fresh = Reader.objects.get_or_create(
        document=document, agency=agency, official=official, why=why, ended_at=None, defaults={"by_label": by_label}
    )
    return found


def end_reading(
    document: Document, *, why: Why, official: Official | None = None, agency: Organization | None = None
) -> int:
    """Take somebody out of the list again, for this one reason; returns how many rows that ended."""
    rows = Reader.objects.filter(document=document, why=why, ended_at__isnull=True)
    if official is not None:
        rows = rows.filter(official=official)
    if agency is not None:
        rows = rows.filter(agency=agency)
    return rows.update(ended_at=timezone.now())


def look(actor: Actor, document: Document, what: str) -> None:
    """Write down that the actor reads this: always when it is restricted, and the first time for each reader."""
    if actor.kind != "account":
        return
    if actor.official_id:
        Reader.objects.filter(
            document=document, official=actor.official_id, first_read_at__isnull=True, ended_at__isnull=True
        ).update(first_read_at=timezone.now())
    if document.restricted:
        Look.objects.create(
            document=document, official_id=actor.official_id, label=actor.label[:200], what=what[:200], ip=actor.ip
        )


def document_of(file: StoredFile) -> Document | None:
    """The document that a file belongs to: as one of its files, or as what a draft was read from."""
    row = DocumentFile.objects.filter(file=file).select_related("document").first()
    if row is not None:
        return row.document
    version = Version.objects.filter(upload=file).select_related("document").first()
    return version.document if version else None


def _may_open(actor: Actor, file: StoredFile) -> bool | None:
    document = document_of(file)
    return None if document is None else decide_read(actor, document).allowed


def _opened(actor: Actor, file: StoredFile) -> None:
    document = document_of(file)
    if document is not None:
        look(actor, document, file.name)


def register_files() -> None:
    """Tell `files` who may open the files of documents."""
    files.register(FILE_PURPOSE, _may_open, opened=_opened)
