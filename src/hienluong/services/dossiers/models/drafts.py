"""What is typed but not filed yet."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.services.procedures.models import Procedure, ProcedureVersion


class Draft(models.Model):
    """What a person has typed so far; saved on every step, kept until it is filed or thrown away."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="drafts")
    procedure_version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    papers = models.JSONField(default=dict)  # paper code → list of StoredFile ids
    page = models.CharField(max_length=40, blank=True)
    subject = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")  # whose matter; None: not yet said
    relation = models.CharField(max_length=100, blank=True)  # of the person who files to `subject`
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    delivery = models.CharField(max_length=12, default="online")
    updated_at = models.DateTimeField(auto_now=True)
    filed_as = models.OneToOneField("Dossier", models.PROTECT, null=True, related_name="draft")
    origins = models.JSONField(default=dict, db_default={})  # field → where its answer came from (prefilling.Origin)
    records = models.JSONField(default=dict, db_default={})  # register → number of the record chosen; 0: none of them
    found = models.JSONField(default=dict, db_default={})  # paper code → what was found of it (fetching.Found)

    def __str__(self) -> str:
        return str(self.id)


class CounterDraft(models.Model):
    """What a clerk has typed so far for a person at the counter, as it was typed; emptied once it is filed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="counter_drafts")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+")
    typed = models.JSONField(default=dict)  # name of the box → list of texts
    label = models.CharField(max_length=200, blank=True)  # the person's name, to find it again by
    updated_at = models.DateTimeField(auto_now=True)
    filed_as = models.OneToOneField("Dossier", models.PROTECT, null=True, related_name="counter_draft")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("account", "-updated_at"), name="counter_draft_open", condition=Q(filed_as__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
