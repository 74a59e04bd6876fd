"""Work files (hồ sơ công việc): what belongs to one matter, from its opening to the archive or its destruction.

Nghị định 30/2020/NĐ-CP, Điều 28–32; Thông tư 05/2025/TT-BNV.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.documents.models import Document


class Retention(models.TextChoices):
    """How long a file is kept after it was closed (codes of Thông tư 05/2025/TT-BNV)."""

    FOR_EVER = "01", _("Vĩnh viễn")
    YEARS_70 = "02", _("70 năm")
    YEARS_50 = "03", _("50 năm")
    YEARS_30 = "04", _("30 năm")
    YEARS_20 = "05", _("20 năm")
    YEARS_10 = "06", _("10 năm")
    OTHER = "07", _("Thời hạn khác")


YEARS: dict[str, int] = {"02": 70, "03": 50, "04": 30, "05": 20, "06": 10}


class Mode(models.TextChoices):
    """Who may use it once it is in the archive."""

    PUBLIC = "01", _("Công khai")
    CONDITIONAL = "02", _("Sử dụng có điều kiện")


class Planned(models.Model):
    """One line of an agency's list of files for a year (danh mục hồ sơ), from which files are opened."""

    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    notation = models.CharField(max_length=30)
    title = models.CharField(max_length=500)
    retention = models.CharField(max_length=2, choices=Retention.choices)
    retention_years = models.PositiveSmallIntegerField(null=True)
    unit = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    keeper = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("agency", "year", "number", "notation"), name="planned_once"),
            models.CheckConstraint(
                condition=Q(retention="07", retention_years__isnull=False, retention_years__gte=1)
                | ~Q(retention="07") & Q(retention_years__isnull=True),
                name="planned_other_retention_says_how_long",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}-{self.notation}"


class State(models.TextChoices):
    """Where a work file stands."""

    OPEN = "open", _("Đang lập")
    CLOSED = "closed", _("Đã kết thúc")
    HANDING_OVER = "handing_over", _("Đang giao nộp")
    KEPT = "kept", _("Lưu trữ hiện hành")
    SUBMITTED = "submitted", _("Đã nộp lưu trữ lịch sử")
    DESTROYING = "destroying", _("Xem xét hủy")
    DESTROYED = "destroyed", _("Đã hủy")


class WorkFile(models.Model):
    """One work file. `code` is what archives call it: ``H50.08.2026.12-KHTC``."""

    agency = models.ForeignKey(Organization, models.PROTECT, related_name="work_files")
    unit = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    planned = models.ForeignKey(Planned, models.PROTECT, null=True, related_name="files")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    notation = models.CharField(max_length=30)
    code = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=500)
    retention = models.CharField(max_length=2, choices=Retention.choices)
    retention_years = models.PositiveSmallIntegerField(null=True)
    mode = models.CharField(max_length=2, choices=Mode.choices, default=Mode.PUBLIC)
    keyword = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    keeper = models.ForeignKey(Official, models.PROTECT, related_name="kept_work_files")
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("agency", "year", "number", "notation"), name="work_file_once"),
            models.CheckConstraint(
                condition=Q(retention="07", retention_years__isnull=False, retention_years__gte=1)
                | ~Q(retention="07") & Q(retention_years__isnull=True),
                name="work_file_other_retention_says_how_long",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True) | ~Q(state="open") & Q(closed_on__isnull=False),
                name="work_file_closed_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("opened_on")),
                name="work_file_closed_after_opened",
            ),
            models.CheckConstraint(
                condition=Q(state="destroyed", destroyed_at__isnull=False) | ~Q(state="destroyed"),
                name="work_file_destroyed_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("agency", "state", "-opened_on"), name="work_file_by_agency"),
            models.Index(fields=("keeper", "state", "-opened_on"), name="work_file_by_keeper"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def kept_until(self) -> date | None:
        """The last day it must be kept: counted from the year it was closed; None while open, and for ever."""
        if self.closed_on is None or self.retention == Retention.FOR_EVER:
            return None
        years = self.retention_years if self.retention == Retention.OTHER else YEARS[self.retention]
        return date(self.closed_on.year + (years or 0), 12, 31)

    @property
    def hand_over_by(self) -> date | None:
        """Until when it goes to the agency's archive: 60 days after the matter ended (Thông tư 05/2025/TT-BNV)."""
        from datetime import timedelta

        return self.closed_on + timedelta(days=60) if self.closed_on else None

    @property
    def is_late(self) -> bool:
        """Whether it should have gone to the archive by today."""
        due = self.hand_over_by
        return self.state == State.CLOSED and due is not None and due < timezone.localdate()


class Member(models.Model):
    """Somebody who works on the file beside its keeper: sees its list, adds to it."""

    work_file = models.ForeignKey(WorkFile, models.CASCADE, related_name="members")
    official = models.ForeignKey(Official, models.PROTECT, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("work_file", "official"), name="member_once")]

    def __str__(self) -> str:
        return f"{self.official}: {self.work_file}"


class Item(models.Model):
    """One line of the list of contents: an official document, or a paper of the file's own."""

    work_file = models.ForeignKey(WorkFile, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=500)
    issued_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    added_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("work_file", "position"), name="item_place_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=("work_file", "document"), name="item_document_once"),
            models.CheckConstraint(
                condition=Q(document__isnull=True) | Q(file__isnull=True), name="item_is_a_document_or_a_file"
            ),
        ]

    def __str__(self) -> str:
        return self.title[:80]


