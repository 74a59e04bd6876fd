"""Dossiers: one request by a party under one procedure version and one rule set, to the end."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from hienluong.capabilities.workflow.models import Instance
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.people.models import Party
from hienluong.services.procedures.models import ProcedureVersion, RuleSet

from .saving import SavesChanges
from .states import (
    BEFORE_DECISION,
    NATIONAL_STATE,
    OPEN_STATES,
    RUNNING_STATES,
    Channel,
    DeliveryState,
    PaymentState,
    State,
    SyncState,
)


class Dossier(SavesChanges):
    """One request. Business, payment, delivery and synchronisation state are four things."""

    code = models.CharField(max_length=50, unique=True)
    procedure_version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="dossiers")
    procedure_name = models.CharField(max_length=500)  # as it was on the day of filing
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    process = models.OneToOneField(Instance, models.PROTECT, related_name="dossier")

    subject = models.ForeignKey(Party, models.PROTECT, related_name="dossiers")
    filer = models.ForeignKey(Party, models.PROTECT, related_name="filed_dossiers")
    representative = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    relation = models.CharField(
        max_length=100, blank=True
    )  # of who files to the subject: mẹ, người được ủy quyền, giám đốc
    subject_name = models.CharField(max_length=200)

    helped_at = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    received_at_org = models.ForeignKey(Organization, models.PROTECT, related_name="received_dossiers", db_index=False)
    competent = models.ForeignKey(Organization, models.PROTECT, related_name="dossiers")
    handling = models.ForeignKey(Organization, models.PROTECT, related_name="handled_dossiers", db_index=False)
    handling_path = models.CharField(max_length=200)
    # The agency of the next level, when the procedure goes through several ("liên thông"). No index: found by dossier.
    upper = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+", db_index=False)
    assignee = models.ForeignKey(Official, models.PROTECT, null=True, related_name="assigned_dossiers")
    receiver = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")

    channel = models.CharField(max_length=16, choices=Channel.choices)
    delivery = models.CharField(max_length=12, default="counter")  # counter, online, post
    data = models.JSONField(default=dict)
    origins = models.JSONField(default=dict, db_default={})  # field → where its answer came from (prefilling.Origin)
    note = models.TextField(blank=True)

    state = models.CharField(max_length=20, choices=State.choices, default=State.SUBMITTED)
    payment_state = models.CharField(max_length=10, choices=PaymentState.choices, default=PaymentState.NONE)
    delivery_state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.NOT_READY)
    sync_state = models.CharField(max_length=12, choices=SyncState.choices, default=SyncState.NOT_NEEDED)
    national_code = models.CharField(max_length=60, blank=True)

    search_text = models.TextField(editable=False, default="")  # folded: code, names, procedure
    # Who must act now: the BPMN lane, its task, and the path of the organisation whose people act.
    waiting_task = models.CharField(max_length=60, blank=True)
    waiting_lane = models.CharField(max_length=40, blank=True)
    waiting_path = models.CharField(max_length=200, blank=True)
    held = models.BooleanField(
        default=False, db_default=False
    )  # what a national system said, or has not said, holds it

    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    original_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-K]\d{2}(\.[0-9A-Z]{2,3}){0,4}-\d{6}-\d{4,7}$"), name="dossier_code_form"
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True) | Q(received_at__gte=F("submitted_at")),
                name="received_after_filed",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=False) | Q(due_at__isnull=True), name="due_only_when_received"
            ),
            models.UniqueConstraint(
                fields=("national_code",), name="dossier_national_code_once", condition=~Q(national_code="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("waiting_lane", "waiting_path", "due_at"),
                opclasses=("varchar_ops", "varchar_pattern_ops", "timestamptz_ops"),
                include=("id", "submitted_at", "state"),  # so that an inbox is sorted and counted from the index alone
                name="dossier_waits",
                condition=~Q(waiting_lane=""),
            ),
            models.Index(fields=("handling", "-submitted_at"), name="dossier_by_handling"),
            models.Index(fields=("received_at_org", "-submitted_at"), name="dossier_by_reception"),
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="dossier_search"),
            models.Index(fields=("assignee", "state", "due_at"), name="dossier_by_assignee"),
            models.Index(fields=("subject", "-submitted_at"), name="dossier_by_subject"),
            models.Index(fields=("filer", "-submitted_at"), name="dossier_by_filer"),
            models.Index(fields=("received_at_org", "state", "submitted_at"), name="dossier_at_counter"),
            models.Index(fields=("state", "due_at"), name="dossier_due"),
            models.Index(fields=("submitted_at",), name="dossier_by_time"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def national_state(self) -> int:
        """The state number of the national portal, 1 to 10."""
        return NATIONAL_STATE[self.state]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something (a result not yet handed over counts as done)."""
        return self.state in OPEN_STATES

    @property
    def waits_outside(self) -> bool:
        """Whether it cannot be granted yet for what a national system said, or has not said."""
        return self.held and self.is_open and self.waiting_task in BEFORE_DECISION

    @property
    def is_overdue(self) -> bool:
        """Whether the due date has passed while the clock runs; a dossier that waits for the person is not late."""
        return self.state in RUNNING_STATES and self.due_at is not None and self.due_at < timezone.now()
