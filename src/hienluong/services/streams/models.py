"""What the province tells outside, to whom, and what could not be handed over."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System


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


class Subscription(models.Model):
    """An agreement by which a system of an organisation is told of events (NĐ 278/2025/NĐ-CP).

    Its terms never change once it is asked for. `position` is how far it was told, as a number in the stream; where that
    is not known yet, it begins with what was told since `since`.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Chờ duyệt")
        APPROVED = "approved", _("Đã duyệt")
        REFUSED = "refused", _("Đã từ chối")
        SUSPENDED = "suspended", _("Tạm dừng")
        ENDED = "ended", _("Đã chấm dứt")

    class Way(models.TextChoices):
        PULL = "pull", _("Hệ thống tự lấy qua HTTPS")
        WEBHOOK = "webhook", _("Gửi đến địa chỉ của hệ thống (webhook)")

    code = models.CharField(max_length=40, unique=True)  # DKSK-2026-0001
    consumer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    types = ArrayField(models.CharField(max_length=80))
    filters = models.JSONField(default=dict)  # by property of the data: the values that are wanted
    way = models.CharField(max_length=7, choices=Way.choices)
    url = models.URLField(max_length=300, blank=True)  # of a webhook
    purpose = models.CharField(max_length=200)
    legal_ground = models.CharField(max_length=300)
    valid = DateRangeField()  # days; the upper bound is the first day without it
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    created_at = models.DateTimeField(auto_now_add=True)
    since = models.DateTimeField(null=True)
    position = models.BigIntegerField(null=True)
    rewind = models.BooleanField(default=False)  # begin again at `since`, or at `position` when that is earlier
    reached = models.BigIntegerField(
        default=0
    )  # the furthest that was ever tried or given: what is before it comes again
    failures = models.PositiveIntegerField(default=0)  # in a row, of its address
    failed_at = models.DateTimeField(null=True)  # when the first of these was
    paused_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when it last took or was given something

    class Meta:
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=("requested", "approved", "refused", "suspended", "ended")),
                name="streams_subscription_state",
            ),
            models.CheckConstraint(
                condition=Q(way="pull", url="") | (Q(way="webhook") & ~Q(url="")),
                name="streams_subscription_one_way",
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__lower_inf=False, valid__upper_inf=False),
                name="streams_subscription_ends_some_day",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SubscriptionStep(models.Model):
    """One thing that was decided about a subscription: what it became, who decided it, when and why."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="steps")
    state = models.CharField(
        max_length=9, choices=[*Subscription.State.choices, ("replayed", _("Gửi lại từ một ngày"))]
    )
    at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.state}"


class Undelivered(models.Model):
    """An event that a webhook has not taken; the row goes when it has.

    Later events of the same key wait behind it, and no others. With `given_up_at` it waits for a person.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="undelivered")
    sequence = models.BigIntegerField()  # in the stream
    key = models.CharField(max_length=120)
    event = models.JSONField()  # as it is told
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("sequence",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("subscription", "sequence"), name="streams_undelivered_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("subscription", "key", "sequence"), name="streams_undelivered_order"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.sequence}"
