"""The audit log: append-only (a trigger refuses change) and chained by hash."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """Who did what to what, when, from where, why; each row carries the hash of the one before."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    target_type = models.CharField(max_length=80)
    target_id = models.CharField(max_length=64)
    target_label = models.CharField(max_length=300)
    organization_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    purpose = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    ip = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("seq",)
        indexes = [
            models.Index(fields=("target_type", "target_id", "seq"), name="audit_by_target"),
            models.Index(fields=("actor_id", "seq"), name="audit_by_actor"),
            models.Index(fields=("target_label", "seq"), name="audit_by_label"),
            models.Index(fields=("at", "seq"), name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.verb}"


class PersonalDataRead(models.Model):
    """One look at a person's data: who, which fields, for what purpose (Law 91/2025/QH15)."""

    at = models.DateTimeField(auto_now_add=True)
    party_id = models.BigIntegerField()
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    organization_id = models.BigIntegerField(null=True)
    fields = models.JSONField(default=list)
    purpose = models.CharField(max_length=200)
    subject = models.CharField(max_length=100, blank=True)
    agreement = models.CharField(max_length=40, blank=True, default="", db_default="")  # code of a sharing agreement
    ip = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=("party_id", "-at"), name="audit_reads_by_party"),
            models.Index(fields=("actor_id", "at"), name="audit_reads_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} → {self.party_id}"
