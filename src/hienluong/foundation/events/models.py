"""The transactional outbox: an event commits with the change it tells of."""

from __future__ import annotations

import uuid

from django.db import models


class Event(models.Model):
    """One thing that happened, in CloudEvents terms: type, subject, time, data."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    type = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(auto_now_add=True)
    dispatched_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("id",), name="events_waiting", condition=models.Q(dispatched_at__isnull=True)),
            models.Index(fields=("subject", "id"), name="events_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"
