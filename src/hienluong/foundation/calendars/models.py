"""Working time: weekly hours per organisation, and the days that differ from the week."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization


class WorkingCalendar(models.Model):
    """The weekly working time of an organisation and all below it; without organisation, of everybody."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="working_calendars", verbose_name=_("cơ quan")
    )
    name = models.CharField(max_length=120, verbose_name=_("tên"))
    valid = DateRangeField(verbose_name=_("hiệu lực"))
    legal_basis = models.CharField(max_length=200, blank=True, verbose_name=_("căn cứ pháp lý"))

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="working_calendar_no_overlap",
                expressions=[
                    (
                        Coalesce(F("organization_id"), Value(0), output_field=models.BigIntegerField()),
                        RangeOperators.EQUAL,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """One stretch of working time on a weekday (0 is Monday)."""

    calendar = models.ForeignKey(WorkingCalendar, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ("weekday", "opens")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="working_hours_weekday"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="working_hours_forward"),
            models.UniqueConstraint(fields=("calendar", "weekday", "opens"), name="working_hours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens:%H:%M}–{self.closes:%H:%M}"


class SpecialDay(models.Model):
    """A day that is not what its weekday says: a holiday, a swapped working day, a local closure."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Nghỉ lễ, tết")
        WORKDAY = "workday", _("Làm việc bù")
        CLOSURE = "closure", _("Đóng cửa tại chỗ")

    date = models.DateField(verbose_name=_("ngày"))
    kind = models.CharField(max_length=8, choices=Kind.choices, verbose_name=_("loại"))
    name = models.CharField(max_length=120, verbose_name=_("lý do"))
    legal_basis = models.CharField(max_length=200, blank=True, verbose_name=_("căn cứ pháp lý"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="special_days", verbose_name=_("cơ quan")
    )  # none: the whole country
    like_weekday = models.PositiveSmallIntegerField(default=0)  # whose hours a swapped working day keeps; 0 is Monday

    class Meta:
        ordering = ("date",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("date", "organization"), name="special_day_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(like_weekday__lte=6), name="special_day_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y}: {self.name}"


class Revision(models.Model):
    """One row, counted up with each change, so that every process notices that its copy is old."""

    number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="calendar_revision_one_row")]

    def __str__(self) -> str:
        return str(self.number)
