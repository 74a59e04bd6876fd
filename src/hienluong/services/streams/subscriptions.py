"""Subscriptions: a system of one organisation asks to be told of events; whoever answers for the events decides.

Ground: NĐ 278/2025/NĐ-CP (sharing through the platforms), Law 91/2025/QH15 (purpose, period).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System

from . import addresses, registry, waking
from .declared import TYPES
from .models import Subscription, SubscriptionStep

#: Who was refused what: one line each.
refusals = logging.getLogger("hienluong.refused")

REQUEST, SHARE = "streams.request", "streams.share"
#: The longest period of one subscription: nobody is told for ever without being asked again.
MAX_YEARS = 5
MAX_FILTER_VALUES = 100
State, Way = Subscription.State, Subscription.Way


class WrongState(DomainError):
    """What is asked does not follow from what the subscription is now."""

    code = "streams.subscription_state"


@action("streams.subscription.request")
def request(
    act: Act,
    *,
    system: System,
    types: Sequence[str],
    way: str,
    purpose: str,
    legal_ground: str,
    since: date,
    until: date,
    url: str = "",
    filters: Mapping[str, Sequence[str]] | None = None,
    told_since: date | None = None,
) -> Subscription:
    """Ask that a system is told of events from `since` to `until`, both included.

    `filters`: only events whose data has one of the values in this property. `told_since`: also what was told from this
    day on, as far as it is kept. Raises InvalidInput for terms that cannot be, at the term.
    """
    act.require(REQUEST, system.owner.path)
    if system.disabled_at is not None:
        raise InvalidInput(_("Hệ thống này đã ngừng kết nối."), field="system")
    chosen = [type for type in TYPES if type in types]
    if not chosen or set(types) - set(TYPES):
        raise InvalidInput(_("Hãy chọn ít nhất một loại sự kiện."), field="types")
    wanted = _checked_filters(chosen, filters or {})
    _check_way(act, way, url)
    if not (purpose := _line(purpose)):
        raise InvalidInput(_("Hãy ghi mục đích sử dụng."), field="purpose")
    if not (legal_ground := _line(legal_ground)):
        raise InvalidInput(_("Hãy ghi căn cứ pháp lý."), field="legal_ground")
    _check_period(since, until)
    if told_since is not None and told_since > timezone.localdate():
        raise InvalidInput(_("Ngày này chưa đến."), field="told_since")
    year = timezone.localdate().year
    made = Subscription.objects.create(
        code=f"DKSK-{year}-{series.next_number(f'subscription:{year}'):04}",
        consumer=system.owner,
        system=system,
        types=chosen,
        filters=wanted,
        way=way,
        url=url if way == Way.WEBHOOK else "",
        purpose=purpose[:200],
        legal_ground=legal_ground[:300],
        valid=DateRange(since, until + timedelta(days=1)),
        since=beginning(told_since) if told_since else None,
    )
    _step(act, made, State.REQUESTED, "")
    return made


def _checked_filters(types: Sequence[str], filters: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    schemas = registry.latest()
    wanted: dict[str, list[str]] = {}
    for name, values in filters.items():
        for type in types:
            body = schemas[type].body if type in schemas else TYPES[type].schema
            found = body["properties"].get(name)
            if found is None or found.get("type") in ("object", None):
                raise InvalidInput(
                    _("Sự kiện “%(type)s” không có trường “%(name)s” để lọc.") % {"type": type, "name": name[:40]},
                    field="filters",
                )
        kept = list(dict.fromkeys(text for value in values if (text := _line(str(value))[:100])))
        if not kept or len(kept) > MAX_FILTER_VALUES:
            raise InvalidInput(_("Hãy ghi từ 1 đến 100 giá trị cần lọc."), field="filters")
        wanted[name] = kept
    return wanted


def _check_way(act: Act, way: str, url: str) -> None:
    if way not in Way.values:
        raise InvalidInput(_("Hãy chọn cách nhận."), field="way")
    if way == Way.WEBHOOK and (found := addresses.fault(url)):
        refusals.warning(
            "account %s of organisation %s was refused the address of a webhook %r",
            act.actor.account_id or "-",
            act.actor.organization_id or "-",
            url.rpartition("@")[2][: addresses.MAX_URL],
        )
        raise InvalidInput(found, field="url")


def _check_period(since: date, until: date) -> None:
    if until >= date.max - timedelta(days=1) or until < since:
        raise InvalidInput(_("Ngày cuối phải từ ngày đầu trở đi."), field="until")
    if until < timezone.localdate():
        raise InvalidInput(_("Ngày cuối đã qua."), field="until")
    if (until.year - MAX_YEARS, until.month, until.day) >= (since.year, since.month, since.day):
        raise InvalidInput(_("Một đăng ký kéo dài nhiều nhất %(years)d năm.") % {"years": MAX_YEARS}, field="until")


@action("streams.subscription.approve")
def approve(act: Act, *, subscription: Subscription, reason: str = "") -> Subscription:
    """Put a subscription into force. Nobody approves what they asked for themselves."""
    locked = _locked(act, subscription, SHARE, State.REQUESTED)
    asked_by = locked.steps.filter(state=State.REQUESTED).values_list("account", flat=True).first()
    if asked_by is not None and asked_by == act.actor.account_id:
        raise NotAllowed(_("Người đề nghị không tự duyệt được."))
    if locked.valid.upper <= timezone.localdate():
        raise WrongState(_("Thời hạn đề nghị đã qua. Hãy từ chối để cơ quan kia đề nghị lại."))
    locked.since = locked.since or timezone.now()
    return _become(act, locked, State.APPROVED, reason, "since")


@action("streams.subscription.refuse")
def refuse(act: Act, *, subscription: Subscription, reason: str) -> Subscription:
    """Say no; needs a reason."""
    return _become(act, _locked(act, subscription, SHARE, State.REQUESTED), State.REFUSED, _said(reason))


@action("streams.subscription.suspend")
def suspend(act: Act, *, subscription: Subscription, reason: str) -> Subscription:
    """Tell nothing more until it is resumed, then what was missed, as far as it is kept; needs a reason."""
    return _become(act, _locked(act, subscription, SHARE, State.APPROVED), State.SUSPENDED, _said(reason))


@action("streams.subscription.resume")
def resume(act: Act, *, subscription: Subscription, reason: str = "") -> Subscription:
    """Go on where a suspended subscription stopped."""
    return _become(act, _locked(act, subscription, SHARE, State.SUSPENDED), State.APPROVED, reason)


@action("streams.subscription.end")
def end(act: Act, *, subscription: Subscription, reason: str) -> Subscription:
    """End a subscription for good, by whoever decides or by the consumer; needs a reason. What waits for it goes."""
    locked = _locked(act, subscription, "", State.APPROVED, State.SUSPENDED)
    locked.undelivered.all().delete()
    return _become(act, locked, State.ENDED, _said(reason))


@action("streams.subscription.replay")
def replay(act: Act, *, subscription: Subscription, since: date, reason: str = "") -> Subscription:
    """Tell again what was told from a day on, as far as it is kept; what it may have already is marked."""
    locked = _locked(act, subscription, "", State.APPROVED)
    if locked.way == Way.PULL:
        raise InvalidInput(_("Hệ thống tự lấy thì tự lấy lại từ ngày cần (tham số since)."), field="since")
    if since > timezone.localdate():
        raise InvalidInput(_("Ngày này chưa đến."), field="since")
    begins = beginning(since)
    locked.since, locked.rewind = begins, True
    for row in locked.undelivered.filter(given_up_at=None).only("pk", "event"):
        if datetime.fromisoformat(row.event["time"]) >= begins:
            row.delete()  # it is told again in its order
    locked.save(update_fields=("since", "rewind"))
    _step(act, locked, "replayed", _line(reason), since=since.isoformat())
    waking.wake()
    return locked


@action("streams.undelivered.retry")
def retry(act: Act, *, subscription: Subscription, sequence: int | None = None) -> int:
    """Send again now what was given up or waits, one event or all of them; how many. Their waits are counted afresh."""
    locked = _locked(act, subscription, "", State.APPROVED, State.SUSPENDED)
    rows = locked.undelivered.all() if sequence is None else locked.undelivered.filter(sequence=sequence)
    count = rows.update(given_up_at=None, attempts=0, next_try_at=timezone.now())
    if not count:
        raise NotFound(_("Không có sự kiện nào như vậy đang chờ."))
    Subscription.objects.filter(pk=locked.pk).update(paused_until=None)
    act.record(locked, after={"again": sequence or "all"}, organization_id=locked.consumer_id)
    waking.wake()
    return count


@action("streams.undelivered.drop")
def drop(act: Act, *, subscription: Subscription, sequence: int, reason: str) -> None:
    """Let a subscriber do without an event; the later ones of its key go on. Needs a reason."""
    locked = _locked(act, subscription, "", State.APPROVED, State.SUSPENDED)
    row = locked.undelivered.filter(sequence=sequence).first()
    if row is None:
        raise NotFound(_("Không có sự kiện nào như vậy đang chờ."))
    told = {name: row.event.get(name) for name in ("id", "type", "subject")}
    row.delete()
    act.record(
        locked,
        before={**told, "attempts": row.attempts, "error": row.error},
        organization_id=locked.consumer_id,
        note=_line(_said(reason))[:500],
    )
    waking.wake()


def beginning(day: date) -> datetime:
    """The first moment of a day."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def _locked(act: Act, subscription: Subscription, permission: str, *states: str) -> Subscription:
    """The subscription, locked. Whoever may not decide is refused; only from one of `states` it can be decided."""
    locked = Subscription.objects.select_for_update(of=("self",)).select_related("consumer").get(pk=subscription.pk)
    if permission or not act.actor.can(REQUEST, locked.consumer.path):
        act.require(permission or SHARE, registry.scope())
    if locked.state not in states:
        raise WrongState(_("Đăng ký đang ở trạng thái “%(state)s”.") % {"state": locked.get_state_display()})
    return locked


