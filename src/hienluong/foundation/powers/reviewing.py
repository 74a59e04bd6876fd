"""The quarterly review: opened for every organisation, decided by its head, closed by the rule the province chose."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.actions.bulk import copy
from hienluong.foundation.identity import suspending
from hienluong.foundation.identity.models import Account, Role, RoleGrant, Suspension
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization, Position

from . import telling
from .models import Campaign, Item, Rules

REVIEW, MANAGE = "powers.review", "powers.manage"
State = Item.State
#: How many days before the last one people are reminded; from the second on, whoever is above is told, too.
REMINDERS = (14, 7, 1)


def quarter_of(day: date) -> str:
    """``2026-Q4``."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def rules() -> Rules:
    """What the province has decided; the usual until it has."""
    return Rules.objects.get_or_create(pk=1)[0]


@action("powers.set_rules")
def set_rules(act: Act, *, days: int, suspends: bool, emergency_roles: Collection[str]) -> Rules:
    """Decide how long a review is open, whether what nobody confirms rests afterwards, and which roles may be taken in
    an emergency. For who manages powers in the whole province."""
    act.actor.require_lasting(MANAGE, telling.province().path)
    if not 7 <= days <= 80:
        raise InvalidInput(_("Chọn từ 7 đến 80 ngày."), code="powers.bad_days", field="days")
    unknown = set(emergency_roles) - set(Role.objects.values_list("code", flat=True))
    if unknown:
        raise InvalidInput(_("Không có vai trò này."), code="powers.no_such_role", field="emergency_roles")
    held = rules()
    before = {"days": held.days, "suspends": held.suspends, "emergency_roles": held.emergency_roles}
    held.days, held.suspends, held.emergency_roles = days, suspends, sorted(emergency_roles)
    held.save()
    after = {"days": days, "suspends": suspends, "emergency_roles": held.emergency_roles}
    act.record(held, before=before, after=after)
    return held


@action("powers.open_campaign")
def open_campaign(act: Act, *, on: date | None = None) -> Campaign:
    """Open the review of a quarter (of today's by default) for every organisation; opening again changes nothing."""
    act.require(MANAGE, telling.province().path)
    day = on or timezone.localdate()
    decided = rules()
    campaign, fresh = Campaign.objects.get_or_create(
        quarter=quarter_of(day),
        defaults={
            "opened_at": timezone.now(),
            "due_on": day + timedelta(days=decided.days),
            "suspends": decided.suspends,
        },
    )
    if fresh:
        copy(Item, _holders(campaign, day))
        telling.opened(act, campaign)
        act.emit("powers.review_opened", campaign, {"quarter": campaign.quarter})
    act.record(campaign, after={"fresh": fresh, "items": campaign.items.count(), "due_on": campaign.due_on.isoformat()})
    return campaign


def _named(title: str, role: str) -> str:
    """A post and its role, once when both are called the same."""
    return title if title == role else f"{title} ({role})"


def _holders(campaign: Campaign, day: date) -> Iterator[Item]:
    """Every post and every role given that holds on a day and does not rest already."""
    resting = Suspension.objects.filter(lifted_at=None)
    names = dict(Role.objects.values_list("code", "name"))
    posts = Position.objects.filter(~Exists(resting.filter(position=OuterRef("pk"))), valid__contains=day)
    for post in posts.select_related("official__account", "organization").order_by("pk"):
        yield Item(
            campaign=campaign,
            organization=post.organization,
            official=post.official,
            account=getattr(post.official, "account", None),
            position=post,
            holder=post.official.full_name,
            power=_named(post.title, names.get(post.role, post.role)),
        )
    given = RoleGrant.objects.filter(~Exists(resting.filter(grant=OuterRef("pk"))), valid__contains=day)
    for grant in given.select_related("account__official", "organization", "role").order_by("pk"):
        yield Item(
            campaign=campaign,
            organization=grant.organization,
            official=grant.account.official,
            account=grant.account,
            grant=grant,
            holder=str(grant.account),
            power=_("Vai trò được giao: %(role)s") % {"role": grant.role.name},
        )


def items_of(actor: Actor, campaign: Campaign) -> QuerySet[Item]:
    """What somebody may decide about: where they review, never about themself (:func:`_require_reviewer`)."""
    here = Q(pk__in=campaign.items.none())
    if actor.kind == "system":
        here = Q()
    for grant in actor.grants:
        if REVIEW in grant.permissions and not grant.emergency:
            there = Q(organization__path__startswith=grant.path)
            lender = Q(holder=grant.lent_by) | Q(official__full_name=grant.lent_by)
            here |= there & ~lender if grant.lent_by else there
    found = campaign.items.filter(here).select_related("organization", "official", "account", "decided_by")
    return found.exclude(account_id=actor.account_id or 0).order_by("organization__path", "holder", "pk")


@action("powers.decide")
def decide(act: Act, *, campaign: Campaign, items: Collection[Item], confirms: bool, reason: str = "") -> int:
    """Confirm the powers of these holders, or withdraw them for a reason: they rest from now on. Returns how many.

    Nobody decides about their own powers, nor by lent ones about those of the lender, nor by powers taken in an
    emergency: a review waits. What was decided can be decided otherwise as long as the campaign is open.
    """
    if campaign.closed_at is not None:
        raise DomainError(_("Đợt xác nhận này đã khép lại."), code="powers.closed")
    reason = " ".join(reason.split())[:300]
    if not confirms and not reason:
        raise InvalidInput(_("Thu hồi thì phải nêu lý do."), code="powers.no_reason", field="reason")
    if not items:
        raise InvalidInput(_("Hãy chọn ít nhất một người."), code="powers.nothing_chosen", field="items")
    keys = sorted(item.pk for item in items)
    locked = list(
        Item.objects.select_for_update(of=("self",))
        .filter(campaign=campaign, pk__in=keys)
        .select_related("organization", "official", "position__organization", "grant__organization", "account")
        .order_by("pk")
    )
    for item in locked:
        _require_reviewer(act, item)
        if act.actor.account_id is not None and item.account_id == act.actor.account_id:
            raise NotAllowed(_("Không ai tự xác nhận quyền của mình."))
        _decide_one(act, item, confirms, reason)
    return len(locked)


