"""Ways back into an account: what was asked for, and the one-time codes with which a person sets the way in anew."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization


class Recovery(models.Model):
    """One way back into an account: asked for, waited for, used or stopped."""

    class Way(models.TextChoices):
        CODES = "codes", _("Mã dự phòng và thư điện tử")
        COUNTER = "counter", _("Kiểm tra giấy tờ tại quầy")
        ADMINISTRATORS = "admins", _("Hai người quản trị")

    class State(models.TextChoices):
        ASKED = "asked", _("Chờ người quản trị thứ hai")
        WAITING = "waiting", _("Chờ đến giờ đặt lại")
        DONE = "done", _("Đã đặt lại")
        STOPPED = "stopped", _("Đã bị chặn")
        REPLACED = "replaced", _("Đã thay bằng đề nghị khác")

    account = models.ForeignKey(Account, models.CASCADE, related_name="recoveries")
    way = models.CharField(max_length=8, choices=Way.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")  # None: whoever holds the codes
    approved_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    stop = models.CharField(max_length=64, unique=True)  # a keyed hash of what stands in the link that stops it
    asked_at = models.DateTimeField(auto_now_add=True)
    opens_at = models.DateTimeField(null=True)  # from when on the way in can be set
    lapses_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("account",), name="one_open_recovery", condition=Q(state__in=("asked", "waiting"))
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("asked_by")), name="recovery_four_eyes"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("way", "state", "asked_at"), name="recovery_by_state")]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_way_display()}"


class EntryCode(models.Model):
    """A one-time code with which its owner sets the way into an account: the first, or another after a loss.

    Only a keyed hash is kept. The code alone opens nothing: the personal number (or the name) belongs to it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="entry_codes")
    hash = models.CharField(max_length=64, unique=True)
    recovery = models.OneToOneField(Recovery, models.CASCADE, null=True, related_name="code")  # None: the first way in
    made_at = models.DateTimeField(auto_now_add=True)
    opens_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("account",), name="one_entry_code", condition=Q(used_at__isnull=True, ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.hash[:8]}"


class MailedCode(models.Model):
    """A code on its way to the mailbox of whoever says they lost their way in.

    Written also when there is no such account, so that nothing tells the two apart.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    hash = models.CharField(max_length=64, blank=True)  # filled in by the worker that sends it
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}"
