"""Registers, their dated definitions, and records in two times: when it was so, and when we knew."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Json

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Official, Organization


class Register(models.Model):
    """One register of the province: its identity. What it holds and obeys is in its definitions."""

    code = models.CharField(max_length=60, unique=True)  # food.premises
    pack = models.CharField(max_length=80, blank=True)  # empty: built in the browser
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="registers")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_on = models.DateField(null=True)  # from this day on nothing new is written; all of it stays readable

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"), name="register_code_form"
            )
        ]

    def __str__(self) -> str:
        return self.code


class OrderedJSONField(models.JSONField):
    """JSON as it was written: the order of the fields of a definition is the order in which people see them."""

    def db_type(self, connection: Any) -> str:
        return "json"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """As ``json``: handed over as ``jsonb``, it would lose its order on the way."""
        return Json(value, dumps=partial(json.dumps, ensure_ascii=False)) if not hasattr(value, "as_sql") else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return super().from_db_value(value, expression, connection) if isinstance(value, str) else value


class Definition(models.Model):
    """One version of what a register holds, in force over a range of days. Its text never changes once it is used."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="definitions")
    version = models.PositiveIntegerField()
    spec = OrderedJSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical text of `spec`
    valid = DateRangeField()
    legal_basis = models.JSONField(default=list)
    installed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("register", "version"), name="definition_version_once"),
            ExclusionConstraint(
                name="definition_no_overlap",
                expressions=[("register", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register.code} v{self.version}"


class Record(models.Model):
    """One thing that a register keeps: its key, which survives, and nothing that changes but that."""

    # Held by triggers of the statement, for all its rows at once: migration 0011.
    register = models.ForeignKey(Register, models.PROTECT, related_name="records", db_index=False, db_constraint=False)
    key = models.CharField(max_length=120)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="duplicates")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("register", "key"), name="record_key_once"),
            models.UniqueConstraint(fields=("register", "id"), name="record_in_register"),  # what a change refers to
            models.CheckConstraint(condition=~Q(key=""), name="record_has_key"),
        ]

    def __str__(self) -> str:
        return self.key


class Xid8Field(models.Field):  # type: ignore[type-arg]
    """The number of the transaction that wrote a row: a feed shows only what is committed for everybody."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class Change(models.Model):
    """One writing of one record: what kind, from where, by whom, when it became known."""

    class Kind(models.TextChoices):
        CREATE = "create", _("Ghi lần đầu")
        CHANGE = "change", _("Thay đổi")  # the world changed
        CORRECT = "correct", _("Đính chính")  # the world was so all along; we had it wrong
        END = "end", _("Chấm dứt")
        VOID = "void", _("Hủy bản ghi")  # it should never have been there
        MERGE = "merge", _("Nhập bản ghi trùng")
        UNDO = "undo", _("Hoàn tác")

    class Source(models.TextChoices):
        OFFICIAL = "official", _("Cán bộ nhập")
        DOSSIER = "dossier", _("Hồ sơ thủ tục")
        IMPORT = "import", _("Nhập từ tệp")
        SENSOR = "sensor", _("Thiết bị đo")
        SYSTEM = "system", _("Hệ thống khác")
        MIGRATION = "migration", _("Nâng phiên bản")
        REQUEST = "request", _("Yêu cầu đính chính")  # of the person whom the record is about

    # One reference of the database for both: (register, record) is that of the record.
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    record = models.ForeignKey(Record, models.PROTECT, related_name="changes", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()  # known from
    source = models.CharField(max_length=10, choices=Source.choices)
    source_ref = models.CharField(max_length=120, blank=True)  # dossier code, import number, device
    account = models.ForeignKey(  # held by triggers of the statement: migration 0011
        Account, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    label = models.CharField(max_length=200)  # who, as it was called then
    reason = models.CharField(max_length=500, blank=True)
    # Transactions are numbered anew in a server that a backup is restored into: eras count the restorations.
    era = models.SmallIntegerField(db_default=models.Func(function="registers_change_era"), editable=False)
    transaction = Xid8Field(db_default=models.Func(function="pg_current_xact_id"), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("record", "id"), name="change_of_record"),  # what a version refers to
        ]
        indexes: ClassVar = [
            models.Index(fields=("register", "era", "transaction", "id"), name="change_in_order"),  # the feed
            models.Index(fields=("source", "source_ref"), name="change_by_source", condition=~Q(source_ref="")),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind}"


class BoxField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's ``box``: west, south, east and north of a geometry in degrees."""

    def db_type(self, connection: Any) -> str:
        return "box"


