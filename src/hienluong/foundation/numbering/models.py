"""Counters that give numbers without gaps."""

from __future__ import annotations

from django.db import models


class Series(models.Model):
    """One series of numbers and the last one given."""

    key = models.CharField(max_length=120, primary_key=True)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"
