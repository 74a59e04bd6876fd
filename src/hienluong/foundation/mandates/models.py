"""Appointments: who was asked to act for an enterprise, by whom, for what, for which days, and the answer.

What was accepted stands in :class:`people.Representation`, which alone says who may act today.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people.models import Party, Representation


class Appointment(models.Model):
    """One citizen asked by the legal representative of an enterprise to act for it."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Chờ người được cử đồng ý")
        ACCEPTED = "accepted", _("Đã đồng ý")
        REFUSED = "refused", _("Đã từ chối")
        WITHDRAWN = "withdrawn", _("Đã rút")

    class Act(models.TextChoices):
        FILE = "file", _("Nộp hồ sơ, bổ sung, rút hồ sơ")
        PAY = "pay", _("Nộp phí, lệ phí")
        RECEIVE = "receive", _("Nhận kết quả")

    enterprise = models.ForeignKey(Party, models.PROTECT, related_name="appointments_given")
    appointed = models.ForeignKey(Party, models.PROTECT, related_name="appointments_held")
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    role = models.CharField(max_length=100)
    acts = ArrayField(models.CharField(max_length=12, choices=Act.choices), default=list)
    procedures = ArrayField(models.CharField(max_length=40), default=list)
    most = models.BigIntegerField(null=True)
    valid = DateRangeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    representation = models.OneToOneField(Representation, models.PROTECT, null=True, related_name="appointment")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(enterprise=models.F("appointed")), name="appointment_of_another"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="accepted") | models.Q(representation__isnull=False),
                name="accepted_appointment_holds",
            ),
            models.UniqueConstraint(
                fields=("enterprise", "appointed"), name="one_open_offer", condition=models.Q(state="offered")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("enterprise", "-offered_at"), name="appointment_of_enterprise")]

    def __str__(self) -> str:
        return f"{self.enterprise} → {self.appointed}"
