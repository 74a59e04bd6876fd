"""The way up: who drafted it submits, one after the other approves, the last is the signer; each may return it.

Nghị định 30/2020/NĐ-CP, Điều 11: the head of the unit that drafts answers for the content, who is charged with it for the
form, before the document is signed. Whoever is away lends the power: then somebody approves for them, and the approval of a
signer's delegate makes the delegate the signer, in the form that Điều 13 has for their post.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.organisations.models import Official
from hienluong.foundation.schemas.cleaning import storable

from .. import access, competence, rights, standing_in, telling, types
from ..models import Approval, Direction, Document, Recipient, State, Why
from . import signers, steps
from .drafting import ChangedMeanwhile, address, latest
from .opinions import withdraw_open

MOST_STEPS = 10


@action("documents.submit_draft")
def submit(act: Act, *, document: Document, approvers: Sequence[Official] = (), note: str = "") -> Document:
    """Send a draft up: to `approvers` in this order, then to its signer. Open opinions are waited for no longer.

    A copy (sao y) that was taken back has no text to approve: it waits for its number again.
    :class:`InvalidInput` when there is no signer, when nobody receives it, or when somebody on the way may not approve.
    """
    document = steps.lock(document)
    rights.require_drafter(act.actor, document)
    steps.require_state(document, (State.DRAFT, State.OPINIONS))
    if document.signer is None:
        raise InvalidInput(_("Chọn người ký trước khi trình."), field="signer")
    standing_in.entitled(document)
    if document.type in types.COPIES:
        return _to_number(act, document, approvers, note)
    if document.direction == Direction.OUTGOING and not document.recipients.exists():
        raise InvalidInput(_("Chọn nơi nhận trước khi trình."), field="places")
    way = [official for official in dict.fromkeys(approvers) if official != document.signer]
    if len(way) > MOST_STEPS:
        raise InvalidInput(_("Nhiều nhất %(most)s bước duyệt.") % {"most": MOST_STEPS}, field="approvers")
    _require_approvers(document, way)
    last = document.approvals.order_by("-round").values_list("round", flat=True).first() or 0
    now = timezone.now()
    made = Approval.objects.bulk_create(
        Approval(
            document=document,
            round=last + 1,
            step=number,
            official=official,
            agency=document.agency,
            is_signer=official == document.signer,
            state=Approval.State.LATER if number else Approval.State.WAITING,
            waiting_since=None if number else now,
        )
        for number, official in enumerate([*way, document.signer])
    )
    withdraw_open(document)
    steps.move(act, document, State.APPROVING, f"Trình {made[0].official.full_name}", storable(note).strip()[:2000])
    act.emit("document.draft_submitted", document, {"agency": document.agency_id, "steps": len(made)})
    _turn(act, document, made[0])
    return document


def _to_number(act: Act, document: Document, approvers: Sequence[Official], note: str) -> Document:
    if approvers:
        raise InvalidInput(_("Bản sao không qua bước duyệt."), field="approvers")
    steps.move(act, document, State.APPROVED, "Chuyển văn thư cấp số", storable(note).strip()[:2000])
    _tell_clerks(act, document)
    return document


def _require_approvers(document: Document, way: Sequence[Official]) -> None:
    able = {post.official.pk for post in competence.posts_in(document.agency, "documents.approve", "documents.sign")}
    for official in way:
        if official.pk not in able:
            raise InvalidInput(
                _("%(name)s không có quyền duyệt văn bản tại cơ quan ban hành.") % {"name": official.full_name},
                field="approvers",
            )


def _turn(act: Act, document: Document, step: Approval) -> None:
    """It is before somebody now: they may read it, and are told."""
    why = Why.SIGNER if step.is_signer else Why.APPROVER
    access.let_read(document, agency=step.agency, why=why, official=step.official, by_label=act.actor.label[:200])
    telling.tell(
        act,
        document,
        [step.official_id, *standing_in.delegates_of(step.official, step.agency)],
        f"approve:{step.pk}",
        gettext_noop("Chờ bạn duyệt: %(name)s"),
        href=address(document),
    )


@action("documents.approve_step")
def approve(act: Act, *, document: Document, version: int, note: str = "") -> Document:
    """Approve what is before one: version `version`, the one that was read. The signer's approval is the last.

    Who approves for a signer that lent the power to sign signs it, too; :class:`InvalidInput` when their post does not allow it.
    """
    document = steps.lock(document)
    step = _mine(act, document)
    newest = latest(document)
    if newest.number != version:
        raise ChangedMeanwhile(
            _("Có bản %(number)s mới hơn bản bạn đã đọc. Hãy xem lại trước khi duyệt.") % {"number": newest.number},
            version=newest.number,
        )
    lender = step.official if step.official_id != act.actor.official_id else None
    if step.is_signer and lender is not None:
        signers.stand_in_for(act, document, lender)
    elif step.is_signer:
        standing_in.entitled(document)
    _decide(act, step, Approval.State.APPROVED, note, newest.pk)
    if lender is not None:
        _tell_lender(act, document, step)
    following = (
        document.approvals.filter(round=step.round, state=Approval.State.LATER)
        .select_related("official", "agency")
        .order_by("step")
        .first()
    )
    if following is None:
        said = f"Duyệt nội dung thay {lender.full_name}, theo ủy quyền" if lender else "Người ký duyệt nội dung"
        steps.move(act, document, State.APPROVED, said, step.note)
        act.emit("document.approved", document, {"agency": document.agency_id, "version": newest.number})
        _tell_clerks(act, document)
        return document
    following.state, following.waiting_since = Approval.State.WAITING, timezone.now()
    following.save(update_fields=("state", "waiting_since"))
    said = f"Duyệt thay {lender.full_name} theo ủy quyền" if lender else "Duyệt"
    steps.add(act, document, f"{said}, trình {following.official.full_name}", step.note)
    act.record(document, after={"approved": step.step, "version": newest.number}, organization_id=document.agency_id)
    _turn(act, document, following)
    return document


def _tell_lender(act: Act, document: Document, step: Approval) -> None:
    title = gettext_noop("Đã được quyết định thay bạn, theo ủy quyền: %(name)s")
    telling.tell(act, document, [step.official_id], f"decided:{step.pk}", title, href=address(document))


def _tell_clerks(act: Act, document: Document) -> None:
    clerks = [post.official.pk for post in competence.posts_in(document.agency, "documents.clerk")]
    telling.tell(act, document, clerks, "to-number", gettext_noop("Chờ cấp số: %(name)s"), href=address(document))


@action("documents.return_draft")
def send_back(act: Act, *, document: Document, reason: str) -> Document:
    """Return what is before one to those who draft it, with the reason."""
    document = steps.lock(document)
    step = _mine(act, document)
    if not (reason := storable(reason).strip()):
        raise InvalidInput(_("Nhập lý do trả lại."), field="reason")
    _decide(act, step, Approval.State.RETURNED, reason, latest(document).pk)
    drop_open(document)
    said = "Trả lại để sửa"
    if step.decided_by_id is not None:
        said = f"{said}, thay {step.official.full_name} theo ủy quyền"
        _tell_lender(act, document, step)
    steps.move(act, document, State.DRAFT, said, step.note)
    act.emit("document.returned", document, {"agency": document.agency_id})
    telling.tell(
        act,
        document,
        [document.drafter_id],
        f"returned:{step.pk}",
        gettext_noop("Dự thảo được trả lại: %(name)s"),
        href=address(document),
    )
    return document


@action("documents.take_back_draft")
def take_back(act: Act, *, document: Document) -> Document:
    """Who drafts takes the draft back from the way up, to change it."""
    document = steps.lock(document)
    rights.require_drafter(act.actor, document)
    steps.require_state(document, (State.APPROVING, State.APPROVED))
    drop_open(document)
    signers.give_back(document)
    steps.move(act, document, State.DRAFT, "Người soạn thảo lấy lại để sửa")
    return document


def drop_open(document: Document) -> None:
    """Whoever has not decided need not any longer."""
    document.approvals.filter(state__in=(Approval.State.WAITING, Approval.State.LATER)).update(
        state=Approval.State.DROPPED, decided_at=timezone.now()
    )


def _mine(act: Act, document: Document) -> Approval:
    rights.require_outgoing(document)
    access.require_read(act.actor, document)
    if document.state != State.APPROVING:
        raise DomainError(
            _("Văn bản ở trạng thái “%(state)s”, không chờ duyệt.") % {"state": document.get_state_display()},
            code="documents.wrong_state",
        )
    step = rights.waiting_step(document)
    if step is None or not rights.may_decide(act.actor, step):
        raise NotAllowed(_("Văn bản không chờ bạn duyệt."), permission="documents.approve")
    if step.official_id != act.actor.official_id:
        access.note_lender(act.actor, step.official.full_name)
        access.let_read(
            document,
            agency=step.agency,
            why=Why.APPROVER,
            official=Official.objects.get(pk=act.actor.official_id or 0),
            by_label=act.actor.label[:200],
        )
    return step


def _decide(act: Act, step: Approval, state: str, note: str, version_id: int) -> None:
    if step.official_id != act.actor.official_id:
        step.decided_by_id = act.actor.official_id
    step.state, step.note = state, storable(note).strip()[:4000]
    step.version_id, step.decided_at = version_id, timezone.now()
    step.save()


def has_places(document: Document) -> bool:
    """Whether somebody receives it besides the agency's own records."""
    return Recipient.objects.filter(document=document).exclude(code="", agency=None).exists()
