"""Telling those who handle breaches: at once, after 24, 48 and 66 hours, and when the 72 are over."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, Actor, action, system
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations import queries as organisations

from . import clock
from .models import Breach
from .permission import HANDLE

WHO = system("Nhắc hạn báo vi phạm dữ liệu")


def handlers(breach: Breach) -> list[Account]:
    """Who is told: those who handle breaches of the organisation, and always those of the province."""
    found = [*holders(HANDLE, breach.organization), *holders(HANDLE, organisations.province())]
    return list({account.pk: account for account in found}.values())


def tell_handlers(who: Act | Actor, breach: Breach, *, key: str, title: str, body: str) -> int:
    """Tell each handler once; the words may name ``code``, ``when`` (the deadline). Returns how many."""
    deadline = timezone.localtime(clock.Clock(breach.detected_at, None, timezone.now()).deadline)
    said = {"code": breach.code, "when": f"{deadline:%H:%M %d/%m/%Y}"}
    accounts = handlers(breach)
    for account in accounts:
        with translation.override(account.language):
            notify(
                who,
                account=account,
                key=f"breach:{breach.pk}:{key}",
                kind="breaches.handling",
                title=str(title) % said,
                body=str(body) % said,
                href=reverse("breaches:show", args=[breach.code]),
            )
    return len(accounts)


@action("breaches.remind")
def remind(act: Act, *, breach: Breach, hours: int) -> int:
    """Remind of one breach that so many hours have passed; for the background process, once each."""
    act.require(HANDLE, breach.organization.path)
    if hours >= 72:
        title = gettext_lazy("QUÁ 72 GIỜ: %(code)s chưa báo cơ quan chuyên trách")
        body = gettext_lazy("Hạn là %(when)s. Gửi ngay và ghi lý do chậm.")
    else:
        title = gettext_lazy("%(code)s: chưa báo cơ quan chuyên trách về vi phạm dữ liệu")
        body = gettext_lazy("Hạn chót là %(when)s (72 giờ kể từ khi phát hiện).")
    told = tell_handlers(act, breach, key=f"after-{hours}", title=title, body=body)  # type: ignore[arg-type]
    act.record(breach, after={"hours": hours, "told": told}, organization_id=breach.organization_id)
    return told


def remind_all() -> int:
    """Remind of every breach whose authority was not told yet; what was said is not said again. Returns how many."""
    now, done = timezone.now(), 0
    open_ones = Breach.objects.filter(
        Q(state=Breach.State.REPORTED) | Q(state=Breach.State.CONFIRMED, may_harm=True), authority_told_at=None
    )
    for breach in open_ones.select_related("organization").order_by("detected_at"):
        due = clock.due_reminders(breach.detected_at, now)
        if not due:
            continue
        key = f"breach:{breach.pk}:after-{due[-1]}"
        if not Notification.objects.filter(key=key).exists():
            done += remind(WHO, breach=breach, hours=due[-1])
    return done