class Version(models.Model):
    """What a record said over one range of `valid` time, as we knew it over one range of `known` time.

    The table is partitioned by register; each partition refuses two versions of a record that overlap in both times,
    and has the indexes that its definition declares (:mod:`.storage`).
    """

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    record = models.ForeignKey(Record, models.PROTECT, related_name="versions", db_index=False)
    key = models.CharField(max_length=120)  # repeated from the record: a list needs no join
    definition = models.ForeignKey(Definition, models.PROTECT, related_name="+", db_index=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    valid = DateTimeRangeField()
    known = DateTimeRangeField()
    data = models.JSONField()
    search_text = models.TextField(default="")
    box = BoxField(null=True)
    opened_by = models.ForeignKey(Change, models.PROTECT, related_name="opened", db_index=False)
    closed_by = models.ForeignKey(Change, models.PROTECT, null=True, related_name="closed", db_index=False)

    class Meta:
        managed = False  # Django makes no partitioned tables: migration 0001 does
        db_table = "registers_version"

    def __str__(self) -> str:
        return f"{self.key} {self.valid}"


class Agreement(models.Model):
    """What one organisation may see of another's register, what for, on what ground, how long and how much a day.

    Terms never change once they are asked for: other terms are another agreement (NĐ 278/2025/NĐ-CP, Law 91/2025/QH15).
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Chờ duyệt")
        APPROVED = "approved", _("Đã duyệt")
        REFUSED = "refused", _("Đã từ chối")
        SUSPENDED = "suspended", _("Tạm dừng")
        ENDED = "ended", _("Đã chấm dứt")

    code = models.CharField(max_length=40, unique=True)  # TTCS-2026-0001
    register = models.ForeignKey(Register, models.PROTECT, related_name="agreements")
    consumer = models.ForeignKey(Organization, models.PROTECT, related_name="agreements")
    fields = models.JSONField()  # names, in the order of the definition
    filters = models.JSONField(default=dict)  # as a list is narrowed: name, name__from, name__to → text
    purpose = models.CharField(max_length=200)
    legal_ground = models.CharField(max_length=300)
    valid = DateRangeField()  # days; the upper bound is the first day without it
    volume = models.PositiveIntegerField()  # records a day
    procedures = models.JSONField(default=list, db_default=[])  # codes of those whose dossiers may be filled from it
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    approved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("register", "state"), name="agreement_by_register")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=("requested", "approved", "refused", "suspended", "ended")),
                name="agreement_state",
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__lower_inf=False, valid__upper_inf=False),
                name="agreement_ends_some_day",
            ),
            models.CheckConstraint(condition=Q(volume__gte=1), name="agreement_volume"),
            models.CheckConstraint(
                condition=~Q(fields=[]) & ~Q(purpose="") & ~Q(legal_ground=""), name="agreement_says_what_and_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("requested", "refused"), approved_at=None)
                | Q(state__in=("approved", "suspended", "ended"), approved_at__isnull=False),
                name="agreement_approved_once",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class AgreementStep(models.Model):
    """One thing that was decided about an agreement: what it became, who decided it, when and why."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=9, choices=Agreement.State.choices)
    at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.state}"


