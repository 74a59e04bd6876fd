"""The midnight after somebody's last day: everything closes, and the work that is left is listed for a successor."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account, RoleGrant
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Delegation, Official, Position
from hienluong.foundation.signin import actions as signin
from hienluong.foundation.sso import leaving as systems

from . import held
from .models import Departure

#: Whose organisation ended waits so long for a post with the successor before the account is closed: without a post it
#: gives no powers meanwhile.
WAITS = timedelta(days=30)


def due(day: date) -> list[tuple[Official, date]]:
    """Officials whose last post is over on a day and for whom that has not been dealt with, each with its end."""
    held_posts = Position.objects.filter(official=OuterRef("pk"), valid__isempty=False)
    last = held_posts.order_by(F("valid__endswith").desc(nulls_first=True)).values("valid__endswith")[:1]
    found = Official.objects.annotate(last=Subquery(last)).filter(last__lte=day)
    done = Departure.objects.filter(official=OuterRef("pk"), on=OuterRef("last"))
    with_organisation = held_posts.filter(
        valid__endswith=OuterRef("last"), organization__valid__endswith=F("valid__endswith")
    )
    waiting = Q(last__gt=day - WAITS) & Exists(with_organisation)
    ends = dict(found.filter(~Exists(done)).exclude(waiting).order_by("last", "pk").values_list("pk", "last"))
    officials = Official.objects.in_bulk(ends)
    return [(officials[pk], end) for pk, end in ends.items()]


@action("provisioning.leave")
def leave(act: Act, *, official: Official, on: date) -> Departure:
    """Close everything of somebody whose last day was the one before `on`. Doing it again changes nothing.

    Sessions end, connected systems are told and lose their tokens, powers that were lent either way and roles without a
    post end, the account can no longer be entered (no passkey, password or code opens it). Who is also a citizen here
    keeps the account as a citizen.
    """
    last = _last_post(official)
    if last is None:
        raise DomainError(_("Cán bộ này chưa giữ chức vụ nào."), code="provisioning.no_post")
    act.require(identity.MANAGE, last.organization.path)
    work = [asdict(each) for each in held.of(official)]
    departure, fresh = Departure.objects.get_or_create(
        official=official,
        on=on,
        defaults={"organization": last.organization, "closed_at": timezone.now(), "work": work},
    )
    if fresh:
        departure.ended = _close(act, official, on)
        departure.save(update_fields=["ended"])
        _tell_administrators(act, departure)
        act.emit("official.left", official, {"on": on.isoformat(), "organization_id": last.organization_id})
    act.record(
        departure, after={"on": on.isoformat(), "fresh": fresh, **departure.ended}, organization_id=last.organization_id
    )
    return departure


@action("provisioning.name_successor")
def name_successor(act: Act, *, departure: Departure, successor: Official) -> Departure:
    """Say who takes the work over that somebody left; the successor is told and sees the list."""
    act.require(organisations.APPOINT, departure.organization.path)
    if successor.pk == departure.official_id:
        raise InvalidInput(_("Hãy chọn người khác."), code="provisioning.same_person", field="successor")
    if not successor.positions.filter(valid__contains=timezone.localdate()).exists():
        raise InvalidInput(_("Người này hiện không giữ chức vụ nào."), code="provisioning.no_post", field="successor")
    before = departure.successor
    departure.successor, departure.handed_over_at = successor, timezone.now()
    departure.save(update_fields=["successor", "handed_over_at"])
    act.record(
        departure,
        before={"successor": before.code if before else None},
        after={"successor": successor.code},
        organization_id=departure.organization_id,
    )
    account = Account.objects.filter(official=successor, is_active=True).first()
    if account is not None:
        words = _("Bạn tiếp nhận công việc của %(name)s.") % {"name": departure.official.full_name}
        key = f"departure:{departure.pk}:{successor.pk}"
        notify(act, account=account, key=key, kind="departure", title=words, href=address(departure))
    return departure


def may_see(act_official: int | None, can_appoint: bool, departure: Departure) -> bool:
    """Whether a departure is somebody's business: who appoints there, and the successor."""
    return can_appoint or (act_official is not None and act_official == departure.successor_id)


def address(departure: Departure) -> str:
    """The page of a departure."""
    return reverse("provisioning:departure", args=[departure.pk])


def _last_post(official: Official) -> Position | None:
    posts = Position.objects.filter(official=official, valid__isempty=False).select_related("organization")
    return posts.order_by(F("valid__endswith").desc(nulls_first=True), "-is_primary", "pk").first()


def _close(act: Act, official: Official, on: date) -> dict[str, int]:
    today = timezone.localdate()
    not_over = Q(valid__upper_inf=True) | Q(valid__endswith__gt=today)
    lent = Delegation.objects.filter(
        Q(delegate=official) | Q(position__official=official), not_over, revoked_at=None
    ).exclude(valid__isempty=True)
    ended = {"delegations": 0, "roles": 0, "sessions": 0, "systems": 0}
    for delegation in lent.select_related("position__organization", "position__official"):
        organisations.revoke_delegation(act, delegation=delegation)
        ended["delegations"] += 1
    account = Account.objects.select_for_update().filter(official=official).first()
    if account is None:
        return ended
    grants = RoleGrant.objects.filter(not_over, account=account).exclude(valid__isempty=True)
    for grant in grants.select_related("organization", "role"):
        identity.revoke(act, grant=grant, on=today)
        ended["roles"] += 1
    ended["sessions"] = signin.end_everywhere(act, account=account)
    ended["systems"] = systems.end_all(account)
    if account.party_id is None and account.is_active:
        reason = _("Thôi giữ chức vụ từ ngày %(day)s") % {"day": f"{on:%d/%m/%Y}"}
        identity.deactivate(act, account=account, reason=reason)
    return ended


def _tell_administrators(act: Act, departure: Departure) -> None:
    name, day = departure.official.full_name, f"{departure.on:%d/%m/%Y}"
    title = _("%(name)s thôi giữ chức vụ từ ngày %(day)s") % {"name": name, "day": day}
    count = len(departure.work)
    body = (
        _("Còn %(count)d việc cần bàn giao. Hãy chọn người tiếp nhận.") % {"count": count}
        if count
        else _("Mọi quyền, phiên đăng nhập đã đóng. Không còn việc phải bàn giao.")
    )
    for account in holders(organisations.APPOINT, departure.organization):
        if account.pk != act.actor.account_id and account.official_id != departure.official_id:
            key = f"departure:{departure.pk}"
            notify(act, account=account, key=key, kind="departure", title=title, body=body, href=address(departure))


def require_may_see(act_may: bool) -> None:
    """NotAllowed unless it is somebody's business."""
    if not act_may:
        raise NotAllowed(_("Việc bàn giao này không thuộc phạm vi của bạn."))
