"""Parties: the citizens and enterprises that file and receive."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .protected import ProtectedText, blind_index, mask


class Party(models.Model):
    """A citizen or an enterprise. The identifying number is encrypted; a keyed hash makes it findable."""

    class Kind(models.TextChoices):
        CITIZEN = "citizen", _("Công dân")
        ENTERPRISE = "enterprise", _("Doanh nghiệp, tổ chức")
        HOUSEHOLD = "household", _("Hộ kinh doanh")

    class Sex(models.TextChoices):
        MALE = "male", _("Nam")
        FEMALE = "female", _("Nữ")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=200)
    identifier = ProtectedText(blank=True)  # personal_id (12 digits) or tax_code (10 or 13)
    identifier_hash = models.CharField(max_length=64, blank=True, editable=False)
    date_of_birth = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=8, choices=Sex.choices, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=300, blank=True)
    commune_code = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("kind", "identifier_hash"), name="party_identifier_once", condition=~Q(identifier_hash="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.with_index()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def with_index(self) -> Party:
        """This party with the index of its number filled in, for writing many at once (``save`` does it by itself)."""
        self.identifier_hash = blind_index(self.identifier)
        return self

    @property
    def masked_identifier(self) -> str:
        """The number with all but its last four digits hidden, for screens that need no more."""
        return mask(self.identifier)


class Representation(models.Model):
    """A citizen who may act for another party, with dates.

    `legal`: by law or by the founding papers, so for everything, and able to appoint others. Otherwise appointed, and
    what is named limits it: nothing named is everything.
    """

    representative = models.ForeignKey(Party, models.PROTECT, related_name="represents")
    represented = models.ForeignKey(Party, models.PROTECT, related_name="representatives")
    role = models.CharField(max_length=100)
    valid = DateRangeField()
    legal = models.BooleanField(default=True)
    acts = ArrayField(models.CharField(max_length=12), default=list)  # file, pay, receive
    procedures = ArrayField(models.CharField(max_length=40), default=list)  # codes
    most = models.BigIntegerField(null=True, blank=True)  # đồng that may be paid at once
    source = models.CharField(max_length=120, blank=True)  # which check, register or appointment said so

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(representative=F("represented")), name="representation_of_another"),
            ExclusionConstraint(
                name="representation_once",
                expressions=[
                    ("representative", RangeOperators.EQUAL),
                    ("represented", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.representative} → {self.represented}"
