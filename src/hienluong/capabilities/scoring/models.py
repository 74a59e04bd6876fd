"""Scoring forms, their dated definitions, and assessments: answers kept one after the other, photos, what was decided."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization


class ScoringForm(models.Model):
    """One scoring form of the province: its identity. What it asks is in its definitions."""

    code = models.CharField(max_length=60, unique=True)  # food.premises_check
    pack = models.CharField(max_length=80, blank=True)  # empty: built in the browser
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="scoring_forms")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"), name="scoring_form_code"
            )
        ]

    def __str__(self) -> str:
        return self.code


class ScoringDefinition(models.Model):
    """One version of a scoring form, in force over a range of days. Its text never changes."""

    form = models.ForeignKey(ScoringForm, models.PROTECT, related_name="definitions")
    version = models.PositiveIntegerField()
    spec = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical text of `spec`
    valid = DateRangeField()
    installed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("form", "version"), name="scoring_version_once"),
            ExclusionConstraint(
                name="scoring_no_overlap",
                expressions=[("form", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form.code} v{self.version}"


class Assessment(models.Model):
    """One going-through of a scoring form: about a record of a register, or about something named in words."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Đang chấm")
        FINISHED = "finished", _("Chờ ký")
        SIGNED = "signed", _("Đã ký")
        ANNULLED = "annulled", _("Đã hủy")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=40, unique=True)  # CD-2026-00001
    definition = models.ForeignKey(ScoringDefinition, models.PROTECT, related_name="assessments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="assessments", db_index=False)
    assessor = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    assessor_label = models.CharField(max_length=200)
    register = models.CharField(max_length=60, blank=True)  # code of the register; empty: free text
    record = models.BigIntegerField(null=True)  # the record there; a soft link
    target_key = models.CharField(max_length=120, blank=True)
    target_name = models.CharField(max_length=300)  # as it was called then
    day = models.DateField()
    place = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    verdict = models.JSONField(null=True)  # engine.Verdict, from when it was finished
    level = models.CharField(max_length=20, blank=True)  # repeated from the verdict, for lists
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signer_label = models.CharField(max_length=200, blank=True)
    token = models.CharField(max_length=40, blank=True)  # of the signed report
    report = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("organization", "-created_at"), name="assessments_of_organization"),
            models.Index(fields=("register", "record"), name="assessments_of_record", condition=~Q(register="")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=("draft", "annulled")) | Q(verdict__isnull=False), name="assessment_has_verdict"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(report__isnull=False, signed_at__isnull=False),
                name="assessment_signed_has_report",
            ),
            models.CheckConstraint(
                condition=Q(register="", record=None) | (~Q(register="") & Q(record__isnull=False)),
                name="assessment_target_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class AssessmentAnswer(models.Model):
    """One answer to one item as it was saved. Nothing is overwritten: what is no longer current stays as past.

    A rival is an answer that was given without knowing the current one (elsewhere, or without network): both stand until
    somebody chooses.
    """

    class Standing(models.TextChoices):
        CURRENT = "current", _("Đang dùng")
        RIVAL = "rival", _("Chờ chọn")
        PAST = "past", _("Đã thay")

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="answers", db_index=False)
    item = models.CharField(max_length=40)
    key = models.UUIDField()  # made where it was answered: sent twice, it is saved once
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)  # what was seen then
    value = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    photos = models.JSONField(default=list)  # ids of photos; they may arrive later than the answer
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)  # degrees, WGS 84
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    standing = models.CharField(max_length=7, choices=Standing.choices, default=Standing.CURRENT)
    answered_at = models.DateTimeField()  # by the clock of the device
    saved_at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("assessment", "key"), name="answer_saved_once"),
            models.UniqueConstraint(
                fields=("assessment", "item"), name="answer_current_once", condition=Q(standing="current")
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="answer_place_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.item}={self.value}"


class AssessmentPhoto(models.Model):
    """One photo on its way in or arrived: announced with its size and hash, then sent in parts, then kept as a file."""

    id = models.UUIDField(primary_key=True, editable=False)  # made where it was taken
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="photos")
    item = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    received = models.PositiveIntegerField(default=0)  # bytes, from the beginning
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(received__lte=models.F("size")), name="photo_not_more_than_announced"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="photo_sha256_form"),
        ]

    def __str__(self) -> str:
        return self.name


class PhotoPart(models.Model):
    """Some bytes of a photo, kept until all are there."""

    photo = models.ForeignKey(AssessmentPhoto, models.CASCADE, related_name="parts", db_index=False)
    offset = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("photo", "offset"), name="photo_part_once")]

    def __str__(self) -> str:
        return f"{self.photo_id} {self.offset}"


class AssessmentStep(models.Model):
    """One thing that was decided about an assessment: what it became, by whom, when, why, with which verdict."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=8, choices=Assessment.State.choices)
    at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    verdict = models.JSONField(null=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.state}"
