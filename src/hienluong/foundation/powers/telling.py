"""Who is told what about reviews and emergencies."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account, Emergency
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations import queries
from hienluong.foundation.organisations.models import Organization, Position

from .models import Campaign, Item

KIND = "powers"


def province() -> Organization:
    """Where what concerns everybody is decided."""
    return queries.province()


def page_of(campaign: Campaign) -> str:
    """Where a campaign is decided."""
    return reverse("powers:campaign", args=[campaign.pk])


def opened(act: Act, campaign: Campaign) -> None:
    """Each who is to decide, once."""
    words = _("Đợt xác nhận lại quyền %(quarter)s: hạn %(day)s")
    title = words % {"quarter": campaign.label, "day": f"{campaign.due_on:%d/%m/%Y}"}
    body = _("Xem từng người giữ quyền ở đơn vị bạn; xác nhận, hoặc thu hồi và nêu lý do.")
    _each(act, campaign, f"review:{campaign.pk}:opened", title, body, above=False)


def reminded(act: Act, campaign: Campaign, stage: int, *, above: bool) -> None:
    """Each who has not decided; `above`: also those above, since nobody acted."""
    words = _("Còn quyền chưa xác nhận trong đợt %(quarter)s, hạn %(day)s")
    title = words % {"quarter": campaign.label, "day": f"{campaign.due_on:%d/%m/%Y}"}
    body = (
        _("Quá hạn mà không ai xác nhận thì quyền bị tạm dừng.")
        if campaign.suspends
        else _("Quá hạn mà không ai xác nhận thì người quản trị được báo.")
    )
    _each(act, campaign, f"review:{campaign.pk}:reminder:{stage}", title, body, above=above)


def withdrawn(act: Act, item: Item) -> None:
    """The holder, and who manages accounts there: a post is ended formally by decision."""
    words = _("Quyền “%(power)s” của %(holder)s bị thu hồi khi xác nhận lại")
    title = words % {"power": item.power, "holder": item.holder}
    concerned = [*([item.account] if item.account else []), *holders("identity.manage", item.organization)]
    stamp = item.decided_at.timestamp() if item.decided_at else 0
    _tell(act, concerned, f"review:item:{item.pk}:withdrawn:{stamp:.0f}", title, item.reason)


def suspended(act: Act, item: Item) -> None:
    """The holder: what nobody confirmed rests."""
    title = _("Quyền “%(power)s” của bạn tạm dừng vì không ai xác nhận lại") % {"power": item.power}
    body = _("Hãy liên hệ lãnh đạo đơn vị hoặc người quản trị tài khoản.")
    _tell(act, [item.account] if item.account else [], f"review:item:{item.pk}:suspended", title, body)


def closed(act: Act, campaign: Campaign, left: int) -> None:
    """The administrators of the province."""
    words = _("Đợt xác nhận lại quyền %(quarter)s đã khép: %(count)d quyền không ai xác nhận")
    title = words % {"quarter": campaign.label, "count": left}
    href = reverse("powers:report", args=[campaign.pk])
    _tell(act, holders("identity.manage", province()), f"review:{campaign.pk}:closed", title, "", href)


def emergency_began(act: Act, emergency: Emergency) -> None:
    """At once: the administrators, who holds that role there, and the one who took it."""
    words = _("%(name)s đang dùng quyền khẩn cấp “%(role)s”, %(org)s đến %(until)s")
    until = timezone.localtime(emergency.ends_at).strftime("%H:%M %d/%m/%Y")
    told = {"name": emergency.account, "role": emergency.role.name, "org": emergency.organization.name}
    posts = Position.objects.filter(
        organization=emergency.organization, role=emergency.role_id, valid__contains=timezone.localdate()
    )
    concerned = [
        emergency.account,
        *Account.objects.filter(official__positions__in=posts, is_active=True).distinct().order_by("pk")[:30],
        *_reviewers(emergency),
        *holders("identity.manage", emergency.organization),
    ]
    href = reverse("powers:emergency", args=[emergency.pk])
    _tell(act, concerned, f"emergency:{emergency.pk}:began", words % {**told, "until": until}, emergency.reason, href)


def review_due(act: Act, emergency: Emergency, day: str) -> None:
    """Who may review it, each day until it is done."""
    words = _("Chưa xem xét lần dùng quyền khẩn cấp của %(name)s")
    concerned = _reviewers(emergency)
    href = reverse("powers:emergency", args=[emergency.pk])
    title = words % {"name": emergency.account}
    _tell(act, concerned, f"emergency:{emergency.pk}:due:{day}", title, emergency.reason, href)


def _reviewers(emergency: Emergency) -> list[Account]:
    """Who may look at it, there; else in the province; else who manages accounts there: never its own taker alone."""
    places = [("emergency.review", emergency.organization), ("emergency.review", province())]
    for permission, place in (*places, ("identity.manage", province())):
        found = [each for each in holders(permission, place) if each.pk != emergency.account_id]
        if found:
            return found
    return []


def emergency_reviewed(act: Act, emergency: Emergency) -> None:
    """The one who took the powers."""
    title = (
        _("Lần dùng quyền khẩn cấp của bạn được xem xét: có lý do chính đáng")
        if emergency.justified
        else _("Lần dùng quyền khẩn cấp của bạn được xem xét: không chính đáng")
    )
    href = reverse("powers:emergency", args=[emergency.pk])
    _tell(act, [emergency.account], f"emergency:{emergency.pk}:reviewed", title, emergency.findings, href)


def _each(act: Act, campaign: Campaign, key: str, title: str, body: str, *, above: bool) -> None:
    waiting = campaign.items.filter(state=Item.State.WAITING).values("organization").annotate(Count("pk"))
    places = Organization.objects.filter(pk__in=[row["organization"] for row in waiting]).select_related("parent")
    people: dict[int, Account] = {}
    for place in places.order_by("path"):
        found = holders("powers.review", place)
        if place.parent and (above or _only_themselves(campaign, place, found)):
            found = [*found, *holders("powers.review", place.parent)]
        people.update({account.pk: account for account in found})
    _tell(act, people.values(), key, title, body, page_of(campaign))


def _only_themselves(campaign: Campaign, place: Organization, found: list[Account]) -> bool:
    """Whether something waits here that nobody here may decide: it is the one reviewer's own."""
    if len(found) != 1:
        return not found
    waiting = campaign.items.filter(organization=place, state=Item.State.WAITING)
    return waiting.filter(account=found[0]).exists()


def _tell(act: Act, people: Iterable[Account], key: str, title: str, body: str, href: str = "") -> None:
    for account in {person.pk: person for person in people if person.is_active}.values():
        notify(act, account=account, key=key, kind=KIND, title=title, body=body, href=href)
