"""The government as it is on any date: organisations, who took over from whom, officials and positions."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Organization(models.Model):
    """A node of the tree. What changes with time is in :class:`OrganizationVersion`; this is its identity.

    `name`, `parent`, `path` repeat the version in force today so that lists need no join on dates
    (``actions/effect.py`` brings them up to date on the day a change takes effect).
    `path` is ``/1/5/9/``: the ids from the root down to and including this node.
    """

    class Kind(models.TextChoices):
        PROVINCE = "province", _("UBND tỉnh")
        DEPARTMENT = "department", _("Sở, ban, ngành")
        DISTRICT = "district", _("UBND cấp huyện")
        COMMUNE = "commune", _("UBND cấp xã")
        DIVISION = "division", _("Phòng, ban chuyên môn")
        COUNTER = "counter", _("Bộ phận một cửa")
        SERVICE_CENTRE = "service_centre", _("Trung tâm Phục vụ hành chính công")

    code = models.CharField(max_length=35, unique=True, verbose_name=_("mã định danh"))  # H50.08.12, QĐ 20/2020
    legacy_code = models.CharField(max_length=20, blank=True)  # 000.12.08.H50, QCVN 102:2016
    code_is_official = models.BooleanField(default=True)  # False: assigned by this project until one is published
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200)
    sort_name = models.CharField(max_length=300, editable=False, default="")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, db_index=True, editable=False, default="")
    commune_code = models.CharField(max_length=10, blank=True)  # NSO code of its territory
    valid = DateRangeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-K]\d{2}(\.[0-9A-Z]{2,3}){0,4}$"), name="organization_code_form"
            )
        ]

    def __str__(self) -> str:
        return self.name


class OrganizationVersion(models.Model):
    """What an organisation was called and where it stood in the tree during a range of dates."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="versions")
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=80, blank=True)
    parent = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    opening_hours = models.JSONField(default=dict, blank=True)  # {"mon": [["07:30","11:30"],["13:30","17:00"]], …}
    valid = DateRangeField()
    legal_basis = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="organization_version_no_overlap",
                expressions=[("organization", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """One predecessor handing over to one successor on a day; a merge or a split is several rows."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("Sáp nhập")
        SPLIT = "split", _("Chia tách")
        RENAME = "rename", _("Đổi tên")
        ABOLISH = "abolish", _("Giải thể, chuyển chức năng")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    predecessor = models.ForeignKey(Organization, models.PROTECT, related_name="successions_out")
    successor = models.ForeignKey(Organization, models.PROTECT, related_name="successions_in")
    effective_on = models.DateField()
    legal_basis = models.CharField(max_length=200, blank=True)
    is_primary = models.BooleanField(default=True)  # of several successors, the one that takes the work in hand
    work_moved_at = models.DateTimeField(null=True, blank=True)  # when those who hold work were told to move it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("predecessor", "successor", "effective_on"), name="succession_once"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_to_another"),
            models.UniqueConstraint(
                fields=("predecessor", "effective_on"), condition=Q(is_primary=True), name="succession_one_primary"
            ),
        ]
        indexes: ClassVar = [  # asked every hour: which hand-overs are due
            models.Index(fields=("effective_on",), condition=Q(work_moved_at__isnull=True), name="succession_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Official(models.Model):
    """A civil servant: a person with dated positions."""

    code = models.CharField(max_length=30, unique=True)
    full_name = models.CharField(max_length=100)
    sort_name = models.CharField(max_length=160, editable=False, default="")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.full_name


class Position(models.Model):
    """A post held by an official in an organisation during a range of dates."""

    official = models.ForeignKey(Official, models.PROTECT, related_name="positions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="positions")
    title = models.CharField(max_length=120)
    role = models.CharField(max_length=40)  # code of an identity.Role: clerk, officer, leader, …
    is_primary = models.BooleanField(default=True)
    valid = DateRangeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=("organization", "role"), name="position_by_org_role")]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="position_no_overlap",
                expressions=[
                    ("official", RangeOperators.EQUAL),
                    ("organization", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.organization}"


class Delegation(models.Model):
    """The powers of one position handed to another official for a range of dates."""

    position = models.ForeignKey(Position, models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(Official, models.PROTECT, related_name="delegated_positions")
    permissions = ArrayField(models.CharField(max_length=80), default=list, blank=True)  # none: all of the position's
    valid = DateRangeField()
    reason = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.position.official} → {self.delegate}"
