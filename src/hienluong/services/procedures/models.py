"""The catalogue of procedures: stable codes, dated versions, dated one-stop rules."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .rules import RuleSetSpec
from .spec import ProcedureSpec


class Field(models.Model):
    """A field of government ("lĩnh vực")."""

    code = models.CharField(max_length=20, primary_key=True)
    name = models.CharField(max_length=200)
    sort_name = models.CharField(max_length=300, editable=False, default="")
    sector = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class Procedure(models.Model):
    """An administrative procedure; what it says on a date is in its versions.

    `name`, `online_level`, `level_2022` repeat the version in force so that lists need no join.
    """

    class OnlineLevel(models.TextChoices):
        FULL = "full", _("Toàn trình")
        PARTIAL = "partial", _("Một phần")
        INFORMATION = "information", _("Cung cấp thông tin")

    class State(models.TextChoices):
        DRAFT = "draft", _("Dự thảo")
        PUBLISHED = "published", _("Đang áp dụng")
        SUSPENDED = "suspended", _("Tạm ngừng")
        REPLACED = "replaced", _("Đã thay thế")
        WITHDRAWN = "withdrawn", _("Đã bãi bỏ")

    code = models.CharField(max_length=40, unique=True, verbose_name=_("mã thủ tục"))
    name = models.CharField(max_length=500)
    sort_name = models.CharField(max_length=700, editable=False, default="")
    field = models.ForeignKey(Field, models.PROTECT, related_name="procedures")
    online_level = models.CharField(max_length=12, choices=OnlineLevel.choices)
    level_2022 = models.PositiveSmallIntegerField()
    agency_level = models.CharField(max_length=12)
    agency_key = models.CharField(max_length=20, blank=True)
    applicants = ArrayField(models.CharField(max_length=12), default=list)
    life_events = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    search_text = models.TextField(editable=False, default="")  # folded name, code, field and keywords
    complete = models.BooleanField(default=False)
    generated = models.BooleanField(default=False, help_text=_("Mục sinh tự động để thử ở quy mô thật"))
    withdrawn_on = models.DateField(null=True, blank=True)  # the first day on which nobody may file any more
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("state", "sort_name"), name="procedure_by_name"),
            models.Index(fields=("field", "state", "sort_name"), name="procedure_by_field"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(level_2022__range=(1, 4)), name="procedure_level_2022"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ProcedureVersion(models.Model):
    """What a procedure says during a range of dates; published versions never overlap and never change."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Dự thảo")
        PUBLISHED = "published", _("Đã công bố")

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    valid = DateRangeField()
    spec_json = models.JSONField()
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=200, blank=True)
    process_digest = models.CharField(max_length=64, blank=True, default="")  # the BPMN model, fixed when published
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("procedure", "number"), name="procedure_version_number"),
            ExclusionConstraint(
                name="procedure_version_no_overlap",
                expressions=[("procedure", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(state="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} (bản {self.number})"

    @cached_property
    def spec(self) -> ProcedureSpec:
        """The typed specification."""
        return ProcedureSpec.model_validate(self.spec_json)


class Suspension(models.Model):
    """A procedure put on hold by a decision, from a day until it was resumed."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="suspensions")
    decision = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500)
    valid = DateRangeField()

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="procedure_suspension_no_overlap",
                expressions=[("procedure", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.procedure}: {self.reason}"


class ImportBatch(models.Model):
    """The sound entries of an uploaded file, kept between preview and confirmation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    specs = models.JSONField()
    confirmed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class RuleSet(models.Model):
    """A dated set of one-stop rules; see :class:`RuleSetSpec`."""

    code = models.CharField(max_length=20, primary_key=True)
    name = models.CharField(max_length=200)
    valid = DateRangeField()
    spec_json = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(name="rule_set_no_overlap", expressions=[("valid", RangeOperators.OVERLAPS)])
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def spec(self) -> RuleSetSpec:
        """The typed rules."""
        return RuleSetSpec.model_validate(self.spec_json)
