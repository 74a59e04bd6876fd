"""Background work: telling systems of a logout, rotating keys, forgetting what has expired."""

from __future__ import annotations

from allauth.idp.oidc.models import Token
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.providers import Smtp

from . import devices, keys, leaving, reminders
from .models import DeviceRequest, PushedRequest, Reminder, SpentToken, System, UsedAssertion


@app.task(name="sso.tell_logout", retry=RetryStrategy(max_attempts=5, exponential_wait=4))
def tell_logout(client: str, account: int, sid: str) -> None:
    """Tell a system that a session has ended."""
    system = System.objects.select_related("client").filter(pk=client).first()
    owner = Account.objects.filter(pk=account).first()
    if system is not None and owner is not None and system.logout_uri:
        leaving.tell(system, owner, sid)


@app.periodic(cron="23 1 * * *")
@app.task(name="sso.remind", queueing_lock="sso.remind")
def remind(timestamp: int) -> None:
    """Once a day, at 8:23 in Việt Nam: tell the people of systems whose password, keys or certificate end soon."""
    for system, until, days in list(reminders.due(timezone.now())):
        reminders.remind(Actor(kind="system", label="sso"), system=system, until=until, days=days)


@app.task(queue="mail", name="sso.mail_reminder", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def mail_reminder(reminder: int) -> None:
    """Mail one reminder to the contact of its system."""
    held = Reminder.objects.select_related("system__client").filter(pk=reminder, mailed_at=None).first()
    if held is None or held.system.disabled_at is not None:
        return
    Smtp().send(reminders.message(held))
    held.mailed_at = timezone.now()
    held.save(update_fields=["mailed_at"])


@app.periodic(cron="17 * * * *")
@app.task(name="sso.tidy")
def tidy(timestamp: int) -> None:
    """Make the next key when it is time; forget codes, tokens, pushed requests and assertions that are over."""
    now = timezone.now()
    keys.rotate()
    Token.objects.filter(expires_at__lt=now).delete()
    PushedRequest.objects.filter(expires_at__lt=now).delete()
    DeviceRequest.objects.filter(expires_at__lt=now - devices.LASTS).delete()
    UsedAssertion.objects.filter(expires_at__lt=now - keys.OVERLAP).delete()
    SpentToken.objects.filter(at__lt=now - keys.SIGNS_FOR).delete()
