"""Looking at every power again each quarter: the rules, the campaigns, and what was decided about each holder."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account, RoleGrant
from hienluong.foundation.organisations.models import Official, Organization, Position


def usual_roles() -> list[str]:
    """The roles that may be taken in an emergency until the province says otherwise."""
    return ["head", "leader"]


class Rules(models.Model):
    """What the province has decided about reviews and emergencies; one row."""

    days = models.PositiveSmallIntegerField(default=30)  # that a campaign is open
    suspends = models.BooleanField(default=False)  # what nobody confirmed rests afterwards; else there is a warning
    emergency_roles = ArrayField(models.CharField(max_length=40), default=usual_roles)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="rules_once"),
            models.CheckConstraint(condition=Q(days__gte=7, days__lte=80), name="rules_days"),
        ]

    def __str__(self) -> str:
        return f"{self.days}"


class Campaign(models.Model):
    """One quarter's review of every power in the province."""

    quarter = models.CharField(max_length=7, unique=True)  # 2026-Q4
    opened_at = models.DateTimeField()
    due_on = models.DateField()  # the last day
    suspends = models.BooleanField()  # as the rules were when it opened
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.quarter

    @property
    def label(self) -> str:
        """The quarter as people write it: ``IV/2026``."""
        year, _, number = self.quarter.partition("-Q")
        return f"{('I', 'II', 'III', 'IV')[int(number) - 1]}/{year}"


class Item(models.Model):
    """One holder of one power in one campaign, and what was decided."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Chờ xác nhận")
        CONFIRMED = "confirmed", _("Đã xác nhận")
        WITHDRAWN = "withdrawn", _("Đã thu hồi")
        SUSPENDED = "suspended", _("Tạm dừng vì không ai xác nhận")
        UNCONFIRMED = "unconfirmed", _("Không ai xác nhận")
        OVER = "over", _("Đã hết trước khi xác nhận")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="items")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    position = models.ForeignKey(Position, models.SET_NULL, null=True, related_name="+")
    grant = models.ForeignKey(RoleGrant, models.SET_NULL, null=True, related_name="+")
    holder = models.CharField(max_length=150)  # as called then
    power = models.CharField(max_length=260)  # the post or the role in words
    state = models.CharField(max_length=11, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("campaign", "position"), name="review_of_post_once"),
            models.UniqueConstraint(fields=("campaign", "grant"), name="review_of_role_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("campaign", "organization", "state"), name="review_by_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.holder}: {self.power}"

    @property
    def held(self) -> Position | RoleGrant | None:
        """The power itself, while it is on record."""
        return self.position or self.grant
