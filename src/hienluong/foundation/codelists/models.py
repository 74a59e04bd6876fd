"""Lists, their dated editions, the codes of each, and what became of a code in another edition."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

#: How deep a tree may be; the industries have five levels.
MAX_DEPTH = 9


def _read(vietnamese: str, english: str) -> str:
    """The name in the reader's language, where there is one in it."""
    return english if english and (get_language() or "vi").startswith("en") else vietnamese


class CodeList(models.Model):
    """A shared vocabulary: its name and title. What it holds is in its editions."""

    class Coding(models.TextChoices):
        PUBLISHED = "published", _("Mã do văn bản ban hành")
        ASSIGNED = "assigned", _("Mã do hệ thống này đặt")  # the text names things and gives them no codes

    code = models.CharField(max_length=60, unique=True)  # industries
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    coding = models.CharField(max_length=10, choices=Coding.choices, default=Coding.PUBLISHED)
    pack = models.CharField(max_length=80, blank=True)  # empty: comes with the product

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"), name="codelist_code_form")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def label(self) -> str:
        """The title in the reader's language; the Vietnamese one where there is no other."""
        return _read(self.title, self.title_en)


class Edition(models.Model):
    """A list as one document put it into force, over a range of days that no other edition of it touches."""

    codelist = models.ForeignKey(CodeList, models.PROTECT, related_name="editions")
    code = models.CharField(max_length=40)  # vsic-2025
    title = models.CharField(max_length=200)
    valid = DateRangeField()
    legal_basis = models.JSONField(default=list)
    source = models.TextField(blank=True)  # where the codes were read
    note = models.TextField(blank=True)  # what is missing in it
    digest = models.CharField(max_length=64)  # SHA-256 of what the file says
    installed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("codelist", "code"), name="edition_code_once"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="edition_not_empty"),
            ExclusionConstraint(
                name="edition_no_overlap",
                expressions=[("codelist", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Code(models.Model):
    """One code of an edition over a range of days, below its parent.

    A tree has no cycles: a parent is of the same edition and one level above (a foreign key over three columns,
    migration 0001), so that whoever walks up arrives.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="codes", db_index=False)
    value = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    depth = models.PositiveSmallIntegerField(default=0)  # 0 at the top
    parent_depth = models.GeneratedField(
        expression=F("depth") - 1, output_field=models.SmallIntegerField(), db_persist=True
    )
    name = models.CharField(max_length=500)
    name_en = models.CharField(max_length=500, blank=True)
    valid = DateRangeField()  # within the edition's; unbounded: as long as the edition
    order = models.PositiveIntegerField()
    attributes = models.JSONField(default=dict)
    search_text = models.TextField()
    by_hand = models.BooleanField(default=False)  # added or changed here: a file leaves it as it is
    legal_basis = models.CharField(max_length=200, blank=True)  # of what was changed by hand

    class Meta:
        ordering = ("edition_id", "order", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(value="") & ~Q(name=""), name="code_has_value_and_name"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="code_not_empty"),
            models.CheckConstraint(
                condition=Q(parent=None, depth=0) | Q(parent__isnull=False, depth__gt=0, depth__lte=MAX_DEPTH),
                name="code_top_has_no_parent",
            ),
            models.UniqueConstraint(fields=("id", "edition", "depth"), name="code_place"),
            ExclusionConstraint(
                name="code_once_at_a_time",
                expressions=[
                    ("edition", RangeOperators.EQUAL),
                    ("value", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("edition", "parent", "order"), name="code_children"),
            models.Index(fields=("edition", "value"), name="code_by_value"),
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="code_by_word"),
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.name}"

    @property
    def label(self) -> str:
        """The name in the reader's language; the Vietnamese one where there is no other."""
        return _read(self.name, self.name_en)


class Mapping(models.Model):
    """What became of a code: one of possibly several codes of another edition."""

    class Kind(models.TextChoices):
        SAME = "same", _("Giữ nguyên")  # one became one
        MERGED = "merged", _("Nhập vào")  # all of it went into one that others went into, too
        SPLIT = "split", _("Tách ra")  # a part of it became this one, and nothing else did
        PART = "part", _("Một phần nhập vào")  # a part of it went into one that others went into, too

    source = models.ForeignKey(Code, models.CASCADE, related_name="became")
    target = models.ForeignKey(Code, models.CASCADE, related_name="came_from")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    is_primary = models.BooleanField(default=True)  # of several, the one to take when only one can be

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("source", "target"), name="mapping_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="mapping_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Revision(models.Model):
    """One row, counted up with each change, so that every process notices that its copy is old."""

    number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="codelists_revision_one_row")]

    def __str__(self) -> str:
        return str(self.number)
