"""Composed services: what was declared, each run of it, and each step of a run as it was made.

A run has no stored position: it is where a replay over its steps comes to (ADR 0003, :mod:`.replaying`).
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System


class Flow(models.Model):
    """A composed service of an organisation; `system` is the one of theirs as which it calls."""

    code = models.CharField(max_length=40, unique=True)  # part of the address: property-tax
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("code",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"), name="flows_code"),
        ]

    def __str__(self) -> str:
        return self.title


class FlowVersion(models.Model):
    """One version of what a flow does. Its text never changes once it is published (a trigger holds that, too)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Bản nháp")
        PUBLISHED = "published", _("Đang chạy")
        RETIRED = "retired", _("Đã ngừng")

    flow = models.ForeignKey(Flow, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    source = models.TextField()  # YAML, see language.py
    operations = models.JSONField(default=dict)  # what is called, by "service/v1/operation": method, template, timeout
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    published_at = models.DateTimeField(null=True)
    label = models.CharField(max_length=200)  # who wrote it last
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("flow_id", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("flow", "number"), name="flows_version_once"),
            models.UniqueConstraint(
                fields=("flow",), condition=Q(state="published"), name="flows_one_version_published"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "published", "retired")), name="flows_version_state"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | Q(~Q(state="draft"), published_at__isnull=False),
                name="flows_version_published_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flow.code} v{self.number}"


class Permit(models.Model):
    """An organisation whose systems may start a flow of another; that of the owner may without one."""

    flow = models.ForeignKey(Flow, models.PROTECT, related_name="permits")
    consumer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=200)
    given_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    label = models.CharField(max_length=200)  # who gave it

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("flow", "consumer"), condition=Q(ended_at=None), name="flows_permit_in_force_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flow_id} {self.consumer_id}"


class Run(models.Model):
    """One run of a version: what it was asked, what came of it. Contents are kept as long as the retention says."""

    class State(models.TextChoices):
        RUNNING = "running", _("Đang chạy")
        WAITING = "waiting", _("Chờ người quyết định")
        COMPENSATING = "compensating", _("Đang hoàn tác")
        DONE = "done", _("Đã xong")
        COMPENSATED = "compensated", _("Đã hoàn tác")
        FAILED = "failed", _("Không thành")

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING)
    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="+")  # that asked, or
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)  # who did
    label = models.CharField(max_length=200)  # in words
    purpose = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - Idempotency-Key; none is not an empty one
    given = models.JSONField(null=True)  # the input; None once it was emptied
    given_digest = models.CharField(max_length=64)  # SHA-256 of its canonical JSON
    answer = models.JSONField(null=True)  # {"value": …}
    answer_digest = models.CharField(max_length=64, blank=True)
    fault = models.CharField(max_length=400, blank=True)  # why it could not go on
    fault_path = models.CharField(max_length=80, blank=True)
    next_at = models.DateTimeField(null=True)  # nothing is to be done before
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(
                fields=("next_at",), name="flows_run_going_on", condition=Q(state__in=("running", "compensating"))
            ),
            models.Index(
                fields=("ended_at",), name="flows_run_to_empty", condition=Q(emptied_at=None, ended_at__isnull=False)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("system", "key"), name="flows_run_key_once"),
            models.CheckConstraint(
                condition=Q(state__in=("running", "waiting", "compensating", "done", "compensated", "failed")),
                name="flows_run_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("done", "compensated", "failed"), ended_at__isnull=False)
                | Q(state__in=("running", "waiting", "compensating"), ended_at=None),
                name="flows_run_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class Step(models.Model):
    """One step of a run as it was made: a call that was tried, a value that was built, an option that was taken.

    A call is STARTED, and that committed, before it goes out. What is found STARTED by a process that did not start it was
    in the air when another one ended.
    """

    class State(models.TextChoices):
        STARTED = "started", _("Đang gọi")
        DONE = "done", _("Đã xong")
        FAILED = "failed", _("Không thành")
        WAITING = "waiting", _("Chưa rõ kết quả")

    class Decision(models.TextChoices):
        DONE = "done", _("Đã thực hiện")
        AGAIN = "again", _("Chưa thực hiện, gọi lại")
        GIVE_UP = "give_up", _("Hoàn tác")

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    path = models.CharField(max_length=80)
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=7, choices=State.choices)
    operation = models.CharField(max_length=140, blank=True)  # land-prices/v1/parcel; empty for what calls nothing
    repeatable = models.BooleanField(default=True)
    request = models.JSONField(null=True)
    request_digest = models.CharField(max_length=64, blank=True)
    answer = models.JSONField(null=True)  # {"value": …}
    answer_digest = models.CharField(max_length=64, blank=True)
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP
    fault = models.CharField(max_length=300, blank=True)
    cut = models.BooleanField(default=False)  # our process ended while it was in the air
    retry_at = models.DateTimeField(null=True)  # of a failed one: when it is tried again; None: never
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=7, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_label = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("run", "path", "attempt"), name="flows_attempt_once"),
            models.CheckConstraint(
                condition=Q(state__in=("started", "done", "failed", "waiting")), name="flows_step_state"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("run",), name="flows_step_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.path} {self.attempt}"
