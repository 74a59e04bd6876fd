"""The way of a document that came in and has its number: to a leader, to those who work on it, to its end.

Nghị định 30/2020/NĐ-CP, Điều 23–24: it is submitted the day it is registered or the next working day, the leader says
who leads and who helps until when, those work on it, and the records office follows that it is done in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.actions.errors import Text
from hienluong.foundation.identity.models import Account, Role
from hienluong.foundation.identity.suspending import resting
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Official, Position
from hienluong.foundation.schemas.cleaning import storable
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import OPEN_STATES, Assignment, Part

from .. import access
from ..agencies import agency_of
from ..models import Direction, Document, Reader, Relation, State, Why
from . import steps

#: States of a document that has its number and is not done.
IN_WORK = (State.REGISTERED, State.SUBMITTED, State.ASSIGNED, State.PROCESSING)
ASSIGN = "documents.assign"


def ref_of(document: Document) -> str:
    """How tasks name the document they come from."""
    return f"{Document._meta.label_lower}:{document.pk}"


def leads(actor: Actor, document: Document) -> bool:
    """Whether the actor decides who works on it: by a post in the agency itself, not in one of its divisions."""
    if actor.kind == "system":
        return True
    return any(grant.organization_id == document.agency_id and ASSIGN in grant.permissions for grant in actor.grants)


def require_lead(actor: Actor, document: Document) -> None:
    """Raise unless the actor reads the document and is a leader of its agency."""
    access.require_read(actor, document)
    if not leads(actor, document):
        raise NotAllowed(_("Chỉ lãnh đạo cơ quan mới phân công xử lý văn bản."), permission=ASSIGN)
    access.require_in(actor, ASSIGN, document.agency)


def _require_lead_or_clerk(actor: Actor, document: Document) -> None:
    access.require_read(actor, document)
    if not (leads(actor, document) or access.is_clerk_of(actor, document.agency)):
        raise NotAllowed(_("Chỉ lãnh đạo hoặc văn thư của cơ quan mới làm được việc này."), permission=ASSIGN)


def leaders_of(document: Document) -> list[Official]:
    """Those to whom it can be submitted, in the order of their names: whose post in the agency itself lets them assign."""
    roles = Role.objects.filter(permissions__contains=[ASSIGN]).values_list("code", flat=True)
    posts = Position.objects.filter(
        ~resting(), organization=document.agency_id, role__in=roles, valid__contains=timezone.localdate()
    )
    return list(Official.objects.filter(positions__in=posts).distinct().order_by("sort_name", "pk"))


@action("documents.submit")
def submit(act: Act, *, document: Document, leader: Official, proposal: str = "") -> Document:
    """Lay a registered document before a leader, with what is proposed; to another one when it was laid before somebody."""
    document = _incoming(document)
    access.require_in(act.actor, "documents.clerk", document.agency)
    access.require_read(act.actor, document)
    steps.require_state(document, (State.REGISTERED, State.SUBMITTED))
    if leader not in leaders_of(document):
        raise InvalidInput(_("Chọn một lãnh đạo của cơ quan."), field="leader")
    arrival = document.arrival
    if arrival.submitted_to_id and arrival.submitted_to_id != leader.pk:
        access.end_reading(document, why=Why.SUBMITTED, official=arrival.submitted_to)
    arrival.submitted_to, arrival.submitted_at = leader, timezone.now()
    arrival.proposal = storable(proposal).strip()[:4000]
    arrival.save(update_fields=("submitted_to", "submitted_at", "proposal"))
    access.let_read(document, agency=document.agency, official=leader, why=Why.SUBMITTED, by_label=act.actor.label)
    steps.move(act, document, State.SUBMITTED, f"Trình {leader.full_name}", arrival.proposal)
    act.emit("document.submitted", document, {"agency": document.agency_id, "official": leader.pk})
    stamp = f"{arrival.submitted_at:%Y%m%d%H%M%S}"
    tell(act, document, [leader], f"submitted:{stamp}", gettext_lazy("Một văn bản đến được trình bạn"))
    return document


@action("documents.assign")
def assign(act: Act, *, document: Document, tasks: Sequence[Task], note: str = "") -> list[Assignment]:
    """Say who works on a document, one task for each; the first time somebody must lead.

    A task without a title is to work on the document. Only within the agency: to another one a document is sent.
    """
    document = _incoming(document)
    require_lead(act.actor, document)
    steps.require_state(document, IN_WORK)
    if not tasks:
        raise InvalidInput(_("Chọn ít nhất một đơn vị hoặc cán bộ."), field="to")
    already = Assignment.objects.filter(
        subject_ref=ref_of(document), parent__isnull=True, part=Part.LEAD, giver_agency=document.agency_id
    ).exclude(state__in=("returned", "taken_back"))
    only_informed = all(task.part == Part.INFORMED for task in tasks)
    # Who led before it was opened again is done with it.
    led = document.state in (State.ASSIGNED, State.PROCESSING) and already.exists()
    if not only_informed and not any(task.part == Part.LEAD for task in tasks) and not led:
        raise InvalidInput(_("Chọn người chủ trì."), field="lead")
    before = document.state
    made = [
        assignments.give(
            act,
            task=task if task.title.strip() else replace(task, title=title_of(document)),
            subject_ref=ref_of(document),
            subject_label=label_of(document),
            giver_agency=document.agency,
        )
        for task in tasks
    ]
    if not only_informed and before in (State.REGISTERED, State.SUBMITTED):
        document.refresh_from_db(fields=("state",))
        steps.move(act, document, State.ASSIGNED, "Phân công xử lý", storable(note).strip())
        act.emit("document.assigned", document, {"agency": document.agency_id})
    else:
        steps.add(act, document, "Phân công thêm", storable(note).strip())
        act.record(document, after={"assigned": len(made)}, organization_id=document.agency_id)
    return made


def label_of(document: Document) -> str:
    """What tasks say about the document they come from: nothing of its content when it is restricted."""
    arrival = document.arrival
    number = f"Số đến {arrival.number}/{arrival.year}" if arrival.number else ""
    if document.restricted:
        return f"{number}: văn bản hạn chế tiếp cận".strip(": ")
    return f"{number}: {document.code} {document.subject}".strip(": ")[:600]


def title_of(document: Document) -> str:
    """What is to be done with it when nobody said so: who follows tasks reads it without reading the document, so it says
    nothing of what that is about."""
    number = f"số đến {document.arrival.number}/{document.arrival.year}"
    if document.restricted:
        return f"Xử lý văn bản {number}"
    return " ".join(f"Xử lý {document.kind.name.lower()} {document.code} ({number})".split())


def hide_in_tasks(document: Document, title: str) -> None:
    """A document that became restricted is named no longer in the tasks about it; `title`: what they were called after it."""
    about = Assignment.objects.filter(subject_ref=ref_of(document))
    about.update(subject_label=label_of(document))
    about.filter(title=title).update(title=title_of(document))


@action("documents.mark_processing")
def mark_processing(act: Act, *, document: Document) -> Document:
    """Somebody works on it now; called when a task about it is taken up."""
    document = _incoming(document)
    access.require_read(act.actor, document)
    if document.state != State.ASSIGNED:
        act.record(document, after={"state": document.state}, organization_id=document.agency_id)
        return document
    steps.move(act, document, State.PROCESSING, "Bắt đầu xử lý")
    act.emit("document.processing", document, {"agency": document.agency_id})
    return document


@action("documents.complete")
def complete(act: Act, *, document: Document, note: str = "") -> Document:
    """Close a document with which nothing is left to do (read, kept); what is still worked on ends with its tasks."""
    document = _incoming(document)
    _require_lead_or_clerk(act.actor, document)
    steps.require_state(document, IN_WORK)
    open_ones = _open_tasks(document).exclude(part=Part.INFORMED).count()
    if open_ones:
        raise DomainError(
            _("Còn %(count)s việc về văn bản này chưa xong.") % {"count": open_ones}, code="documents.tasks_open"
        )
    return close(act, document=document, title="Kết thúc xử lý", text=storable(note).strip())


@action("documents.answer")
def answered(act: Act, *, incoming: Document, by: Document) -> Document:
    """Close a document because an issued one of the same agency answers it, with every task about it.

    Called by what issues `by`; again it changes nothing.
    """
    incoming = _incoming(incoming)
    if by.agency_id != incoming.agency_id or by.direction == Direction.INCOMING or by.state != State.ISSUED:
        raise DomainError(_("Văn bản trả lời phải do chính cơ quan này phát hành."), code="documents.no_answer")
    Relation.objects.get_or_create(document=by, other=incoming, kind=Relation.Kind.ANSWERS)
    if incoming.state not in IN_WORK:
        act.record(incoming, after={"answered_by": by.pk}, organization_id=incoming.agency_id)
        return incoming
    said = f"Trả lời bằng văn bản {by.code}"
    closed = close(act, document=incoming, title=said, told={"by": by.pk, "code": by.code})
    assignments.settle_all(act, subject_ref=ref_of(incoming), result=said)
    return closed


def close(
    act: Act, *, document: Document, title: str, text: str = "", told: Mapping[str, object] | None = None
) -> Document:
    """Close a document inside an action that has a right to: nothing is left to do with it."""
    document.refresh_from_db(fields=("state",))
    if document.state == State.COMPLETED:  # the last task closed it already
        act.record(document, after={"state": document.state}, organization_id=document.agency_id)
        return document
    if document.state in (State.ASSIGNED, State.REGISTERED, State.SUBMITTED):
        act.emit("document.processing", document, {"agency": document.agency_id})
    document.arrival.completed_at = timezone.now()
    document.arrival.save(update_fields=("completed_at",))
    steps.move(act, document, State.COMPLETED, title, text)
    act.emit("document.completed", document, {"agency": document.agency_id, **(told or {})})
    return document


@action("documents.reopen")
def reopen(act: Act, *, document: Document, reason: str) -> Document:
    """Work on a document again that was closed, before a leader."""
    document = _incoming(document)
    require_lead(act.actor, document)
    steps.require_state(document, (State.COMPLETED,))
    if not reason.strip():
        raise InvalidInput(_("Nhập lý do mở lại."), field="reason")
    document.arrival.completed_at = None
    document.arrival.save(update_fields=("completed_at",))
    lay_before(act, document, act.actor.official_id)
    steps.move(act, document, State.SUBMITTED, "Mở lại", storable(reason).strip())
    act.emit("document.reopened", document, {"agency": document.agency_id})
    return document


@action("documents.share_incoming")
def share(act: Act, *, document: Document, officials: Sequence[Official]) -> int:
    """Let others of the agency read it; a restricted one only by a leader or the records office. Returns how many are new."""
    document = _incoming(document)
    access.require_read(act.actor, document)
    is_own = leads(act.actor, document) or access.is_clerk_of(act.actor, document.agency)
    if not is_own and (document.restricted or document.agency_id not in access.agencies_with(act.actor, ASSIGN)):
        raise NotAllowed(_("Bạn không có quyền chia sẻ văn bản này."), permission=ASSIGN)
    steps.require_state(document, (*IN_WORK, State.COMPLETED))
    if not officials:
        raise InvalidInput(_("Chọn người được chia sẻ."), field="officials")
    known = set(
        Reader.objects.filter(document=document, why=Why.SHARED, ended_at__isnull=True).values_list(
            "official", flat=True
        )
    )
    fresh = [official for official in officials if official.pk not in known]
    for official in fresh:
        _require_colleague(document, official)
        access.let_read(document, agency=document.agency, official=official, why=Why.SHARED, by_label=act.actor.label)
    names = ", ".join(official.full_name for official in fresh)
    if fresh:
        steps.add(act, document, "Chia sẻ", names)
        tell(act, document, fresh, "shared", gettext_lazy("Một văn bản đến được chia sẻ với bạn"))
    act.record(document, after={"shared": [official.pk for official in fresh]}, organization_id=document.agency_id)
    return len(fresh)


@action("documents.unshare")
def stop_sharing(act: Act, *, document: Document, official: Official) -> int:
    """Take somebody out again with whom a document was shared; what they were given or submitted stays theirs."""
    document = _incoming(document)
    _require_lead_or_clerk(act.actor, document)
    ended = access.end_reading(document, why=Why.SHARED, official=official)
    if ended:
        steps.add(act, document, "Thôi chia sẻ", official.full_name)
    act.record(document, after={"unshared": official.pk, "ended": ended}, organization_id=document.agency_id)
    return ended


def lay_before(act: Act, document: Document, leader_id: int | None) -> None:
    """What waits for a leader again and was laid before none is laid before this one, so that somebody has it in hand."""
    arrival, leader = document.arrival, Official.objects.filter(pk=leader_id or 0).first()
    if arrival.submitted_to_id is not None or leader is None:
        return
    arrival.submitted_to, arrival.submitted_at = leader, timezone.now()
    arrival.save(update_fields=("submitted_to", "submitted_at"))
    access.let_read(document, agency=document.agency, official=leader, why=Why.SUBMITTED, by_label=act.actor.label)


def _require_colleague(document: Document, official: Official) -> None:
    posts = Position.objects.filter(
        official=official, organization__path__startswith=document.agency.path, valid__contains=timezone.localdate()
    ).select_related("organization")
    if not any(agency_of(post.organization).pk == document.agency_id for post in posts):
        raise InvalidInput(_("%(name)s không thuộc cơ quan này.") % {"name": official.full_name}, field="officials")


@action("documents.ask_take_back")
def ask_take_back(act: Act, *, document: Document, reason: str) -> Document:
    """The sender wants it back (a process says so): the records office is asked; what has no number goes back at once."""
    document = _incoming(document)
    access.require_in(act.actor, "documents.clerk", document.agency)
    if document.state in (State.TAKEN_BACK, State.REFUSED):
        act.record(document, after={"state": document.state}, organization_id=document.agency_id)
        return document
    document.arrival.take_back_asked_at = timezone.now()
    document.arrival.take_back_reason = storable(reason).strip()[:2000]
    document.arrival.save(update_fields=("take_back_asked_at", "take_back_reason"))
    if document.state == State.ARRIVED:
        return _taken_back(act, document)
    steps.add(act, document, "Nơi gửi yêu cầu lấy lại", document.arrival.take_back_reason)
    act.record(document, after={"take_back_asked": True}, organization_id=document.agency_id)
    act.emit("document.take_back_asked", document, {"agency": document.agency_id})
    return document


@action("documents.answer_take_back")
def answer_take_back(act: Act, *, document: Document, agrees: bool, reason: str = "") -> Document:
    """Let the sender have it back, or not, with a reason."""
    document = _incoming(document)
    access.require_in(act.actor, "documents.clerk", document.agency)
    if document.arrival.take_back_asked_at is None:
        raise DomainError(_("Nơi gửi không yêu cầu lấy lại văn bản này."), code="documents.not_asked_back")
    if agrees:
        return _taken_back(act, document)
    said = storable(reason).strip()
    if not said:
        raise InvalidInput(_("Nhập lý do từ chối."), field="reason")
    document.arrival.take_back_asked_at = None
    document.arrival.save(update_fields=("take_back_asked_at",))
    steps.add(act, document, "Từ chối yêu cầu lấy lại", said)
    act.record(document, after={"take_back": False}, organization_id=document.agency_id)
    act.emit("document.take_back_refused", document, {"agency": document.agency_id, "reason": said})
    return document


def _taken_back(act: Act, document: Document) -> Document:
    """It is nobody's any more: its tasks end, and only the records office still sees that it was here."""
    document.arrival.take_back_asked_at = None
    document.arrival.save(update_fields=("take_back_asked_at",))
    steps.move(act, document, State.TAKEN_BACK, "Nơi gửi đã lấy lại", document.arrival.take_back_reason)
    assignments.drop_all(act, subject_ref=ref_of(document), reason="Nơi gửi đã lấy lại văn bản")
    Reader.objects.filter(document=document, official__isnull=False, ended_at__isnull=True).update(
        ended_at=timezone.now()
    )
    act.emit("document.taken_back", document, {"agency": document.agency_id})
    return document


def _open_tasks(document: Document) -> QuerySet[Assignment]:
    return Assignment.objects.filter(subject_ref=ref_of(document), state__in=OPEN_STATES)


def _incoming(document: Document) -> Document:
    found = steps.lock(document)
    if found.direction != Direction.INCOMING:
        raise DomainError(_("Đây không phải văn bản đến."), code="documents.not_incoming")
    return found


def page_of(document: Document) -> str:
    """The page of an incoming document."""
    try:
        return reverse("documents:incoming", args=[document.uid])
    except NoReverseMatch:
        return ""


def tell(act: Act, document: Document, officials: Sequence[Official], key: str, title: Text) -> None:
    """Tell officials about a document; the words do not say what it is about."""
    for account in Account.objects.filter(official__in=officials, is_active=True).order_by("pk"):
        if account.pk == act.actor.account_id:
            continue
        with translation.override(account.language):
            number = getattr(document.arrival, "number", None)
            notify(
                act,
                account=account,
                key=f"document:{document.pk}:{key}",
                kind="documents.incoming",
                title=str(title),
                body=_("Số đến %(number)s, %(agency)s.") % {"number": number, "agency": document.agency.name},
                href=page_of(document),
            )
