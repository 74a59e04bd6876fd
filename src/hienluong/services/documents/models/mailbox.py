"""Messages of the mailboxes of agencies that could not be taken in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization


class HeldMail(models.Model):
    """A message that could not be taken in, as it is known from outside: who sent it when, how often it failed and why.

    The message stays in its mailbox. Nothing of its words or files is kept here: as long as it was not read, nobody knows
    that it holds no state secret.
    """

    class State(models.TextChoices):
        TRYING = "trying", _("Chờ thử lại")
        HELD = "held", _("Cần người xem")
        TAKEN = "taken", _("Đã tiếp nhận")
        SETTLED = "settled", _("Đã xử lý ngoài hệ thống")

    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    mailbox = models.CharField(max_length=300)  # user@host/folder
    validity = models.BigIntegerField()  # UIDVALIDITY: for which numbering of the mailbox `uid` holds (RFC 3501)
    uid = models.BigIntegerField()
    sender = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes; 0: not known
    why = models.CharField(max_length=500)
    attempts = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.TRYING)
    first_failed_at = models.DateTimeField()
    last_failed_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)  # of who settled it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("mailbox", "validity", "uid"), name="held_mail_once"),
            models.CheckConstraint(
                condition=Q(state="trying", next_try_at__isnull=False) | ~Q(state="trying"),
                name="held_mail_is_tried_some_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | ~Q(reason=""), name="held_mail_settled_has_a_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("agency", "-last_failed_at"), name="held_mail_open", condition=Q(state__in=("trying", "held"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.uid}"
