"""Telling people things, once each."""

from __future__ import annotations

from django.utils import timezone

from hienluong.foundation.actions import Act, action
from hienluong.foundation.identity.models import Account

from .models import Delivery, Notification
from .providers import provider_of


@action("notifications.notify")
def notify(
    act: Act, *, account: Account, key: str, kind: str, title: str, body: str = "", href: str = "", phone: str = ""
) -> Notification:
    """Tell an account something, in the product and by every channel it can be reached on.

    Telling the same `key` again changes nothing. Mail and the like leave after commit, in the background.
    """
    found, fresh = Notification.objects.get_or_create(
        account=account, key=key, defaults={"kind": kind, "title": title[:200], "body": body, "href": href}
    )
    act.record(found, after={"kind": kind, "fresh": fresh})
    if not fresh:
        return found
    for channel, address in (("email", account.email), ("sms", phone), ("zalo", phone)):
        if address and provider_of(channel) is not None:
            delivery = Delivery.objects.create(notification=found, channel=channel, address=address)
            from .tasks import deliver

            deliver.defer(delivery_id=delivery.pk)
    return found


@action("notifications.mark_read")
def mark_read(act: Act, *, account: Account) -> int:
    """Everything of this account is read."""
    count = Notification.objects.filter(account=account, read_at__isnull=True).update(read_at=timezone.now())
    act.record(account, after={"read": count})
    return count