def _require_reviewer(act: Act, item: Item) -> None:
    """Refuse unless the actor reviews there by a right that is neither the holder's, lent, nor of an emergency."""
    act.require(REVIEW, item.organization.path)
    if act.actor.kind == "system":
        return
    holder = {item.holder, item.official.full_name if item.official else item.holder}
    there = [
        grant
        for grant in act.actor.grants
        if REVIEW in grant.permissions and item.organization.path.startswith(grant.path)
    ]
    if not any(not grant.emergency and grant.lent_by not in holder for grant in there):
        raise NotAllowed(_("Quyền khẩn cấp, hoặc quyền do chính người đó ủy quyền, không dùng để xác nhận lại quyền."))


def _decide_one(act: Act, item: Item, confirms: bool, reason: str) -> None:
    before, made = item.state, (item.reason, item.decided_at)
    item.state = State.CONFIRMED if confirms else State.WITHDRAWN
    item.reason, item.decided_by_id, item.decided_at = reason, act.actor.account_id, timezone.now()
    if item.held is None:
        item.state = State.OVER
    elif not confirms:
        suspending.suspend(act, held=item.held, reason=reason, by=REVIEW)
        telling.withdrawn(act, item)
    elif before == State.WITHDRAWN:
        _restore(act, item, *made)
    item.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    after = {"state": item.state, "holder": item.holder, "power": item.power}
    act.record(item, before={"state": before}, after=after, note=reason, organization_id=item.organization_id)


def _restore(act: Act, item: Item, reason: str, withdrawn_at: datetime | None) -> None:
    """Whoever withdrew in this campaign may think again; what an administrator had suspended before rests on."""
    resting = Suspension.objects.filter(lifted_at=None, position=item.position, grant=item.grant)
    if not resting.filter(reason=reason, since__gte=withdrawn_at).update(lifted_at=timezone.now()):
        return
    act.emit("powers.restored", item, {"organization_id": item.organization_id})


@action("powers.remind")
def remind(act: Act, *, campaign: Campaign) -> int:
    """Tell who has not decided yet, as the last day comes nearer; later also who is above. Returns the stage (0: none).

    Each stage is told once, also when its day was missed.
    """
    left = (campaign.due_on - timezone.localdate()).days
    stage = sum(left <= days for days in REMINDERS)
    if stage:
        telling.reminded(act, campaign, stage, above=stage > 1)
    act.record(campaign, after={"reminded": stage})
    return stage


@action("powers.close_campaign")
def close_campaign(act: Act, *, campaign: Campaign) -> Campaign:
    """Close a review after its last day. What nobody confirmed rests when the province chose so; else there is a warning.

    Who manages accounts is never suspended by the calendar: somebody must be able to put things right.
    """
    act.require(MANAGE, telling.province().path)
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.closed_at is not None or timezone.localdate() <= held.due_on:
        raise DomainError(_("Đợt xác nhận chưa đến hạn khép lại."), code="powers.not_due")
    waiting = held.items.filter(state=State.WAITING).select_related(
        "organization", "position__organization", "grant__organization", "account"
    )
    counts = {State.SUSPENDED: 0, State.UNCONFIRMED: 0, State.OVER: 0}
    keep = set(Role.objects.filter(permissions__contains=["identity.manage"]).values_list("code", flat=True))
    for item in waiting.select_for_update(of=("self",)):
        role = item.position.role if item.position else item.grant.role_id if item.grant else ""
        item.state = _left_over(item, suspends=held.suspends and role not in keep)
        if item.state == State.SUSPENDED and item.held is not None:
            words = _("Không ai xác nhận lại trong đợt %(quarter)s") % {"quarter": held.label}
            suspending.suspend(act, held=item.held, reason=words)
            telling.suspended(act, item)
        item.decided_at = timezone.now()
        item.save(update_fields=["state", "decided_at"])
        counts[State(item.state)] += 1
    held.closed_at = timezone.now()
    held.save(update_fields=["closed_at"])
    act.record(held, after={str(state): count for state, count in counts.items()})
    telling.closed(act, held, counts[State.UNCONFIRMED] + counts[State.SUSPENDED])
    act.emit("powers.review_closed", held, {"quarter": held.quarter})
    return held


def _left_over(item: Item, *, suspends: bool) -> State:
    held = item.held
    if held is None or timezone.localdate() not in held.valid:
        return State.OVER
    return State.SUSPENDED if suspends else State.UNCONFIRMED


def figures(campaign: Campaign, paths: Collection[str]) -> list[tuple[Organization, dict[str, int]]]:
    """By organisation below these paths, how many items are in which state; two queries."""
    here = reach.below(paths, "organization__path")
    counted: dict[int, dict[str, int]] = {}
    rows = campaign.items.filter(here).values_list("organization_id", "state").annotate(Count("pk"))
    for organization, state, count in rows:
        counted.setdefault(organization, {})[state] = count
    places = Organization.objects.filter(pk__in=counted).order_by("path")
    return [(org, {**counted[org.pk], "total": sum(counted[org.pk].values())}) for org in places]


def accounts_waiting(campaign: Campaign) -> QuerySet[Account]:
    """Those whose powers nobody has decided about."""
    return Account.objects.filter(pk__in=campaign.items.filter(state=State.WAITING).values("account"))
