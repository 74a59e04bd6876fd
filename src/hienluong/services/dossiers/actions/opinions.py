"""Opinions of other agencies: given, taken from silence where the procedure allows, escalated where it does not."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action

from .. import duties, notices, steps
from ..models import Dossier, Opinion
from .handling import plain_step


class OpinionSettled(DomainError):
    """The opinion was given, or is no longer asked for."""

    code = "dossiers.opinion_settled"


class SilenceIsNotConsent(DomainError):
    """The procedure does not take the silence of this agency for consent."""

    code = "dossiers.silence_is_not_consent"


@action("dossiers.give_opinion")
def give_opinion(act: Act, *, opinion: Opinion, agrees: bool, text: str) -> Opinion:
    """The agency asked gives its opinion; late is better than never, as long as the dossier waits for it."""
    dossier, opinion = _locked(opinion)
    act.require(duties.DUTIES["give_opinion"].permission, opinion.organization.path)
    _require_waiting(opinion)
    duties.admit(act, dossier, "give_opinion")
    if not agrees and not text.strip():
        raise InvalidInput(_("Không đồng ý thì phải nêu lý do."), field="text")
    before = steps.before(dossier)
    opinion.given_at, opinion.given_by_id = timezone.now(), act.actor.official_id
    opinion.agrees, opinion.text = agrees, text.strip()
    opinion.save()
    steps.advance(dossier, "opinion", "given")
    steps.finish(act, dossier, verb="give_opinion", before=before, outcome="given", note=opinion.text)
    return opinion


@action("dossiers.take_silence_as_consent")
def take_silence_as_consent(act: Act, *, opinion: Opinion) -> Opinion:
    """The deadline of an opinion has passed in silence, and the procedure takes that for consent."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống được ghi nhận im lặng là đồng ý."))
    dossier, opinion = _locked(opinion)
    _require_silent(opinion)
    if not opinion.tacit_allowed:
        raise SilenceIsNotConsent(_("Thủ tục này không coi im lặng là đồng ý."))
    steps.require_lawful(act, dossier, "take_silence_as_consent")
    steps.require_task(dossier, "opinion")
    before = steps.before(dossier)
    opinion.given_at, opinion.agrees, opinion.tacit = timezone.now(), True, True
    opinion.save()
    steps.advance(dossier, "opinion", "tacit")
    steps.finish(act, dossier, verb="take_silence_as_consent", before=before, outcome="tacit")
    return opinion


@action("dossiers.escalate_silence")
def escalate_silence(act: Act, *, opinion: Opinion) -> Opinion:
    """The deadline has passed in silence that is no consent: the agency's head and who asked are told, once."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống được báo quá hạn cho ý kiến."))
    dossier, opinion = _locked(opinion)
    _require_silent(opinion)
    steps.require_lawful(act, dossier, "escalate_silence")
    steps.require_task(dossier, "opinion")
    opinion.escalated_at = timezone.now()
    opinion.save(update_fields=("escalated_at",))
    told = notices.tell_of_silence(act, dossier, opinion)
    act.record(opinion, after={"dossier": dossier.code, "told": told}, organization_id=dossier.competent_id)
    return opinion


@action("dossiers.withdraw_opinion")
def withdraw_opinion(act: Act, *, opinion: Opinion, why: str) -> Opinion:
    """An opinion is no longer asked for: its dossier has ended or left that step without it."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống được rút yêu cầu cho ý kiến."))
    _dossier, opinion = _locked(opinion)
    _require_waiting(opinion)
    opinion.withdrawn_at = timezone.now()
    opinion.save(update_fields=("withdrawn_at",))
    act.record(opinion, after={"withdrawn": True}, note=why)
    return opinion


@action("dossiers.conclude_opinions")
def conclude_opinions(act: Act, *, dossier: Dossier, conclusion: str) -> Dossier:
    """Sum up the opinions of the agencies asked."""
    return plain_step(act, dossier, "conclude_opinions", "done", conclusion, "conclusion")


def _locked(opinion: Opinion) -> tuple[Dossier, Opinion]:
    dossier = steps.lock(opinion.dossier_id)
    return dossier, Opinion.objects.select_for_update(of=("self",)).select_related("organization").get(pk=opinion.pk)


def _require_waiting(opinion: Opinion) -> None:
    if opinion.given_at:
        raise OpinionSettled(_("Ý kiến này đã được gửi."))
    if opinion.withdrawn_at:
        raise OpinionSettled(_("Ý kiến này không còn cần nữa."))


def _require_silent(opinion: Opinion) -> None:
    _require_waiting(opinion)
    if opinion.due_at > timezone.now():
        raise OpinionSettled(_("Chưa hết hạn cho ý kiến."))
