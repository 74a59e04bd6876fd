"""Asking several officials for their opinion on a draft at once; each answers when they come to it, all see all answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.schemas.cleaning import storable

from .. import access, rights, telling
from ..agencies import agency_of
from ..models import Document, Opinion, State, Why
from . import steps
from .drafting import address, latest

MOST = 60


@action("documents.ask_opinions")
def ask(
    act: Act, *, document: Document, officials: Sequence[Official], due_at: datetime | None = None, question: str = ""
) -> list[Opinion]:
    """Ask officials of this agency or another of the installation. Who is asked already is not asked again."""
    document = steps.lock(document)
    rights.require_drafter(act.actor, document)
    steps.require_state(document, (State.DRAFT, State.OPINIONS))
    latest(document)  # an opinion is about a version
    if not officials:
        raise InvalidInput(_("Chọn người cho ý kiến."), field="officials")
    if len(officials) > MOST:
        raise InvalidInput(_("Mỗi lần hỏi nhiều nhất %(most)s người.") % {"most": MOST}, field="officials")
    if due_at is not None and due_at <= timezone.now():
        raise InvalidInput(_("Hạn cho ý kiến phải ở tương lai."), field="due_at")
    asker = act.actor.official_id
    assert asker is not None  # who drafts is an official
    asked = set(_open(document).values_list("official_id", flat=True))
    places = {official.pk: _agency(official) for official in officials}
    made = []
    for official in dict.fromkeys(officials):
        if official.pk in asked or official.pk == act.actor.official_id:
            continue
        made.append(
            Opinion(
                document=document,
                official=official,
                agency=places[official.pk],
                asked_by_id=asker,
                due_at=due_at,
                question=storable(question).strip()[:2000],
            )
        )
        access.let_read(
            document, agency=places[official.pk], why=Why.OPINION, official=official, by_label=act.actor.label[:200]
        )
    if not made:
        raise InvalidInput(_("Những người này đã được hỏi và chưa trả lời."), field="officials")
    Opinion.objects.bulk_create(made)
    names = ", ".join(opinion.official.full_name for opinion in made)
    if document.state == State.DRAFT:
        steps.move(act, document, State.OPINIONS, "Xin ý kiến", names)
    else:
        steps.add(act, document, "Xin thêm ý kiến", names)
    act.record(document, after={"asked": [opinion.official_id for opinion in made]}, organization_id=document.agency_id)
    act.emit("document.opinions_asked", document, {"count": len(made)})
    telling.tell(
        act,
        document,
        [opinion.official_id for opinion in made],
        f"opinion:{made[0].pk}",
        gettext_noop("Xin ý kiến dự thảo: %(name)s"),
        _("Hạn: %(due)s") % {"due": f"{timezone.localtime(due_at):%H:%M %d/%m/%Y}"} if due_at else "",
        href=address(document),
    )
    return made


def _agency(official: Official) -> Organization:
    post = (
        Position.objects.filter(official=official, valid__contains=timezone.localdate())
        .select_related("organization")
        .order_by("-is_primary", "pk")
        .first()
    )
    if post is None:
        raise InvalidInput(_("%(name)s hiện không giữ chức vụ nào.") % {"name": official.full_name}, field="officials")
    return agency_of(post.organization)


def _open(document: Document) -> QuerySet[Opinion]:
    return document.opinions.filter(given_at__isnull=True, withdrawn_at__isnull=True)


@action("documents.give_opinion")
def give(act: Act, *, opinion: Opinion, stance: str, text: str = "") -> Opinion:
    """Answer what one was asked; an answer other than "agree" takes words. The last open one brings the draft back."""
    document = steps.lock(opinion.document)
    access.require_read(act.actor, document)
    opinion = document.opinions.select_for_update().get(pk=opinion.pk)
    if act.actor.official_id is None or opinion.official_id != act.actor.official_id:
        raise NotAllowed(_("Ý kiến này được hỏi người khác."), permission="documents.read")
    if opinion.withdrawn_at is not None:
        raise DomainError(_("Người hỏi đã rút lại, không cần ý kiến nữa."), code="documents.opinion_withdrawn")
    if opinion.given_at is not None:
        raise DomainError(_("Bạn đã cho ý kiến rồi."), code="documents.opinion_given")
    steps.require_state(document, (State.OPINIONS,))
    if stance not in Opinion.Stance.values:
        raise InvalidInput(_("Chọn đồng ý hay không đồng ý."), field="stance")
    text = storable(text).strip()
    if stance != Opinion.Stance.AGREE and not text:
        raise InvalidInput(_("Ghi nội dung góp ý, hoặc lý do không đồng ý."), field="text")
    opinion.stance, opinion.text, opinion.given_at = stance, text[:10_000], timezone.now()
    opinion.version = latest(document)
    opinion.save()
    steps.add(act, document, f"Cho ý kiến: {Opinion.Stance(stance).label}", opinion.text[:1000])
    _back_to_draft(act, document, "Đã có đủ ý kiến")
    act.record(
        document, after={"stance": stance, "version": opinion.version.number}, organization_id=document.agency_id
    )
    act.emit("document.opinion_given", document, {"stance": stance})
    telling.tell(
        act,
        document,
        [opinion.asked_by_id],
        f"given:{opinion.pk}",
        gettext_noop("Đã có ý kiến cho dự thảo: %(name)s"),
        href=address(document),
    )
    return opinion


@action("documents.withdraw_opinion")
def withdraw(act: Act, *, opinion: Opinion) -> Opinion:
    """An opinion is no longer needed: who was asked reads the draft no longer for that reason."""
    document = steps.lock(opinion.document)
    rights.require_drafter(act.actor, document)
    steps.require_state(document, (State.OPINIONS,))
    found = _open(document).filter(pk=opinion.pk).select_related("official").first()
    if found is None:
        raise NotFound(_("Ý kiến này đã có, hoặc đã được rút."))
    found.withdrawn_at = timezone.now()
    found.save(update_fields=("withdrawn_at",))
    access.end_reading(document, why=Why.OPINION, official=found.official)
    steps.add(act, document, f"Thôi xin ý kiến: {found.official.full_name}")
    _back_to_draft(act, document, "Không còn ý kiến nào chờ")
    act.record(document, after={"withdrawn": found.pk}, organization_id=document.agency_id)
    return found


def _back_to_draft(act: Act, document: Document, title: str) -> None:
    if document.state == State.OPINIONS and not _open(document).exists():
        steps.move(act, document, State.DRAFT, title)


def withdraw_open(document: Document) -> int:
    """Nobody's opinion is waited for any longer; who was asked keeps reading. Returns how many were open."""
    return _open(document).update(withdrawn_at=timezone.now())
