"""What helps with drafting: the letterhead of an agency, and what somebody typed but has not kept as a version."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hienluong.foundation.organisations.models import Official, Organization

from .document import Document


class Letterhead(models.Model):
    """How an agency appears on its documents, where that differs from what its name and kind say (``letterheads.py``)."""

    agency = models.OneToOneField(Organization, models.CASCADE, primary_key=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)  # as printed: Ủy ban nhân dân tỉnh Quảng Trị
    superior = models.CharField(max_length=200, blank=True)
    abbreviation = models.CharField(max_length=20, blank=True)  # in the notation: UBND, SYT
    place = models.CharField(max_length=100, blank=True)
    collective = models.CharField(max_length=120, blank=True)  # for whom its head signs (TM.); empty: signs alone
    head_title = models.CharField(max_length=80, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    own_books = ArrayField(models.CharField(max_length=5), default=list, blank=True)  # types with a series of their own
    unit_codes = models.JSONField(default=dict, blank=True)  # {"17": "TH"}: divisions in the notation of công văn
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name or str(self.agency)


class WorkingCopy(models.Model):
    """What somebody typed into a draft since its last version: kept so that no power cut takes it."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="working_copies")
    official = models.ForeignKey(Official, models.CASCADE, related_name="+")
    based_on = models.PositiveSmallIntegerField()  # number of the version that it changes
    body = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("document", "official"), name="working_copy_once_an_official")
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.official}"
