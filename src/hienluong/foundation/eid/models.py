"""Who is whom at an identity provider, and whether the provider answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from hienluong.foundation.identity.models import Account


class Link(models.Model):
    """An account and its owner's identity at a provider; only keyed hashes say whose, the number itself is the party's."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="eid_links")
    provider = models.CharField(max_length=20)
    subject_hash = models.CharField(max_length=64)
    person_hash = models.CharField(max_length=64)  # of the personal number, as the party's identifier_hash
    level = models.PositiveSmallIntegerField()  # of the electronic identity, when last used
    linked_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("provider", "subject_hash"), name="eid_subject_once"),
            models.UniqueConstraint(fields=("account", "provider"), name="eid_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.provider}"


class Condition(models.Model):
    """Whether a provider answers, as seen by the last who asked; written when that changes."""

    provider = models.CharField(max_length=20, primary_key=True)
    away_since = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=120, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.provider
