"""Assignments: who must do what by when. What a receiver gives on hangs below what was received."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Official, Organization


class Part(models.TextChoices):
    """What somebody's part in a task is."""

    LEAD = "lead", _("Chủ trì")
    COORDINATE = "coordinate", _("Phối hợp")
    INFORMED = "informed", _("Nhận để biết")


class State(models.TextChoices):
    """Where a task stands."""

    GIVEN = "given", _("Mới giao")
    ACCEPTED = "accepted", _("Đang thực hiện")
    REPORTED = "reported", _("Đã báo cáo, chờ đánh giá")
    COMPLETED = "completed", _("Hoàn thành")
    RETURNED = "returned", _("Trả lại")
    TAKEN_BACK = "taken_back", _("Đã thu hồi")


#: States in which somebody still has to do something.
OPEN_STATES = (State.GIVEN, State.ACCEPTED, State.REPORTED)
#: States in which the one who received the task has it in hand: after its due time these are late.
RUNNING_STATES = (State.GIVEN, State.ACCEPTED)
#: States in which nobody has the task any more.
ENDED_STATES = (State.RETURNED, State.TAKEN_BACK)


class Quality(models.TextChoices):
    """How the one who gave a task judged its result."""

    EXCELLENT = "excellent", _("Xuất sắc")
    GOOD = "good", _("Tốt")
    FAIR = "fair", _("Đạt")
    POOR = "poor", _("Chưa đạt")


class Assignment(models.Model):
    """One task for one official, or for an agency or division whose head gives it on.

    `subject_ref` is what it comes from (``documents.document:12``, ``meetings.meeting:3``), empty when it was given
    directly; `path` is ``/3/17/``: the ids from the first task down to and including this one.
    """

    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=400, db_index=True, editable=False, default="")
    subject_ref = models.CharField(max_length=100, blank=True, db_index=True)
    subject_label = models.CharField(max_length=600, blank=True)
    title = models.CharField(max_length=500)
    instruction = models.TextField(blank=True)
    part = models.CharField(max_length=12, choices=Part.choices)
    giver = models.ForeignKey(Official, models.PROTECT, null=True, related_name="given_assignments")
    giver_label = models.CharField(max_length=200)
    giver_agency = models.ForeignKey(Organization, models.PROTECT, related_name="given_assignments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="assignments")
    official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="assignments")
    given_at = models.DateTimeField()
    original_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.GIVEN)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    accepted_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # completed, returned or taken back
    result = models.TextField(blank=True)
    quality = models.CharField(max_length=12, choices=Quality.choices, blank=True)
    evaluation = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="assignment_progress_percent"),
            models.CheckConstraint(
                condition=Q(state__in=("given", "accepted", "reported"), ended_at__isnull=True)
                | Q(state__in=("completed", "returned", "taken_back"), ended_at__isnull=False),
                name="assignment_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_at__gte=F("given_at")), name="assignment_due_after_given"
            ),
            models.UniqueConstraint(
                fields=("parent",),
                condition=Q(part="lead", state__in=("given", "accepted", "reported")),
                name="assignment_one_lead_now_below",
            ),
            models.UniqueConstraint(
                fields=("subject_ref", "giver_agency"),
                condition=Q(part="lead", parent__isnull=True, state__in=("given", "accepted", "reported"))
                & ~Q(subject_ref=""),
                name="assignment_one_lead_now_of_subject",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("official", "state", "due_at"), name="assignment_by_official"),
            models.Index(fields=("organization", "state", "due_at"), name="assignment_by_org"),
            models.Index(fields=("giver", "state", "due_at"), name="assignment_by_giver"),
            models.Index(
                fields=("due_at",), name="assignment_running_due", condition=Q(state__in=("given", "accepted"))
            ),
        ]

    def __str__(self) -> str:
        return self.title[:100]


class Entry(models.Model):
    """One thing that was said or done about a task, for its timeline."""

    class Kind(models.TextChoices):
        GIVEN = "given", _("Giao việc")
        ACCEPTED = "accepted", _("Nhận việc")
        PROGRESS = "progress", _("Báo cáo tiến độ")
        REPORTED = "reported", _("Báo cáo kết quả")
        EVALUATED = "evaluated", _("Đánh giá")
        RESUMED = "resumed", _("Yêu cầu làm tiếp")
        RETURNED = "returned", _("Trả lại")
        TAKEN_BACK = "taken_back", _("Thu hồi")
        EXTENSION_ASKED = "extension_asked", _("Xin gia hạn")
        EXTENSION_DECIDED = "extension_decided", _("Quyết định gia hạn")
        REMINDED = "reminded", _("Nhắc việc")

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)  # official
    by_label = models.CharField(max_length=200)
    progress = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("assignment", "at"), name="assignment_entry_by_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%d/%m/%Y}"


class Extension(models.Model):
    """A wish for a later due time, and what came of it."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="extensions")
    asked_due_at = models.DateTimeField()
    reason = models.TextField()
    asked_at = models.DateTimeField()
    asked_by_id = models.BigIntegerField()  # official
    granted = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.BigIntegerField(null=True)  # official
    answer = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("assignment",), condition=Q(granted__isnull=True), name="assignment_one_open_extension"
            ),
            models.CheckConstraint(
                condition=Q(granted__isnull=True, decided_at__isnull=True)
                | Q(granted__isnull=False, decided_at__isnull=False),
                name="extension_decided_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} → {self.asked_due_at:%d/%m/%Y}"
