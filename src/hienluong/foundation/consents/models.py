"""What people decided about the use of their data, and the very words they read (Nghị định 356/2025/NĐ-CP, Điều 6)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account


class Wording(models.Model):
    """A purpose word for word, as somebody read it in one language: proof of what was agreed to."""

    digest = models.CharField(max_length=64, primary_key=True)
    purpose = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5)
    content = models.JSONField()  # catalogue.Words
    first_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version} ({self.language})"


class Decision(models.Model):
    """What a person decided about one purpose, from when to when. Never deleted: who controls data must prove consent."""

    class Kind(models.TextChoices):
        GIVEN = "given", _("Đồng ý")
        OBJECTED = "objected", _("Phản đối")

    class Ended(models.TextChoices):
        WITHDRAWN = "withdrawn", _("Đã rút")
        RENEWED = "renewed", _("Đã thay bằng lần sau")
        CLOSED = "closed", _("Đã đóng tài khoản")

    account = models.ForeignKey(Account, models.PROTECT, related_name="purpose_decisions")
    purpose = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    version = models.PositiveSmallIntegerField()
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=9, choices=Ended.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("account", "purpose"), condition=Q(ended_at=None), name="decision_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_how="") | (Q(ended_at__isnull=False) & ~Q(ended_how="")),
                name="decision_ended_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}: {self.kind}"
