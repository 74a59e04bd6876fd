"""Drafts of packs. A draft is a folder of texts; every state of it that was saved is kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization


class Content(models.Model):
    """The text of a file, kept once however many states hold it."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the text in UTF-8, hexadecimal
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.digest


class Draft(models.Model):
    """A pack that somebody builds in the browser."""

    name = models.CharField(max_length=80, unique=True)  # of the pack: business.household
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    #: What is worked on now, and how far one can do again what was undone. Null only while the draft is being made.
    head = models.ForeignKey("State", models.PROTECT, null=True, related_name="+")
    tip = models.ForeignKey("State", models.PROTECT, null=True, related_name="+")
    installed = models.ForeignKey("State", models.PROTECT, null=True, related_name="+")  # what was put into force last
    installed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"), name="draft_name_form"
            )
        ]

    def __str__(self) -> str:
        return self.name


class State(models.Model):
    """The draft as it was saved once: which text each file had. It never changes."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="states")
    number = models.PositiveIntegerField()  # 1, 2, 3 … within the draft
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    files = models.JSONField()  # path → digest of a Content
    words = models.CharField(max_length=300)  # what was done
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=200)  # as the account was called then
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("draft", "number"), name="state_number_of_draft")]

    def __str__(self) -> str:
        return f"{self.draft_id}#{self.number}"
