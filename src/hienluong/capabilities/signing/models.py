"""The register of issued files: what a QR code leads to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class IssuedFile(models.Model):
    """One signed file as issued. The title names the kind of paper, never a person."""

    class State(models.TextChoices):
        IN_FORCE = "in_force", _("Còn hiệu lực")
        REVOKED = "revoked", _("Đã thu hồi")

    token = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, unique=True)
    file_id = models.UUIDField()
    issuer_code = models.CharField(max_length=35)
    issuer_name = models.CharField(max_length=200)
    signers = models.JSONField(default=list)
    #: What a stranger may compare with the paper in their hands: ``[{"code", "value"}]``, personal data masked.
    facts = models.JSONField(default=list)
    valid_until = models.DateField(null=True)
    subject_ref = models.CharField(max_length=100, db_index=True)
    log_index = models.BigIntegerField()
    issued_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IN_FORCE)
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="in_force") | models.Q(revoked_at__isnull=False), name="revoked_has_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.token
