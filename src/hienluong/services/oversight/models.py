"""Figures of dossiers, summed up by month and by day so that a year of a province is one quick read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from hienluong.foundation.organisations.models import Organization


class Figure(models.Model):
    """Sums over the dossiers filed in one month or on one day, by competent organisation, field and channel.

    A period is read as its whole months and the days left at both ends, so exact dates cost no more than months.
    """

    class Grain(models.TextChoices):
        MONTH = "month"
        DAY = "day"

    grain = models.CharField(max_length=5, choices=Grain.choices, default=Grain.MONTH)
    day = models.DateField()  # the first of the month, for a month
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    field_code = models.CharField(max_length=20)
    channel = models.CharField(max_length=16)
    filed = models.IntegerField(default=0)
    received = models.IntegerField(default=0)
    finished = models.IntegerField(default=0)
    on_time = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    rating_count = models.IntegerField(default=0)
    rating_sum = models.FloatField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("grain", "day", "organization", "field_code", "channel"), name="figure_once"
            )
        ]
        indexes: ClassVar = [  # the sums of months by themselves: the dashboard reads them without a look at the days
            models.Index(
                fields=("day",),
                name="figure_of_month",
                condition=models.Q(grain="month"),
                include=(
                    "organization",
                    "field_code",
                    "channel",
                    "filed",
                    "finished",
                    "on_time",
                    "late",
                    "rating_count",
                    "rating_sum",
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.organization_id}"


class Satisfaction(models.Model):
    """The mean score of one rated dossier, taken from the survey's event."""

    dossier_id = models.BigIntegerField(primary_key=True)
    mean = models.FloatField()

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.mean}"


class Refresh(models.Model):
    """When the figures were last brought up to date; screens say so."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.at.isoformat()
