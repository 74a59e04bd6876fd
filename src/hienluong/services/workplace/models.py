"""What an official keeps for himself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from hienluong.foundation.identity.models import Account


class SavedView(models.Model):
    """Filters of the inbox under a name."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)
    is_default = models.BooleanField(default=False)  # the inbox opens with these filters

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("account", "name"), name="saved_view_name"),
            models.UniqueConstraint(fields=("account",), name="one_default_view", condition=models.Q(is_default=True)),
        ]

    def __str__(self) -> str:
        return self.name
