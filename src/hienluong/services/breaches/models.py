"""The register of breaches of personal data (Luật 91/2025/QH15, Điều 23; Nghị định 356/2025/NĐ-CP, Điều 28, Điều 29)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party


class Breach(models.Model):
    """One breach: from the report by whoever noticed it to its end. The clock runs from `detected_at`."""

    class State(models.TextChoices):
        REPORTED = "reported", _("Mới báo, chờ đánh giá")
        CONFIRMED = "confirmed", _("Đã xác nhận vi phạm")
        DISMISSED = "dismissed", _("Không phải vi phạm")
        CLOSED = "closed", _("Đã đóng")

    code = models.CharField(max_length=20, unique=True)  # VPDL-2026-0001
    state = models.CharField(max_length=9, choices=State.choices, default=State.REPORTED)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")  # who controls the data
    # The report, as it came in.
    text = models.TextField()
    reporter_id = models.BigIntegerField(null=True)  # account; None: somebody who did not sign in
    reporter_label = models.CharField(max_length=200, blank=True)
    reporter_contact = models.CharField(max_length=200, blank=True)
    by_official = models.BooleanField(default=False)
    reported_at = models.DateTimeField()
    detected_at = models.DateTimeField()  # the 72 hours run from here
    # The assessment (Điều 28, khoản 1).
    happened = models.CharField(max_length=300, blank=True)  # when it happened, in words: it is often not known exactly
    place = models.CharField(max_length=300, blank=True)
    deed = models.TextField(blank=True)
    involved = models.TextField(blank=True)  # organisations and persons
    kinds = models.JSONField(default=list)  # codes of kinds.KINDS
    kinds_note = models.CharField(max_length=500, blank=True)
    persons = models.PositiveIntegerField(null=True)  # whose data; None: not known yet
    records = models.PositiveIntegerField(null=True)
    consequences = models.TextField(blank=True)
    measures = models.TextField(blank=True)  # taken so far and to come
    may_harm = models.BooleanField(null=True)  # khoản 1 Điều 23: must the authority be told within 72 hours?
    assessment = models.TextField(blank=True)  # why it may harm or may not, or why it is no breach
    assessed_at = models.DateTimeField(null=True)
    assessed_by = models.CharField(max_length=200, blank=True)
    # Who must know.
    authority_told_at = models.DateTimeField(null=True)
    authority_how = models.CharField(max_length=300, blank=True)  # channel, number of the document
    late_reason = models.CharField(max_length=1000, blank=True)
    persons_told_at = models.DateTimeField(null=True)  # the first time
    public_notice = models.CharField(max_length=300, blank=True)  # address of a notice to everybody (khoản 3 Điều 29)
    persons_late_reason = models.CharField(max_length=1000, blank=True)
    closed_at = models.DateTimeField(null=True)
    conclusion = models.TextField(blank=True)

    class Meta:
        ordering = ("-detected_at", "-pk")
        indexes: ClassVar = [
            models.Index(fields=("state", "-detected_at"), name="breach_by_state"),
            models.Index(
                fields=("detected_at",),
                name="breach_clock",
                condition=Q(authority_told_at=None) & Q(state__in=("reported", "confirmed")),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="breach_has_words"),
            models.CheckConstraint(condition=Q(detected_at__lte=models.F("reported_at")), name="breach_noticed_first"),
            models.CheckConstraint(
                condition=Q(authority_told_at=None) | Q(authority_told_at__gte=models.F("detected_at")),
                name="breach_told_after_noticed",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Concerned(models.Model):
    """A person whose data the breach touched, and when they were told."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="concerned")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("breach", "party"), name="concerned_once")]

    def __str__(self) -> str:
        return f"{self.breach_id}: {self.party_id}"


class Step(models.Model):
    """One thing that was done about a breach, in words; the log of the matter, kept at least five years (Điều 29)."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)  # report, assess, measure, authority, persons, public, close
    text = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=200)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.breach_id} {self.kind}"


class Paper(models.Model):
    """A paper of a breach as it was made: the notice to the authority, the minutes."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("Thông báo vi phạm (Mẫu số 08)")
        MINUTES = "minutes", _("Biên bản xác nhận vi phạm")

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.breach_id} {self.kind}"
