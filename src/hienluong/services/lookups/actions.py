"""Asking about a look at one's data, and answering."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotFound, action
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account
from hienluong.foundation.merging import leading
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.people.models import Representation

from .models import Question

ANSWER = "lookups.answer"
#: In the address of the page: whose looks, when not one's own.
PARTY = "cua"


class Asked(DomainError):
    """This was asked, or answered, before."""

    code = "lookups.again"


@action("lookups.ask")
def ask(act: Act, *, read: PersonalDataRead, text: str) -> Question:
    """Ask the organisation that looked about one look at one's own data, or that of somebody whom one represents today;
    once for each look. Looks at a record that was led into one's own are one's own."""
    if not act.actor.acts_for(leading.record_of(read.party_id)) or read.organization_id is None:
        raise NotFound(_("Không có lần xem này."))
    words = _words(text, "text", _("Hãy ghi điều bạn muốn hỏi."))
    try:
        with transaction.atomic():
            made = Question.objects.create(
                read=read, party_id=read.party_id, organization_id=read.organization_id, text=words[:1000]
            )
    except IntegrityError:
        raise Asked(_("Bạn đã hỏi về lần xem này."), field="text") from None
    act.record(made, after={"read": read.pk}, organization_id=read.organization_id)
    act.emit("lookup.asked", made, {"read": read.pk, "organization": read.organization_id})
    for account in holders(ANSWER, made.organization):
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"lookup-asked:{made.pk}",
                kind="lookups.asked",
                title=_("Người dân hỏi về một lần xem dữ liệu"),
                body=_("%(name)s chờ trả lời của %(place)s.")
                % {"name": made.party.name, "place": made.organization.name},
                href=reverse("lookups:answer", args=[made.pk]),
            )
    return made


@action("lookups.answer")
def answer(act: Act, *, question: Question, text: str) -> Question:
    """Answer a person's question, at the organisation that looked; told are the person and who represents them today."""
    locked = Question.objects.select_for_update(of=("self",)).select_related("organization").get(pk=question.pk)
    act.require(ANSWER, locked.organization.path)
    words = _words(text, "text", _("Hãy ghi câu trả lời."))
    if locked.answered_at:
        raise Asked(_("Câu hỏi này đã được trả lời."), field="text")
    locked.answer, locked.answered_at, locked.answered_by = words[:2000], timezone.now(), act.actor.label[:200]
    locked.save(update_fields=("answer", "answered_at", "answered_by"))
    act.record(locked, organization_id=locked.organization_id)
    act.emit("lookup.answered", locked, {"read": locked.read_id})
    person = leading.record_of(locked.party_id)
    for account in _acting_for(person):
        is_own = account.party_id == person
        with translation.override(account.language):
            title = _("%(name)s đã trả lời câu hỏi của bạn về dữ liệu") % {"name": locked.organization.name}
        notify(
            act,
            account=account,
            key=f"lookup:{locked.pk}",
            kind="lookups.answered",
            title=title,
            body=locked.answer,
            href=reverse("lookups:mine") + ("" if is_own else f"?{PARTY}={person}"),
        )
    return locked


def _acting_for(party: int) -> list[Account]:
    """The accounts of a party and of those who represent it today."""
    today = timezone.localdate()
    others = Representation.objects.filter(represented_id=party, valid__contains=today).values("representative_id")
    return list(Account.objects.filter(Q(party_id=party) | Q(party_id__in=others), is_active=True).order_by("pk"))


def _words(text: str, field: str, missing: str) -> str:
    words = text.replace("\x00", "").strip()
    if not words:
        raise InvalidInput(missing, field=field)
    return words
