"""Sharing agreements: one organisation asks to see part of another's register, whose owner decides.

Deciding is for ``registers.share`` at the owner; asking and giving up, for whoever reads for the consumer. What an
agreement gives is read in :mod:`.sharing`. Ground: NĐ 278/2025/NĐ-CP (sharing), Law 91/2025/QH15 (purpose, period).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization

from . import queries
from .actions import definition_on, spec_of
from .definition import RegisterSpec, order_of
from .models import Agreement, AgreementStep, Register

SHARE = "registers.share"
#: The longest period of one agreement: nobody is let in for ever without being asked again.
MAX_YEARS = 5
MAX_VOLUME = 1_000_000
#: The code of a procedure of the national catalogue.
_PROCEDURE = re.compile(r"\d\.\d{6}(\.[A-Z0-9.]+)?")

State = Agreement.State


class WrongState(DomainError):
    """What is asked does not follow from what the agreement is now."""

    code = "registers.agreement_state"


@action("registers.agreement.request")
def request(
    act: Act,
    *,
    register: Register,
    consumer: Organization,
    fields: Sequence[str],
    purpose: str,
    legal_ground: str,
    since: date,
    until: date,
    volume: int,
    filters: Mapping[str, str] | None = None,
    procedures: Sequence[str] = (),
) -> Agreement:
    """Ask for an agreement from `since` to `until`, both included, for at most `volume` records a day.

    `procedures` are the codes of those whose forms and papers may be filled under it; none when only people look.
    Raises InvalidInput for terms that cannot be, at the term.
    """
    act.require("registers.read", consumer.path)
    spec = spec_of(definition_on(register, timezone.localdate()))
    terms = {name: text for name, text in (filters or {}).items() if text}
    _check_terms(spec, fields, terms)
    if not (purpose := one_line(purpose)):
        raise InvalidInput(_("Hãy ghi mục đích sử dụng."), field="purpose")
    if not (legal_ground := one_line(legal_ground)):
        raise InvalidInput(_("Hãy ghi căn cứ pháp lý."), field="legal_ground")
    if consumer.path.startswith(register.owner.path):
        raise InvalidInput(_("Cơ quan này thuộc cơ quan quản lý dữ liệu, không cần thỏa thuận."), field="consumer")
    check_period(since, until)
    for code in procedures:
        if not _PROCEDURE.fullmatch(code):
            raise InvalidInput(_("“%(code)s” không phải mã thủ tục.") % {"code": code[:40]}, field="procedures")
    if not 1 <= volume <= MAX_VOLUME:
        raise InvalidInput(_("Số bản ghi mỗi ngày từ 1 đến 1.000.000."), field="volume")
    year = timezone.localdate().year
    made = Agreement.objects.create(
        code=f"TTCS-{year}-{series.next_number(f'agreement:{year}'):04}",
        register=register,
        consumer=consumer,
        fields=[name for name in spec.fields if name in fields],
        filters=terms,
        purpose=purpose[:200],
        legal_ground=legal_ground[:300],
        valid=DateRange(since, until + timedelta(days=1)),
        volume=volume,
        procedures=list(dict.fromkeys(procedures)),
    )
    _step(act, made, State.REQUESTED, "")
    return made


def _check_terms(spec: RegisterSpec, fields: Sequence[str], filters: Mapping[str, str]) -> None:
    if not fields:
        raise InvalidInput(_("Hãy chọn ít nhất một trường."), field="fields")
    if unknown := sorted(set(fields) - set(spec.fields)):
        raise InvalidInput(_("Không có trường “%(name)s”.") % {"name": unknown[0][:40]}, field="fields")
    for asked, text in filters.items():
        name = asked.partition("__")[0]
        if name not in spec.fields:
            raise InvalidInput(_("Không có trường “%(name)s”.") % {"name": name[:40]}, field="filters")
        try:
            queries.condition(asked, order_of(spec.fields[name]), text)
        except InvalidInput as error:
            raise InvalidInput(str(error.message), field="filters") from None


def check_period(since: date, until: date) -> None:
    """Refuse a period, both days included, that is over, ends before it begins or is too long for any agreement.

    Raises InvalidInput at ``until``."""
    if until == date.max:  # the day after it is what is kept
        raise InvalidInput(_("Thời điểm “%(moment)s” không có thật.") % {"moment": until.isoformat()}, field="until")
    if until < since:
        raise InvalidInput(_("Ngày cuối phải từ ngày đầu trở đi."), field="until")
    if until < timezone.localdate():
        raise InvalidInput(_("Ngày cuối đã qua."), field="until")
    if (until.year - MAX_YEARS, until.month, until.day) >= (since.year, since.month, since.day):
        raise InvalidInput(_("Một thỏa thuận kéo dài nhiều nhất %(years)d năm.") % {"years": MAX_YEARS}, field="until")


@action("registers.agreement.approve")
def approve(act: Act, *, agreement: Agreement, reason: str = "") -> Agreement:
    """Put an agreement that was asked for into force. Nobody approves what they asked for themselves."""
    locked = _locked(act, agreement, SHARE, State.REQUESTED)
    asked_by = locked.steps.filter(state=State.REQUESTED).values_list("account", flat=True).first()
    if asked_by is not None and asked_by == act.actor.account_id:
        raise NotAllowed(_("Người đề nghị không tự duyệt được."))
    if locked.valid.upper <= timezone.localdate():
        raise WrongState(_("Thời hạn đề nghị đã qua. Hãy từ chối để cơ quan kia đề nghị lại."))
    locked.approved_at = timezone.now()
    return _become(act, locked, State.APPROVED, reason, "approved_at")


@action("registers.agreement.refuse")
def refuse(act: Act, *, agreement: Agreement, reason: str) -> Agreement:
    """Say no to an agreement that was asked for; needs a reason."""
    return _become(act, _locked(act, agreement, SHARE, State.REQUESTED), State.REFUSED, required(reason))


@action("registers.agreement.suspend")
def suspend(act: Act, *, agreement: Agreement, reason: str) -> Agreement:
    """Stop what an agreement gives, from now on, until it is resumed; needs a reason."""
    return _become(act, _locked(act, agreement, SHARE, State.APPROVED), State.SUSPENDED, required(reason))


@action("registers.agreement.resume")
def resume(act: Act, *, agreement: Agreement, reason: str = "") -> Agreement:
    """Let a suspended agreement give again what it gave."""
    return _become(act, _locked(act, agreement, SHARE, State.SUSPENDED), State.APPROVED, reason)


@action("registers.agreement.end")
def end(act: Act, *, agreement: Agreement, reason: str) -> Agreement:
    """End an agreement for good: by its owner, or by the consumer who no longer needs it; needs a reason."""
    locked = _locked(act, agreement, "", State.APPROVED, State.SUSPENDED)
    return _become(act, locked, State.ENDED, required(reason))


def _locked(act: Act, agreement: Agreement, permission: str, *states: str) -> Agreement:
    """The agreement, locked. Whoever may not decide is refused; only from one of `states` it can be decided."""
    found = Agreement.objects.select_for_update(of=("self",)).select_related("register__owner", "consumer")
    locked = found.get(pk=agreement.pk)
    owner = locked.register.owner.path
    if permission or not act.actor.can("registers.read", locked.consumer.path):
        act.require(permission or SHARE, owner)
    if locked.state not in states:
        raise WrongState(_("Thỏa thuận đang ở trạng thái “%(state)s”.") % {"state": locked.get_state_display()})
    return locked


def _become(act: Act, agreement: Agreement, state: str, reason: str, *columns: str) -> Agreement:
    agreement.state = state
    agreement.save(update_fields=("state", *columns))
    _step(act, agreement, state, one_line(reason))
    return agreement


def _step(act: Act, agreement: Agreement, state: str, reason: str) -> None:
    AgreementStep.objects.create(
        agreement=agreement,
        state=state,
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
        reason=reason[:500],
    )
    register = agreement.register
    act.record(
        agreement,
        after={"state": state, "register": register.code, "consumer": agreement.consumer.code},
        organization_id=register.owner_id,
        note=reason,
    )
    act.emit(f"register.agreement.{state}", agreement, {"code": agreement.code, "register": register.code})


def required(reason: str) -> str:
    """A reason as it was given. Raises InvalidInput at ``reason`` when there is none."""
    if not one_line(reason):
        raise InvalidInput(_("Hãy ghi lý do."), field="reason")
    return reason


def one_line(text: str) -> str:
    """A text on one line: runs of blanks are one, none at the ends."""
    return " ".join(text.replace("\x00", "").split())


def for_procedure(register: Register, code: str, agency: Organization) -> list[Agreement]:
    """The agreements under which an agency, or what it belongs to, may fill dossiers of a procedure from a register.

    Those in force come first; the others follow, so that a refusal can be said and logged.
    """
    found = Agreement.objects.filter(register=register, procedures__contains=[code]).select_related("consumer")
    ours = [one for one in found.order_by("-pk") if agency.path.startswith(one.consumer.path)]
    today = timezone.localdate()
    return sorted(ours, key=lambda one: state_on(one, today) != State.APPROVED)


def visible(actor: Actor) -> QuerySet[Agreement]:
    """The agreements that somebody may look at: as the owner's side or as the consumer's, newest first."""
    owned = _under(actor.paths_with(SHARE))
    read_for = _under(actor.paths_with("registers.read"))
    found = Agreement.objects.filter(register__owner__in=owned) | Agreement.objects.filter(consumer__in=read_for)
    return found.select_related("register__owner", "consumer").order_by("-pk")


def _under(paths: Sequence[str]) -> QuerySet[Organization]:
    return Organization.objects.filter(reach.below(paths))


def visible_one(actor: Actor, code: str) -> Agreement:
    """One agreement that somebody may look at. Raises NotFound for any other."""
    found = visible(actor).filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise NotFound(_("Không có thỏa thuận này."))
    return found


class Agreed(Protocol):
    """What every kind of agreement has: its state, and the days for which it holds."""

    state: Any
    valid: Any


def state_on(agreement: Agreed, day: date) -> str:
    """What an agreement is on a day: its state, or ``early`` and ``expired`` for an approved one out of its period."""
    if agreement.state == State.APPROVED:
        if day < agreement.valid.lower:
            return "early"
        if day >= agreement.valid.upper:
            return "expired"
    return str(agreement.state)
