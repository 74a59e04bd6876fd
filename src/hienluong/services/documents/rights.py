"""Who may do what with an outgoing document, by its state and their part in it. Pages offer what these allow; actions ask again."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, DomainError, NotAllowed

from . import access
from .models import Approval, Direction, Document, Opinion, Reader, State, Why

#: States in which those who draft may change the text.
EDITABLE = (State.DRAFT, State.OPINIONS)


def is_outgoing(document: Document) -> bool:
    """Whether an agency issues it: it goes out, or round the house."""
    return document.direction in (Direction.OUTGOING, Direction.INTERNAL)


def require_outgoing(document: Document) -> None:
    """Raise :class:`DomainError` for a document that came in."""
    if not is_outgoing(document):
        raise DomainError(_("Đây là văn bản đến."), code="documents.not_outgoing")


def drafts(actor: Actor, document: Document) -> bool:
    """Whether the actor is one of those who draft this document and still may draft in its agency."""
    if actor.official_id is None or document.agency_id not in access.agencies_with(actor, "documents.draft"):
        return False
    return Reader.objects.filter(
        document=document, official=actor.official_id, why=Why.DRAFTER, ended_at__isnull=True
    ).exists()


def waiting_step(document: Document) -> Approval | None:
    """The step of the way up that waits."""
    return document.approvals.filter(state=Approval.State.WAITING).select_related("official", "agency").first()


def may_decide(actor: Actor, step: Approval | None) -> bool:
    """Whether it is this actor's turn on the way up: they are named and a post of theirs in the agency still allows it, or
    who is named lends them that power today."""
    if step is None or actor.official_id is None:
        return False
    if step.official_id != actor.official_id:
        return step.agency_id in access.lenders(actor).get(step.official_id, ())
    able = access.agencies_with(actor, "documents.approve") | access.agencies_with(actor, "documents.sign")
    return step.agency_id in able


def may_stand_in(actor: Actor, document: Document) -> bool:
    """Whether a numbered document waits for the signature of somebody who lends this actor the power to sign today."""
    return (
        document.state == State.NUMBERED
        and document.signer_id is not None
        and document.signer_id != actor.official_id
        and document.signs_for_id is None
        and document.agency_id in access.lenders(actor).get(document.signer_id, ())
    )


def may_edit(actor: Actor, document: Document) -> bool:
    """Whether the actor may change the text now: who drafts, until it goes up; then whoever has it before them."""
    if document.state in EDITABLE:
        return drafts(actor, document)
    if document.state == State.APPROVING:
        return may_decide(actor, waiting_step(document))
    return False


def require_editor(actor: Actor, document: Document) -> None:
    """Raise unless the actor may change the text now."""
    require_outgoing(document)
    access.require_read(actor, document)
    if may_edit(actor, document):
        step = waiting_step(document) if document.state == State.APPROVING else None
        if step is not None and step.official_id != actor.official_id:
            access.note_lender(actor, step.official.full_name)
        return
    if document.state == State.APPROVING and drafts(actor, document):
        raise DomainError(_("Văn bản đang trình duyệt. Hãy lấy lại trước khi sửa."), code="documents.wrong_state")
    if document.state not in (*EDITABLE, State.APPROVING):
        raise DomainError(
            _("Văn bản ở trạng thái “%(state)s”, nội dung không sửa được nữa.")
            % {"state": document.get_state_display()},
            code="documents.wrong_state",
        )
    raise NotAllowed(_("Chỉ người soạn thảo, hoặc người đang duyệt, sửa được nội dung."), permission="documents.draft")


def require_drafter(actor: Actor, document: Document) -> None:
    """Raise unless the actor is one of those who draft it."""
    require_outgoing(document)
    access.require_read(actor, document)
    if not drafts(actor, document):
        raise NotAllowed(_("Chỉ người soạn thảo văn bản này làm được việc này."), permission="documents.draft")


def require_clerk(actor: Actor, document: Document) -> None:
    """Raise unless the actor works in the records office of the agency that issues it."""
    require_outgoing(document)
    access.require_in(actor, "documents.clerk", document.agency)
    access.require_read(actor, document)


def open_opinion(actor: Actor, document: Document) -> Opinion | None:
    """The opinion that is asked of this actor and not given."""
    if actor.official_id is None:
        return None
    return document.opinions.filter(
        official=actor.official_id, given_at__isnull=True, withdrawn_at__isnull=True
    ).first()


@dataclass(frozen=True)
class May:
    """What the actor may do with a document now; one row of answers for its page."""

    edit: bool = False
    draft: bool = False
    decide: bool = False
    sign: bool = False
    stand_in: bool = False
    clerk: bool = False
    lead: bool = False
    comment: bool = False


def may(actor: Actor, document: Document) -> May:
    """All answers at once; constant queries."""
    if not is_outgoing(document):
        return May()
    clerk = document.agency_id in access.agencies_with(actor, "documents.clerk")
    lead = document.agency_id in access.agencies_with(actor, "documents.sign")
    draft = drafts(actor, document)
    step = waiting_step(document) if document.state == State.APPROVING else None
    decide = may_decide(actor, step)
    return May(
        edit=decide if document.state == State.APPROVING else draft and document.state in EDITABLE,
        draft=draft,
        decide=decide,
        sign=document.state == State.NUMBERED
        and document.signer_id is not None
        and document.signer_id == actor.official_id,
        stand_in=may_stand_in(actor, document),
        clerk=clerk,
        lead=lead,
        comment=document.state in (State.DRAFT, State.OPINIONS, State.APPROVING),
    )
