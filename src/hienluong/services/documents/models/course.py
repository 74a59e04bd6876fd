"""The course of an outgoing document: its versions, opinions, approvals, and the numbers it may take."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official, Organization

from .document import Document


class Version(models.Model):
    """One version of a draft; they are never changed, a change is the next version."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)  # sanitised HTML of the text between heading and signature
    extra = models.JSONField(default=dict, blank=True)  # legal grounds, addressees and other parts of the layout
    upload = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+"
    )  # the Word file it was read from
    by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    by_label = models.CharField(max_length=200)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("document", "number"), name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"


class Comment(models.Model):
    """A remark on a draft, at a passage of a version when it quotes one."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="comments")
    version = models.ForeignKey(Version, models.CASCADE, related_name="comments")
    quote = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]


class Opinion(models.Model):
    """An opinion that was asked for; several are asked for at once and given in any order."""

    class Stance(models.TextChoices):
        AGREE = "agree", _("Đồng ý")
        AGREE_IF = "agree_if", _("Đồng ý, có góp ý")
        DISAGREE = "disagree", _("Không đồng ý")

    document = models.ForeignKey(Document, models.CASCADE, related_name="opinions")
    official = models.ForeignKey(Official, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")  # the one it is about, once given
    asked_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(null=True)
    question = models.TextField(blank=True)
    stance = models.CharField(max_length=8, choices=Stance.choices, blank=True)
    text = models.TextField(blank=True)
    given_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("document", "official"),
                condition=Q(given_at__isnull=True, withdrawn_at__isnull=True),
                name="document_opinion_open_once",
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, stance="") | Q(given_at__isnull=False) & ~Q(stance=""),
                name="document_opinion_has_a_stance",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("official", "due_at"),
                name="document_opinion_waiting",
                condition=Q(given_at__isnull=True, withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.official}: {self.document_id}"


class Approval(models.Model):
    """One step of the way up: who has to approve, in which order; the last one is the signer."""

    class State(models.TextChoices):
        LATER = "later", _("Chưa đến lượt")
        WAITING = "waiting", _("Chờ duyệt")
        APPROVED = "approved", _("Đã duyệt")
        RETURNED = "returned", _("Trả lại")
        DROPPED = "dropped", _("Không còn cần")

    document = models.ForeignKey(Document, models.CASCADE, related_name="approvals")
    round = models.PositiveSmallIntegerField(default=1)
    step = models.PositiveSmallIntegerField()
    official = models.ForeignKey(Official, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    is_signer = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.LATER)
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    waiting_since = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")  # not `official`: it was lent

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("document", "round", "step"), name="approval_step_once"),
            models.UniqueConstraint(
                fields=("document",), condition=Q(state="waiting"), name="approval_one_waits_at_a_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("official", "waiting_since"), name="approval_waiting", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.document_id}.{self.step}: {self.official}"


class Book(models.Model):
    """A series of numbers of what goes out: an agency's for a year, for all types together or for some of their own."""

    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=20)  # "chung", or what the agency names its own series: QD, NQ …
    name = models.CharField(max_length=150)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("agency", "year", "key"), name="book_once")]

    def __str__(self) -> str:
        return self.name


class TakenNumber(models.Model):
    """One number of a book: reserved, used, or void with its reason. Every number from 1 to the last has its row."""

    class State(models.TextChoices):
        RESERVED = "reserved", _("Giữ trước")
        USED = "used", _("Đã dùng")
        VOID = "void", _("Bỏ trống")

    book = models.ForeignKey(Book, models.PROTECT, related_name="numbers")
    number = models.PositiveIntegerField()
    on = models.DateField()  # the day the document bears
    state = models.CharField(max_length=8, choices=State.choices)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="taken_number")
    reason = models.CharField(max_length=300, blank=True)  # of a reservation, a day in the past, a void number
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("book", "number"), name="taken_number_once"),
            models.CheckConstraint(
                condition=Q(state="used", document__isnull=False)
                | Q(state__in=("reserved", "void"), document__isnull=True),
                name="taken_number_used_by_a_document",
            ),
            models.CheckConstraint(condition=Q(state="used") | ~Q(reason=""), name="taken_number_unused_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.book})"
