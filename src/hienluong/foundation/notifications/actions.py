"""Telling people things, once each."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, NotFound, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import queries as organisations

from . import optional
from .models import Delivery, Notification
from .providers import provider_of


@action("notifications.notify")
def notify(
    act: Act, *, account: Account, key: str, kind: str, title: str, body: str = "", href: str = "", phone: str = ""
) -> Notification:
    """Tell an account something, in the product and by every channel it can be reached on.

    Telling the same `key` again changes nothing. Mail and the like leave after commit, in the background; what is no more
    than a service (``optional``) only to who agreed to it.
    """
    found, fresh = Notification.objects.get_or_create(
        account=account, key=key, defaults={"kind": kind, "title": title[:200], "body": body, "href": href}
    )
    act.record(found, after={"kind": kind, "fresh": fresh})
    if not fresh:
        return found
    for channel, address in (("email", account.email), ("sms", phone), ("zalo", phone)):
        if address and provider_of(channel) is not None and optional.may_send(kind, channel, account.pk):
            delivery = Delivery.objects.create(notification=found, channel=channel, address=address)
            from .tasks import deliver

            deliver.defer(delivery_id=delivery.pk)
    return found


@action("notifications.send_again")
def send_again(act: Act, *, delivery_id: int) -> Delivery:
    """Send what was given up again, with its tries counted afresh. Raises NotFound when nothing was given up."""
    act.require("notifications.send_again", organisations.province().path)
    failed = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery_id, state=Delivery.State.FAILED)
    delivery = failed.first()
    if delivery is None:
        raise NotFound(_("Không có tin nào như vậy đang hỏng."))
    before = {"state": delivery.state, "error": delivery.error}
    delivery.state, delivery.attempts = Delivery.State.WAITING, 0
    delivery.save(update_fields=("state", "attempts"))
    from .tasks import deliver

    deliver.defer(delivery_id=delivery.pk)
    act.record(delivery, before=before, after={"state": delivery.state})
    return delivery


@action("notifications.mark_read")
def mark_read(act: Act, *, account: Account) -> int:
    """Everything of this account is read."""
    count = Notification.objects.filter(account=account, read_at__isnull=True).update(read_at=timezone.now())
    act.record(account, after={"read": count})
    return count
