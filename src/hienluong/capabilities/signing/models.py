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
    #: What was issued in its place, in words (a number, a day); empty when nothing was.
    replaced_by = models.CharField(max_length=120, blank=True)
    #: The days on which the paper is suspended; without a last day until that is lifted.
    suspended_since = models.DateField(null=True)
    suspended_until = models.DateField(null=True)
    #: When the certificate of the last timestamp over this paper ends: that of its newest long-term copy, if it has one.
    proof_ends = models.DateTimeField(null=True)
    #: Whether `proof_ends` was looked up: in the night after the paper was issued, since reading a file takes a while.
    proof_read = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="in_force") | models.Q(revoked_at__isnull=False), name="revoked_has_a_time"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=("proof_ends", "token"), name="issued_by_end_of_proof"),
            models.Index(fields=("log_index",), name="issued_unread_proof", condition=models.Q(proof_read=False)),
        ]

    def __str__(self) -> str:
        return self.token


class LongTermCopy(models.Model):
    """A signed paper with one more timestamp over all of it: bản lưu trữ dài hạn. The file as issued stays beside it."""

    issued = models.ForeignKey(IssuedFile, models.PROTECT, related_name="long_term_copies")
    file_id = models.UUIDField(unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    proof_ends = models.DateTimeField()
    log_index = models.BigIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("issued", "proof_ends"), name="long_term_copy_once_a_timestamp")
        ]

    def __str__(self) -> str:
        return f"{self.issued_id} → {self.proof_ends:%d/%m/%Y}"


class TrustAnchor(models.Model):
    """The certificate of an authority of others that we believe, added by who looks after the installation."""

    fingerprint = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the certificate, hexadecimal
    certificate = models.BinaryField()
    name = models.CharField(max_length=300)
    issuer = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    #: Why it is believed: the decision or circular, or where the certificate was published.
    basis = models.CharField(max_length=300)
    added_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name