def _become(act: Act, subscription: Subscription, state: str, reason: str, *columns: str) -> Subscription:
    subscription.state = state
    subscription.save(update_fields=("state", *columns))
    _step(act, subscription, state, _line(reason))
    waking.wake()
    return subscription


def _step(act: Act, subscription: Subscription, state: str, reason: str, **more: str) -> None:
    SubscriptionStep.objects.create(
        subscription=subscription,
        state=state,
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
        reason=reason[:500],
    )
    act.record(
        subscription,
        after={"state": state, "consumer": subscription.consumer.code, **more},
        organization_id=subscription.consumer_id,
        note=reason,
    )
    act.emit(f"subscription.{state}", subscription, {"code": subscription.code})


def _said(reason: str) -> str:
    if not _line(reason):
        raise InvalidInput(_("Hãy ghi lý do."), field="reason")
    return reason


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def systems(actor: Actor) -> QuerySet[System]:
    """The connected systems for which somebody may ask."""
    owners = Organization.objects.filter(reach.below(actor.paths_with(REQUEST)))
    found = System.objects.filter(owner__in=owners, disabled_at=None)
    return found.select_related("client", "owner").order_by("client__name", "pk")


def may_decide(actor: Actor) -> bool:
    """Whether somebody decides on subscriptions."""
    return actor.can(SHARE, registry.scope())


