"""Agreements on services: one organisation asks to call another's service, whose owner decides.

As the sharing agreements of registers (``capabilities/registers/agreements.py``): asking is for ``bus.request`` at the
consumer, deciding for ``bus.share`` at the owner, ending for either. Terms never change: other terms are another agreement.
Ground: NĐ 278/2025/NĐ-CP (sharing), Law 91/2025/QH15 (purpose, period, only what is needed).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.agreements import check_period, one_line, required, state_on
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization

from .announce import REQUEST, SHARE
from .models import ServiceAgreement, ServiceAgreementStep, Version

MAX_PER_MINUTE = 60_000
MAX_PER_DAY = 10_000_000
MAX_ADDRESSES = 20
_OPEN = (Version.State.TEST, Version.State.PUBLISHED, Version.State.DEPRECATED)

State = ServiceAgreement.State


class WrongState(DomainError):
    """What is asked does not follow from what the agreement is now."""

    code = "bus.agreement_state"


@action("bus.agreement.request")
def request(
    act: Act,
    *,
    version: Version,
    consumer: Organization,
    fields: Mapping[str, Sequence[str]],
    purpose: str,
    legal_ground: str,
    since: date,
    until: date,
    per_minute: int,
    per_day: int | None = None,
    weekdays: Sequence[int] = (),
    from_hour: int = 0,
    to_hour: int = 24,
    addresses: Sequence[str] = (),
    sign: bool = False,
) -> ServiceAgreement:
    """Ask to call operations of a version from `since` to `until`, both included.

    `fields`: for each operation by name, the fields of its answer that may pass. `per_minute`: calls; `per_day`: records.
    `weekdays` (0 is Monday) and hours are those of Việt Nam, `to_hour` the first one without; `addresses` are networks
    (CIDR). Raises InvalidInput for terms that cannot be, at the term.
    """
    act.require(REQUEST, consumer.path)
    version = Version.objects.select_related("service__owner").get(pk=version.pk)
    if version.state not in _OPEN:
        raise WrongState(_("Phiên bản này không nhận đề nghị."))
    if consumer.path.startswith(version.service.owner.path):
        raise InvalidInput(_("Cơ quan này thuộc cơ quan quản lý dữ liệu, không cần thỏa thuận."), field="consumer")
    terms = _fields(version, fields)
    if not (purpose := one_line(purpose)):
        raise InvalidInput(_("Hãy ghi mục đích sử dụng."), field="purpose")
    if not (legal_ground := one_line(legal_ground)):
        raise InvalidInput(_("Hãy ghi căn cứ pháp lý."), field="legal_ground")
    check_period(since, until)
    _check_end(version, until)
    _check_pace(per_minute, per_day)
    _check_hours(weekdays, from_hour, to_hour)
    year = timezone.localdate().year
    made = ServiceAgreement.objects.create(
        code=f"TTDV-{year}-{series.next_number(f'service-agreement:{year}'):04}",
        version=version,
        consumer=consumer,
        fields=terms,
        per_minute=per_minute,
        per_day=per_day,
        weekdays=sorted(set(weekdays)),
        from_hour=from_hour,
        to_hour=to_hour,
        addresses=_networks(addresses),
        sign=sign,
        purpose=purpose[:200],
        legal_ground=legal_ground[:300],
        valid=DateRange(since, until + timedelta(days=1)),
    )
    _step(act, made, State.REQUESTED, "")
    return made


def _fields(version: Version, asked: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    known = {one.name: one.fields for one in version.operations.all()}
    if not asked:
        raise InvalidInput(_("Hãy chọn ít nhất một thao tác."), field="fields")
    for name, wanted in asked.items():
        if name not in known:
            raise InvalidInput(_("Không có thao tác “%(name)s”.") % {"name": name[:40]}, field="fields")
        if unknown := sorted(set(wanted) - set(known[name])):
            raise InvalidInput(_("Không có trường “%(name)s”.") % {"name": unknown[0][:40]}, field="fields")
        if known[name] and not wanted:
            words = _("Hãy chọn ít nhất một trường của thao tác “%(name)s”.")
            raise InvalidInput(words % {"name": name}, field="fields")
    return {name: [each for each in known[name] if each in asked[name]] for name in known if name in asked}


def _check_end(version: Version, until: date) -> None:
    if version.retires_on and until >= version.retires_on:
        words = _("Phiên bản này ngừng từ ngày %(day)s.")
        raise InvalidInput(words % {"day": f"{version.retires_on:%d/%m/%Y}"}, field="until")


def _check_pace(per_minute: int, per_day: int | None) -> None:
    if not 1 <= per_minute <= MAX_PER_MINUTE:
        raise InvalidInput(_("Số lượt gọi mỗi phút từ 1 đến 60.000."), field="per_minute")
    if per_day is not None and not 1 <= per_day <= MAX_PER_DAY:
        raise InvalidInput(_("Số bản ghi mỗi ngày từ 1 đến 10.000.000."), field="per_day")


def _check_hours(weekdays: Sequence[int], from_hour: int, to_hour: int) -> None:
    if any(not 0 <= day <= 6 for day in weekdays):
        raise InvalidInput(_("Không có ngày này trong tuần."), field="weekdays")
    if not 0 <= from_hour < to_hour <= 24:
        raise InvalidInput(_("Giờ cuối phải sau giờ đầu, trong khoảng từ 0 đến 24."), field="to_hour")


def _networks(addresses: Sequence[str]) -> list[str]:
    if len(addresses) > MAX_ADDRESSES:
        raise InvalidInput(_("Nhiều nhất %(most)d mạng.") % {"most": MAX_ADDRESSES}, field="addresses")
    try:
        return list(dict.fromkeys(str(ipaddress.ip_network(each.strip(), strict=False)) for each in addresses))
    except ValueError:
        raise InvalidInput(_("Mỗi mạng là một địa chỉ IP hoặc CIDR, ví dụ 10.20.0.0/16."), field="addresses") from None


@action("bus.agreement.approve")
def approve(act: Act, *, agreement: ServiceAgreement, reason: str = "") -> ServiceAgreement:
    """Put an agreement that was asked for into force. Nobody approves what they asked for themselves."""
    locked = _locked(act, agreement, SHARE, State.REQUESTED)
    asked_by = locked.steps.filter(state=State.REQUESTED).values_list("account", flat=True).first()
    if asked_by is not None and asked_by == act.actor.account_id:
        raise NotAllowed(_("Người đề nghị không tự duyệt được."))
    if locked.valid.upper <= timezone.localdate():
        raise WrongState(_("Thời hạn đề nghị đã qua. Hãy từ chối để cơ quan kia đề nghị lại."))
    if locked.version.state not in _OPEN:
        raise WrongState(_("Phiên bản này không nhận đề nghị."))
    locked.approved_at = timezone.now()
    return _become(act, locked, State.APPROVED, reason, "approved_at")


@action("bus.agreement.refuse")
def refuse(act: Act, *, agreement: ServiceAgreement, reason: str) -> ServiceAgreement:
    """Say no to an agreement that was asked for; needs a reason."""
    return _become(act, _locked(act, agreement, SHARE, State.REQUESTED), State.REFUSED, required(reason))


@action("bus.agreement.suspend")
def suspend(act: Act, *, agreement: ServiceAgreement, reason: str) -> ServiceAgreement:
    """Let nothing pass under an agreement, from now on, until it is resumed; needs a reason."""
    return _become(act, _locked(act, agreement, SHARE, State.APPROVED), State.SUSPENDED, required(reason))


@action("bus.agreement.resume")
def resume(act: Act, *, agreement: ServiceAgreement, reason: str = "") -> ServiceAgreement:
    """Let pass again what a suspended agreement let pass."""
    return _become(act, _locked(act, agreement, SHARE, State.SUSPENDED), State.APPROVED, reason)


@action("bus.agreement.end")
def end(act: Act, *, agreement: ServiceAgreement, reason: str) -> ServiceAgreement:
    """End an agreement for good: by its owner, or by the consumer who no longer needs it; needs a reason."""
    locked = _locked(act, agreement, "", State.APPROVED, State.SUSPENDED)
    return _become(act, locked, State.ENDED, required(reason))


def _locked(act: Act, agreement: ServiceAgreement, permission: str, *states: str) -> ServiceAgreement:
    """The agreement, locked. Whoever may not decide is refused; only from one of `states` it can be decided."""
    found = ServiceAgreement.objects.select_for_update(of=("self",))
    locked = found.select_related("version__service__owner", "consumer").get(pk=agreement.pk)
    if permission or not act.actor.can(REQUEST, locked.consumer.path):
        act.require(permission or SHARE, locked.version.service.owner.path)
    if locked.state not in states:
        raise WrongState(_("Thỏa thuận đang ở trạng thái “%(state)s”.") % {"state": locked.get_state_display()})
    return locked


def _become(act: Act, agreement: ServiceAgreement, state: str, reason: str, *columns: str) -> ServiceAgreement:
    agreement.state = state
    agreement.save(update_fields=("state", *columns))
    _step(act, agreement, state, one_line(reason))
    return agreement


def _step(act: Act, agreement: ServiceAgreement, state: str, reason: str) -> None:
    ServiceAgreementStep.objects.create(
        agreement=agreement,
        state=state,
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
        reason=reason[:500],
    )
    service = agreement.version.service
    act.record(
        agreement,
        after={"state": state, "service": str(agreement.version), "consumer": agreement.consumer.code},
        organization_id=service.owner_id,
        note=reason,
    )
    told = {"code": agreement.code, "service": service.code, "major": agreement.version.major}
    act.emit(f"bus.agreement.{state}", agreement, told)


def visible(actor: Actor) -> QuerySet[ServiceAgreement]:
    """The agreements that somebody may look at: as the owner's side or as the consumer's, newest first."""
    owned, asked = _under(actor.paths_with(SHARE)), _under(actor.paths_with(REQUEST))
    every = ServiceAgreement.objects
    found = every.filter(version__service__owner__in=owned) | every.filter(consumer__in=asked)
    return found.select_related("version__service__owner", "consumer").order_by("-pk")


def to_decide(actor: Actor) -> QuerySet[ServiceAgreement]:
    """The agreements that wait for a decision which somebody may take."""
    owned = _under(actor.paths_with(SHARE))
    return ServiceAgreement.objects.filter(state=State.REQUESTED, version__service__owner__in=owned)


def _under(paths: Sequence[str]) -> QuerySet[Organization]:
    return Organization.objects.filter(reach.below(paths))


def visible_one(actor: Actor, code: str) -> ServiceAgreement:
    """One agreement that somebody may look at. Raises NotFound for any other."""
    found = visible(actor).filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise NotFound(_("Không có thỏa thuận này."))
    return found


def is_open(agreement: ServiceAgreement, now: datetime) -> bool:
    """Whether an agreement lets something pass at a moment: in force, and within its days and hours in Việt Nam."""
    local = timezone.localtime(now)
    return (
        state_on(agreement, local.date()) == State.APPROVED
        and (not agreement.weekdays or local.weekday() in agreement.weekdays)
        and agreement.from_hour <= local.hour < agreement.to_hour
    )
