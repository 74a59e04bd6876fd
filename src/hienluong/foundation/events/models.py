"""The transactional outbox: an event commits with the change it tells of."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """One thing that happened, in CloudEvents terms: type, subject, time, data.

    `dispatched_at` says that each subscriber took it or has a :class:`Handover` that still waits; `leaving`, that it is
    still to be told outside the house (:func:`.outbox.let_out`).
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    type = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(auto_now_add=True)
    dispatched_at = models.DateTimeField(null=True)
    leaving = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("id",), name="events_waiting", condition=models.Q(dispatched_at__isnull=True)),
            models.Index(fields=("id",), name="events_leaving", condition=models.Q(leaving=True)),
            models.Index(fields=("subject", "id"), name="events_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class Handover(models.Model):
    """One event that one subscriber has not taken yet; the row goes when it has.

    Written only when a subscriber fails, and for the later events of the same subject, which wait behind it. With
    `given_up_at` it waits for a person: :func:`.handovers.retry` or :func:`.handovers.drop`.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="handovers")
    subscriber = models.CharField(max_length=200)
    subject = models.CharField(max_length=120)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    failed_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("event_id",)
        constraints = [models.UniqueConstraint(fields=("event", "subscriber"), name="events_handover_once")]
        indexes = [
            models.Index(fields=("subject", "subscriber", "event"), name="events_handover_order"),
            models.Index(fields=("next_try_at",), name="events_handover_due", condition=Q(given_up_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.subscriber}"