class Handover(models.Model):
    """Files given to an archive together, with minutes: the agency's own (AIP), or the historical one (SIP)."""

    class Target(models.TextChoices):
        OWN = "own", _("Lưu trữ hiện hành của cơ quan")
        HISTORICAL = "historical", _("Lưu trữ lịch sử")

    class State(models.TextChoices):
        WAITING = "waiting", _("Chờ tiếp nhận")
        PROCESSING = "processing", _("Đang xử lý")
        DONE = "done", _("Hoàn thành")
        WITHDRAWN = "withdrawn", _("Đã rút")

    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()  # the how-manieth hand-over of the agency in the year
    target = models.CharField(max_length=10, choices=Target.choices)
    archive_code = models.CharField(max_length=35)
    archive_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    given_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    received_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    minutes = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("agency", "year", "number"), name="handover_number_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | ~Q(state="done"), name="handover_done_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number:02d}/{self.year}"


class HandoverLine(models.Model):
    """One file of a hand-over: its package and what the archive said of it."""

    class Verdict(models.TextChoices):
        PASSED = "passed", _("Đạt")
        FAILED = "failed", _("Không đạt")

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="lines")
    work_file = models.ForeignKey(WorkFile, models.PROTECT, related_name="handover_lines")
    verdict = models.CharField(max_length=6, choices=Verdict.choices, blank=True)
    reason = models.TextField(blank=True)
    package = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    object_id = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True)
    packed_at = models.DateTimeField(null=True)
    fault = models.TextField(blank=True)  # why packing failed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("handover", "work_file"), name="handover_line_once"),
            models.CheckConstraint(condition=~Q(verdict="failed") | ~Q(reason=""), name="handover_failed_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.handover}: {self.work_file}"


class Destruction(models.Model):
    """A list of files that are worth keeping no longer: proposed, judged by a council, approved, carried out."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Chờ phê duyệt")
        APPROVED = "approved", _("Đã phê duyệt, chờ hủy")
        REFUSED = "refused", _("Không phê duyệt")
        DONE = "done", _("Đã hủy")

    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    council = models.TextField()  # who sat in it, when, what they found
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True)  # number of the decision, or why it was refused
    witnesses = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    minutes = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("agency", "year", "number"), name="destruction_number_once"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | ~Q(state="proposed") & Q(decided_at__isnull=False) & ~Q(decision=""),
                name="destruction_decided_has_words",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("proposed_by")), name="destruction_decided_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number:02d}/{self.year}"


class DestructionLine(models.Model):
    """One file of a list, and what it held when it was destroyed."""

    destruction = models.ForeignKey(Destruction, models.CASCADE, related_name="lines")
    work_file = models.ForeignKey(WorkFile, models.PROTECT, related_name="destruction_lines")
    reason = models.CharField(max_length=300)
    contents = models.JSONField(default=list)  # [{"title", "code", "sha256"}] of what was destroyed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("destruction", "work_file"), name="destruction_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.destruction}: {self.work_file}"
