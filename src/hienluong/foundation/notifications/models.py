"""What a person is told: in the product, by e-mail, and through providers of SMS and Zalo."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account


class Notification(models.Model):
    """One message to one account. `key` makes telling the same thing twice impossible."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="notifications")
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    href = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("account", "key"), name="notified_once")]
        indexes: ClassVar = [
            models.Index(fields=("account", "-created_at"), name="notification_by_account"),
            models.Index(fields=("account",), name="notification_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def said(self) -> str:
        """The body as a page shows it: without a line that is only the address which the title leads to."""
        return "\n".join(line for line in self.body.splitlines() if not self._is_address(line))

    def _is_address(self, line: str) -> bool:
        return self.href.startswith("/") and line.startswith("http") and line.endswith(self.href)


class Delivery(models.Model):
    """One try-until-done of a message over one channel outside the product."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Chờ gửi")
        SENT = "sent", _("Đã gửi")
        FAILED = "failed", _("Không gửi được")

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10)  # email, sms, zalo
    address = models.CharField(max_length=254)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("notification", "channel"), name="delivery_once_a_channel")
        ]
        indexes: ClassVar = [
            models.Index(fields=("id",), name="delivery_unsent", condition=~Q(state="sent")),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.state}"
