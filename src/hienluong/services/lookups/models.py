"""Questions of people about looks at their data (Law 91/2025/QH15: the right to know and to ask)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party


class Question(models.Model):
    """What a person asks about one look at their data, and what the organisation that looked answers."""

    read = models.OneToOneField(PersonalDataRead, models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000)
    asked_at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)  # as it was called then

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="question_answered_with_words",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="question_has_words"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
