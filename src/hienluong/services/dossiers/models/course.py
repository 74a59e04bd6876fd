"""What happens to a dossier on its way: steps, pauses, dates, questions, opinions, notes, parcels."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Official, Organization

from .dossier import Dossier


class Handover(models.Model):
    """One row of the control sheet: who did which step, when, with which outcome (Phiếu kiểm soát)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="handovers")
    verb = models.CharField(max_length=40)
    from_official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    from_label = models.CharField(max_length=200)
    to_lane = models.CharField(max_length=40, blank=True)
    to_label = models.CharField(max_length=200, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    public_note = models.TextField(blank=True)
    state_after = models.CharField(max_length=20)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("dossier", "at"), name="handover_by_dossier")]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.verb}"


class Pause(models.Model):
    """A stretch of time that does not count: waiting for a supplement or a payment."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=20)  # supplement, payment
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier",), name="one_open_pause", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.reason}"


class DeadlineChange(models.Model):
    """Each time the due date was set or moved, with the line-by-line explanation."""

    class Kind(models.TextChoices):
        SET = "set", _("Ấn định khi tiếp nhận")
        SUPPLEMENT = "supplement", _("Cộng thời gian chờ bổ sung")
        APOLOGY = "apology", _("Xin lỗi và hẹn lại")
        REOPEN = "reopen", _("Mở lại theo quyết định")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="deadline_changes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    due_before = models.DateTimeField(null=True)
    due_after = models.DateTimeField()
    # What decides on time or late: a promise after a delay moves `due_after`, not this. Empty in rows of before.
    lawful_after = models.DateTimeField(null=True)
    lines = models.JSONField(default=list)
    legal_basis = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.kind}"


class Supplement(models.Model):
    """A request for more papers or a correction, and its answer."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="supplements")
    stage = models.CharField(max_length=10)  # reception, review
    items = models.JSONField(default=list)  # [{"code","name","what"}]
    reason = models.TextField()
    requested_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)  # when the officer was told that no answer came in time
    answered_at = models.DateTimeField(null=True)
    answer_note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("dossier",), name="one_open_supplement", condition=Q(answered_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.stage}"


class Opinion(models.Model):
    """An opinion asked of another agency. Silence past its deadline is consent only where the procedure says so.

    Asking again after the dossier was sent back or reopened is a new round. An agency outside the system is asked by
    letter: `name` says which, and `organization` (the handling one) writes its answer down.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="opinions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="opinions")
    round = models.PositiveSmallIntegerField(default=1)
    place = models.PositiveSmallIntegerField(default=0)  # which of the opinions that the process asks for
    name = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+", db_index=False)
    due_at = models.DateTimeField()
    tacit_allowed = models.BooleanField(default=False)
    escalated_at = models.DateTimeField(null=True)  # when silence was reported to the agency's head
    withdrawn_at = models.DateTimeField(null=True)  # no longer asked for: the dossier ended or was reopened
    given_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    agrees = models.BooleanField(null=True)
    text = models.TextField(blank=True)
    tacit = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier", "round", "place"), name="one_opinion_a_place_and_round")
        ]
        indexes: ClassVar = [
            models.Index(fields=("due_at",), name="opinion_waiting", condition=Q(given_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.organization_id}"

    @property
    def asked_of(self) -> str:
        """Who was asked, as the procedure names it."""
        return self.name or self.organization.name


class InternalNote(models.Model):
    """A note among officials; never shown to the person."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="notes")
    official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:40]


class Parcel(models.Model):
    """Something that travels by post: a dossier sent in, or a result on its way to the person."""

    class Direction(models.TextChoices):
        IN = "in", _("Người dân gửi đến")
        OUT = "out", _("Cơ quan gửi trả")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="parcels")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    carrier = models.CharField(max_length=80)
    number = models.CharField(max_length=40)
    sent_at = models.DateTimeField(null=True)  # handed to the post; for what comes in, when it was posted, if known
    arrived_on = models.DateField(null=True)  # at the counter, or with the person
    recipient = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier", "direction", "number"), name="parcel_once"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.number}"
