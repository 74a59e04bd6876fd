"""Copies of one's data that were asked for, and accounts that are being closed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account


class Export(models.Model):
    """A copy of everything that is held of a person, made on their request and kept for some days."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Đang làm")
        READY = "ready", _("Tải được")
        FAILED = "failed", _("Không làm được")
        EXPIRED = "expired", _("Đã hết hạn tải")

    account = models.ForeignKey(Account, models.PROTECT, related_name="exports")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(auto_now_add=True)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    size = models.BigIntegerField(default=0)  # bytes
    ready_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)  # the copy is deleted then
    taken = models.PositiveSmallIntegerField(default=0)  # how often it was taken

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("account",), condition=Q(state="waiting"), name="one_export_at_a_time"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("account", "-asked_at"), name="export_by_account"),
            models.Index(fields=("until",), condition=Q(state="ready"), name="export_ending"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Closure(models.Model):
    """An account on its way to being closed: asked for, waiting, then done or taken back."""

    class Why(models.TextChoices):
        ASKED = "asked", _("Chủ tài khoản yêu cầu")
        UNUSED = "unused", _("Lâu không dùng")

    account = models.ForeignKey(Account, models.PROTECT, related_name="closures")
    party_id = models.BigIntegerField(null=True)  # whose it was: the account forgets it
    why = models.CharField(max_length=6, choices=Why.choices, default=Why.ASKED)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()  # closed from then on
    hindered_at = models.DateTimeField(null=True)  # due, but something open held it back
    taken_back_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    erased = models.JSONField(default=dict)  # what → how much

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("account",), condition=Q(taken_back_at=None, done_at=None), name="one_closure_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | Q(done_at=None), name="closure_done_or_taken_back"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("due_at",), condition=Q(taken_back_at=None, done_at=None), name="closure_due"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_waiting(self) -> bool:
        """Whether it may still be taken back."""
        return self.taken_back_at is None and self.done_at is None
