"""Two accounts of one person made one, and what it takes to make them two again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from hienluong.foundation.counter.models import IdentityCheck
from hienluong.foundation.identity.models import Account
from hienluong.foundation.people.models import Party


class Offer(models.Model):
    """A code that the account to be kept shows to its owner, who types it while signed in to the other one."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.account}: {self.hash[:8]}"


class Merge(models.Model):
    """One account led into another. The rows that moved are in :class:`Moved`."""

    kept = models.ForeignKey(Account, models.PROTECT, related_name="merged_in")
    gone = models.ForeignKey(Account, models.PROTECT, related_name="merged_into")
    kept_party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")  # as it was before
    gone_party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")  # as it was before
    #: The record of the person whose things went to the other one; None when there were not two.
    led_party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    check_made = models.ForeignKey(
        IdentityCheck, models.PROTECT, null=True, related_name="+"
    )  # None: signed in to both
    at = models.DateTimeField(auto_now_add=True)
    undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kept=models.F("gone")), name="account_merge_of_two"),
            models.UniqueConstraint(fields=("gone",), name="merged_away_once", condition=Q(undone_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.gone} → {self.kept}"


class Moved(models.Model):
    """Which rows of one kind of thing moved, from whom to whom (keys of accounts or of parties)."""

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="moved")
    what = models.CharField(max_length=60)
    source = models.BigIntegerField()
    target = models.BigIntegerField()
    keys = models.JSONField()

    def __str__(self) -> str:
        return f"{self.what}: {len(self.keys)}"
