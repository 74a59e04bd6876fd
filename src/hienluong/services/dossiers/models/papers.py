"""The papers of a dossier: those handed in, those checked, the result, those issued."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official

from .dossier import Dossier


class DossierPaper(models.Model):
    """One paper handed in: uploaded, digitised at the counter, or presented."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="papers")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=500)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    originals = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0)
    checked = models.BooleanField(null=True)  # None: not looked at; True: in order; False: not
    remark = models.CharField(max_length=300, blank=True)
    digitised_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    origin = models.JSONField(default=dict, db_default={})  # fetched, not handed in: from where (fetching.Found)
    added_at = models.DateTimeField(auto_now_add=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")

    def __str__(self) -> str:
        return self.name


class CheckedPaper(models.Model):
    """The clerk's verdict on one paper of the procedure's list; the last one counts, earlier ones are in the audit."""

    class Verdict(models.TextChoices):
        PRESENT = "present", _("Có, đúng")
        MISSING = "missing", _("Thiếu")
        WRONG = "wrong", _("Có nhưng chưa đúng")
        NOT_NEEDED = "not_needed", _("Không cần")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="checked_papers")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=500)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    originals = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0)
    remark = models.CharField(max_length=300, blank=True)
    checked_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("dossier", "code"), name="one_verdict_a_paper")]

    def __str__(self) -> str:
        return f"{self.code}: {self.verdict}"


class Result(models.Model):
    """The draft and then the signed result. `token` is what the QR on the paper carries."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Dự thảo")
        SIGNING = "signing", _("Đang ký số")
        SIGNED = "signed", _("Đã ký")
        REVOKED = "revoked", _("Đã thu hồi")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="results")
    kind = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    grants = models.BooleanField(default=True)  # False: a reasoned refusal
    number = models.CharField(max_length=60, blank=True)
    fields = models.JSONField(default=dict)
    conclusion = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    drafted_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    signer_title = models.CharField(max_length=120, blank=True)
    signed_at = models.DateTimeField(null=True)
    valid_until = models.DateField(null=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    token = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001 - unique, and empty until signed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier",), name="one_live_result", condition=~Q(state="revoked")),
            models.CheckConstraint(condition=~Q(state="signed") | Q(file__isnull=False), name="signed_result_has_file"),
        ]

    def __str__(self) -> str:
        return self.number or self.name


class IssuedPaper(models.Model):
    """One of the legal papers of the one-stop mechanism, as issued. The PDF is made in the background."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="issued_papers")
    kind = models.CharField(max_length=16)  # receipt, supplement, refusal, apology, stop, control_sheet
    number = models.CharField(max_length=60)
    context = models.JSONField(default=dict)
    issued_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    issued_by_label = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("kind", "number"), name="issued_paper_number")]

    def __str__(self) -> str:
        return self.number
