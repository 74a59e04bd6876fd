"""Before what a system proves itself with ends, its people are told: 90, 30, 7 and 1 days ahead, each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, action
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.notifications.providers import Message

from .models import Reminder, System

MANAGE = "sso.manage"
#: Days before the end on which it is told, the last first.
AHEAD = (1, 7, 30, 90)


def due(now: datetime) -> Iterator[tuple[System, datetime, int]]:
    """Systems in use whose people are to be told now: the end, and how many days ahead that reminder stands.

    After a while without this task only the nearest reminder is due, not all that were missed.
    """
    soon = Q(secret_until__gt=now, secret_until__lte=now + timedelta(days=AHEAD[-1])) | Q(
        secret_until=None, keys_until__gt=now, keys_until__lte=now + timedelta(days=AHEAD[-1])
    )
    for system in System.objects.filter(soon, disabled_at=None).select_related("client", "owner").order_by("pk"):
        until = system.proof_until
        assert until is not None
        days = next(days for days in AHEAD if until - now <= timedelta(days=days))
        if not Reminder.objects.filter(system=system, until=until, days__lte=days).exists():
            yield system, until, days


@action("sso.remind")
def remind(act: Act, *, system: System, until: datetime, days: int) -> Reminder:
    """Tell the engineers of a system in the product, and its contact by mail, that its proof ends."""
    act.require(MANAGE, system.owner.path)
    reminder, fresh = Reminder.objects.get_or_create(system=system, until=until, days=days)
    act.record(
        system, after={"until": until.isoformat(), "days": days, "fresh": fresh}, organization_id=system.owner_id
    )
    if fresh:
        title, body = words(system, until)
        key = f"sso:reminder:{reminder.pk}"
        for engineer in system.engineers.select_related("account").filter(account__is_active=True):
            notify(
                act, account=engineer.account, key=key, kind="sso", title=title, body=body, href=f"/ky-su/{system.pk}"
            )
        from .tasks import mail_reminder

        mail_reminder.defer(reminder=reminder.pk)
    return reminder


def words(system: System, until: datetime) -> tuple[str, str]:
    """What is said: the title and the text."""
    day = timezone.localtime(until).strftime("%d/%m/%Y")
    what = {
        System.Proof.KEY: _("Khóa công khai"),
        System.Proof.CERTIFICATE: _("Chứng thư"),
    }.get(System.Proof(system.proof), _("Mật khẩu"))
    named = {"what": what, "name": system.client.name, "day": day}
    title = _("%(what)s của hệ thống “%(name)s” hết hạn ngày %(day)s") % named
    body = _(
        "Sau ngày đó hệ thống không đăng nhập được cho ai. Hãy thay trước: trang dành cho kỹ sư, hoặc người quản lý."
    )
    return title, body


def message(reminder: Reminder) -> Message:
    """The mail to the contact of a system."""
    title, body = words(reminder.system, reminder.until)
    return Message(reminder.system.contact_email, title, body, f"sso-{reminder.pk}")
