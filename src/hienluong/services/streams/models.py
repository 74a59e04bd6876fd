"""What the province tells outside: the schemas of its events, and those that must not leave."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SchemaVersion(models.Model):
    """One version of the schema of a type of events: never changed, only followed by another."""

    type = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)
    label = models.CharField(max_length=200)  # who brought it

    class Meta:
        ordering = ("type", "-number")
        constraints: ClassVar = [models.UniqueConstraint(fields=("type", "number"), name="streams_schema_once")]

    def __str__(self) -> str:
        return f"{self.type} v{self.number}"


class Withheld(models.Model):
    """An event that was to leave and must not: it does not fit its schema, or seems to name a person."""

    event = models.BigIntegerField(unique=True)
    uid = models.UUIDField()
    type = models.CharField(max_length=80)
    why = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.type} {self.uid}"
