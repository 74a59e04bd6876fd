"""Files brought into registers (what was read, how its columns go to fields, how far it has come, what was wrong), and
those made of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.registers.models import Register
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account


class Import(models.Model):
    """One file on its way into a register. Its figures always add up: a part is counted when it is written."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Chờ ghép cột")
        RUNNING = "running", _("Đang nhập")
        STOPPED = "stopped", _("Đã dừng")
        DONE = "done", _("Đã nhập xong")
        UNDOING = "undoing", _("Đang hoàn tác")
        UNDONE = "undone", _("Đã hoàn tác")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)  # of the file
    digest = models.CharField(max_length=64)  # SHA-256 of its content
    columns = models.JSONField(default=list)  # headings
    mapping = models.JSONField(default=dict)  # number of a column → field, or part of one
    since = models.DateField(null=True)  # from when the records are true; None: from the moment of writing
    updates = models.BooleanField(default=False)  # a key that is there is changed, not refused
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    total = models.PositiveIntegerField()  # rows
    read = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    taken_back = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)  # not taken back: somebody wrote to them since
    undone_to = models.BigIntegerField(default=0)  # the last change of it that was looked at when taking back
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("register", "-created_at"), name="imports_of_register")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(read=F("written") + F("changed") + F("same") + F("faulty")), name="import_figures_add_up"
            ),
            models.CheckConstraint(condition=Q(read__lte=F("total")), name="import_reads_no_more_than_there_is"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """How the changes of this import name it as their source."""
        return str(self.pk)


class ImportPart(models.Model):
    """Some rows of a file as they were read, kept until they are written."""

    batch = models.ForeignKey(Import, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("batch", "number"), name="import_part_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"


class ImportFault(models.Model):
    """One thing wrong with one cell of a file."""

    batch = models.ForeignKey(Import, models.CASCADE, related_name="faults")
    row = models.PositiveIntegerField()  # as the file counts them: the headings are row 1
    column = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=400)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("batch", "row"), name="import_faults_in_order")]

    def __str__(self) -> str:
        return f"{self.row}: {self.message}"


class Export(models.Model):
    """A file of records that somebody ordered: what was asked for, and the file when it is made."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Đang làm")
        DONE = "done", _("Đã xong")
        FAILED = "failed", _("Không làm được")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asked = models.JSONField()  # exporting.actions.Order
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    count = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=300, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("account", "register", "-created_at"), name="exports_of_account"),
            models.Index(fields=("created_at",), name="exports_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