def may_look_after(actor: Actor, subscription: Subscription) -> bool:
    """Whether somebody may end it, have it told again, and say what becomes of what was not delivered."""
    return may_decide(actor) or actor.can(REQUEST, subscription.consumer.path)


def in_force(way: str = "") -> QuerySet[Subscription]:
    """Those that are told of events today, of systems that are connected."""
    found = Subscription.objects.filter(
        state=State.APPROVED, valid__contains=timezone.localdate(), system__disabled_at=None
    )
    return (found.filter(way=way) if way else found).order_by("pk")


def visible(actor: Actor) -> QuerySet[Subscription]:
    """Those that somebody may look at: all for who decides, their own for the consumers."""
    found = Subscription.objects.select_related("consumer", "system__client").order_by("-pk")
    if may_decide(actor):
        return found
    asks_for = Organization.objects.filter(reach.below(actor.paths_with(REQUEST)))
    return found.filter(consumer__in=asks_for)


def visible_one(actor: Actor, code: str) -> Subscription:
    """One of them. Raises NotFound for any other."""
    found = visible(actor).filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise NotFound(_("Không có đăng ký này."))
    return found


def state_on(subscription: Subscription, day: date) -> str:
    """What it is on a day: its state, or ``early`` and ``expired`` for an approved one out of its period."""
    if subscription.state == State.APPROVED:
        if day < subscription.valid.lower:
            return "early"
        if day >= subscription.valid.upper:
            return "expired"
    return subscription.state


def oldest_kept() -> datetime:
    """From when on events are kept at the server."""
    return timezone.now() - timedelta(days=settings.EVENT_SERVER["days"])
