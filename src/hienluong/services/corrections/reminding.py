"""Telling those who decide, before a term of a request is over and when it is; the person when the decision is late."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account

from . import actions, following
from .models import Correction

WHO = system("Nhắc hạn đính chính dữ liệu")
#: How long before its end a term is reminded of.
REPLY_AHEAD, DECIDE_AHEAD = timedelta(hours=24), timedelta(days=3)
#: What is said of each, to those who decide.
_TITLES = {
    "reply-soon": gettext_noop("Sắp hết hạn phản hồi yêu cầu đính chính %(code)s"),
    "reply-late": gettext_noop("QUÁ HẠN phản hồi yêu cầu đính chính %(code)s"),
    "due-soon": gettext_noop("Sắp hết hạn giải quyết yêu cầu đính chính %(code)s"),
    "due-late": gettext_noop("QUÁ HẠN giải quyết yêu cầu đính chính %(code)s"),
}


def owed(one: Correction, now: datetime) -> list[str]:
    """What there is to remind of now: at most one word about the reply and one about the decision."""
    if one.closed_at is not None:
        return []
    found = []
    if one.reply_due_at is not None and one.replied_at is None:
        found += _stage("reply", one.reply_due_at, REPLY_AHEAD, now)
    return found + _stage("due", one.due_at, DECIDE_AHEAD, now)


def _stage(name: str, due: datetime, ahead: timedelta, now: datetime) -> list[str]:
    if now > due:
        return [f"{name}-late"]
    return [f"{name}-soon"] if now >= due - ahead else []


def _once(one: Correction, what: str) -> str:
    """Tells a reminder apart; a term that was prolonged is reminded of again."""
    return f"{what}:{one.due_at:%Y%m%d}" if what.startswith("due") else what


@action("corrections.remind")
def remind(act: Act, *, correction: Correction, what: str) -> int:
    """Remind of one request; a late decision is told to the person, too. For the process that reminds; returns how many
    were told."""
    held = Correction.objects.select_for_update(of=("self",)).select_related("organization").get(pk=correction.pk)
    held.organization = place = following.place_of(held)
    act.require(actions.DECIDE, place.path)
    href, once = reverse("corrections:show", args=[held.pk]), _once(held, what)
    deciding = holders(actions.DECIDE, place)
    held.reminded = [*held.reminded, once]
    held.save(update_fields=("reminded",))
    body = gettext_lazy("Giải quyết trước %(due)s. Trễ hạn phải giải trình.")
    for account in deciding:
        actions.tell(act, held, account, "remind", _TITLES[what], body, href, once=once)
    told = len(deciding)
    if what == "due-late":
        title = gettext_noop("Yêu cầu đính chính %(code)s đã quá hạn mà chưa được giải quyết")
        words = gettext_lazy("Hạn là %(due)s. Hệ thống đã nhắc %(place)s. Bạn có quyền khiếu nại.")
        concerned = Q(party_id=held.party_id) | Q(pk=held.asked_by_id)
        for account in Account.objects.filter(concerned, is_active=True):
            actions.tell(act, held, account, "late", title, words, reverse("corrections:mine"), once=f"own-{once}")
            told += 1
        act.emit("correction.late", held, {"code": held.code})
    act.record(held, after={"reminded": what, "told": told}, organization_id=place.pk)
    return told


def remind_all() -> int:
    """Remind of every open request that is owed a word; what was said is not said again. Returns how many were told."""
    now, done = timezone.now(), 0
    ahead = Q(due_at__lte=now + DECIDE_AHEAD) | Q(reply_due_at__lte=now + REPLY_AHEAD, replied_at=None)
    for one in Correction.objects.filter(ahead, closed_at=None).select_related("organization").order_by("pk"):
        for what in owed(one, now):
            if _once(one, what) not in one.reminded:
                done += remind(WHO, correction=one, what=what)
    return done
