"""What was done with a document, in the order it was done: the timeline of its page."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from hienluong.foundation.organisations.models import Official

from .document import Document


class Step(models.Model):
    """One thing somebody did with a document, in the words of the page; the audit log has the whole of it."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="steps")
    title = models.CharField(max_length=200)  # Vietnamese, as it was said at the time
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    by_label = models.CharField(max_length=200)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("document", "at"), name="document_step_by_time")]

    def __str__(self) -> str:
        return self.title