class AgreementUse(models.Model):
    """How many records were shown under an agreement on a day; its row is locked while a page of them is read."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="uses", db_index=False)
    day = models.DateField()
    records = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("agreement", "day"), name="agreement_use_once_a_day")]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.day}: {self.records}"


class CertificateAct(models.Model):
    """One act of the certificate that a record carries, and the paper that it made.

    What the certificate says is in the record; this is who did what by which decision, and where the paper is.
    """

    class Paper(models.TextChoices):
        NONE = "", _("Không ra giấy")
        DUE = "due", _("Đang ký số")
        DOSSIER = "dossier", _("Là kết quả của hồ sơ")
        SIGNED = "signed", _("Đã ký")

    record = models.ForeignKey(Record, models.PROTECT, related_name="certificate_acts")
    change = models.OneToOneField(Change, models.PROTECT, related_name="certificate_act")
    kind = models.CharField(max_length=8)  # of certificates.course.ACTS
    on = models.DateField()  # the day of the decision
    number = models.CharField(max_length=80, blank=True)
    expires = models.DateField(null=True)
    since = models.DateField(null=True)  # of the suspension that stands after this act
    until = models.DateField(null=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+", db_index=False)
    official_title = models.CharField(max_length=120, blank=True)
    paper = models.CharField(max_length=7, choices=Paper.choices, blank=True)
    token = models.CharField(max_length=40, blank=True)  # of the signed paper, in the register of issued files
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(paper="signed") | (Q(file__isnull=False) & ~Q(token="")),
                name="signed_certificate_has_file",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("at",), name="certificate_papers_due", condition=Q(paper="due")),
            models.Index(fields=("token",), name="certificate_by_token", condition=~Q(token="")),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind} {self.on}"


class CertificateNumber(models.Model):
    """The number of a certificate, which one record of a register has; it waits here for whoever writes it at once."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=500)
    record = models.ForeignKey(Record, models.PROTECT, related_name="certificate_numbers")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("register", "number"), name="certificate_number_once")]

    def __str__(self) -> str:
        return self.number


class CertificateNotice(models.Model):
    """That the end of a certificate was announced: once for each last day."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="+", db_index=False)
    expires = models.DateField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("record", "expires"), name="certificate_notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.expires}"


class RecordFile(models.Model):
    """A file that a record has (or once had) in one of its fields: as open as that field."""

    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="+")
    record = models.ForeignKey(Record, models.PROTECT, related_name="files")
    field = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.record_id} {self.field}"


class Disposal(models.Model):
    """That fields of a record were cleared, in all of its history, because the time to keep them was over.

    The trigger that keeps versions as they are lets them lose just these fields, in the transaction that writes this.
    """

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)  # that of the record
    record = models.ForeignKey(Record, models.PROTECT, related_name="disposals")
    definition = models.ForeignKey(Definition, models.PROTECT, related_name="+", db_index=False)  # which said so
    fields = ArrayField(models.CharField(max_length=40))  # those of which something was there
    at = models.DateTimeField(auto_now_add=True)
    era = models.SmallIntegerField(db_default=models.Func(function="registers_change_era"), editable=False)
    transaction = Xid8Field(db_default=models.Func(function="pg_current_xact_id"), editable=False)

    class Meta:
        indexes: ClassVar = [  # the feed
            models.Index(fields=("register", "era", "transaction", "id"), name="disposal_in_order"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(fields=[]), name="disposal_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.at:%Y-%m-%d}"


class Merge(models.Model):
    """That two records became one: which is kept, what was written for it, and whether it was undone."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    kept = models.ForeignKey(Record, models.PROTECT, related_name="merges")
    other = models.ForeignKey(Record, models.PROTECT, related_name="merged_by")
    kept_change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="+", db_index=False)
    other_change = models.ForeignKey(Change, models.PROTECT, related_name="+", db_index=False)
    kept_newest = models.BigIntegerField()  # the newest change of the kept record when this was done
    moved = models.JSONField(default=list)  # records that led to the other one before, and lead to the kept one now
    at = models.DateTimeField(auto_now_add=True)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("other",), name="merged_once", condition=Q(undone_at=None)),
            models.CheckConstraint(condition=~Q(kept=models.F("other")), name="merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} → {self.kept_id}"
