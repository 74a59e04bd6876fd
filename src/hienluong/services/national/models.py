"""The line to the national portal: what came in and what was made of it, what is to go out and how far it is.

No message is kept with its content: what goes out is written anew from the dossier each time, so personal data stays
in one place, and what comes in becomes a dossier.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.services.dossiers.models import Dossier, Handover
from hienluong.services.dossiers.models import State as DossierState


class Arrival(models.Model):
    """One message that came from the portal, without its content."""

    class Verdict(models.TextChoices):
        TAKEN = "taken", _("Đã nhận")
        REPEATED = "repeated", _("Đã nhận trước đó")
        REFUSED = "refused", _("Không nhận")

    kind = models.CharField(max_length=10, blank=True)
    national_code = models.CharField(max_length=60, blank=True)
    message_code = models.CharField(max_length=60, blank=True)  # the portal's number of an answer to a supplement
    dossier = models.ForeignKey(Dossier, models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    error_code = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("-at",), name="national_arrival_by_time")]

    def __str__(self) -> str:
        return f"{self.national_code} {self.verdict}"


class SeenMessage(models.Model):
    """The nonce of a signed message that was taken: the same message to the letter is not believed again."""

    nonce = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.nonce


class Outgoing(models.Model):
    """One step of a dossier that the portal is to be told. Rows of one dossier go out in the order of their steps."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Chờ gửi")
        SENT = "sent", _("Đã gửi")
        FAILED = "failed", _("Gửi lỗi")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="outgoing")
    handover = models.OneToOneField(Handover, models.PROTECT, related_name="+")
    dossier_state = models.CharField(max_length=20, choices=DossierState.choices)  # as the step left it
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    tried_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_step_has_a_time"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("dossier", "handover"), name="national_unsent", condition=~Q(state="sent")),
            models.Index(fields=("next_try_at",), name="national_due", condition=Q(state="waiting")),
            models.Index(fields=("-sent_at",), name="national_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.state}"
