"""Official documents: what every one has, whichever way it goes."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official, Organization

from .. import types
from .states import Competence, Direction, Receipt, Source, State, Urgency, Why


class Document(models.Model):
    """One document as one agency keeps it. The same paper sent to another agency is another row there.

    `number` is set for what goes out, and counts within its book; of what came in, `code` repeats what the sender wrote.
    State secrets are never stored: `restricted` is for what is lawful here but not for everybody in the agency.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    agency = models.ForeignKey(Organization, models.PROTECT, related_name="documents")
    unit = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")  # the division that drafts it
    type = models.CharField(max_length=5, choices=types.choices)
    number = models.PositiveIntegerField(null=True)
    notation = models.CharField(max_length=30, blank=True)  # QĐ-UBND
    code = models.CharField(max_length=60, blank=True)  # 12/QĐ-UBND
    subject = models.CharField(max_length=500)
    author_code = models.CharField(max_length=35, blank=True)  # the agency that issued it, QĐ 20/2020
    author_name = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.NORMAL)
    restricted = models.BooleanField(default=False)
    competence = models.CharField(max_length=5, choices=Competence.choices, blank=True)
    signer = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    signer_name = models.CharField(max_length=100, blank=True)
    signer_title = models.CharField(max_length=150, blank=True)
    signs_for = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")  # who lent the power to sign
    signs_for_as = models.CharField(max_length=5, blank=True, db_default="")  # how they would have signed (Competence)
    drafter = models.ForeignKey(Official, models.PROTECT, null=True, related_name="drafted_documents")
    pages = models.PositiveIntegerField(null=True)
    due_at = models.DateTimeField(null=True)  # until when an answer is wanted
    state = models.CharField(max_length=12, choices=State.choices)
    signed_at = models.DateTimeField(null=True)  # by the leader
    sealed_at = models.DateTimeField(null=True)  # by the agency
    released_at = models.DateTimeField(null=True)  # when it was issued; `issued_on` is the day that it bears
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=("numbered", "signed", "issued", "recalled", "replaced"))
                | Q(number__isnull=False, issued_on__isnull=False)
                | Q(direction="incoming"),
                name="document_numbered_when_issued",
            ),
            models.CheckConstraint(
                condition=Q(
                    direction="incoming",
                    state__in=(
                        "arrived",
                        "registered",
                        "submitted",
                        "assigned",
                        "processing",
                        "completed",
                        "refused",
                        "taken_back",
                    ),
                )
                | Q(
                    direction__in=("outgoing", "internal"),
                    state__in=(
                        "draft",
                        "opinions",
                        "approving",
                        "approved",
                        "numbered",
                        "signed",
                        "issued",
                        "recalled",
                        "replaced",
                        "cancelled",
                    ),
                ),
                name="document_state_of_direction",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("agency", "direction", "state", "-created_at"), name="document_by_agency"),
            models.Index(fields=("agency", "direction", "-issued_on", "-id"), name="document_by_day"),
            models.Index(fields=("agency", "author_code", "code", "issued_on"), name="document_same_again"),
            models.Index(fields=("drafter", "state"), name="document_by_drafter"),
        ]

    def __str__(self) -> str:
        return self.code or self.subject[:80]

    @property
    def kind(self) -> types.DocumentType:
        """Its type, as the decree names it."""
        return types.ALL[self.type]


class Arrival(models.Model):
    """How an incoming document came, and its place in the book of what came in (sổ văn bản đến)."""

    document = models.OneToOneField(Document, models.CASCADE, related_name="arrival")
    source = models.CharField(max_length=8, choices=Source.choices)
    source_ref = models.CharField(max_length=200, blank=True)  # package, message or document it came with
    sender_code = models.CharField(max_length=35, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    arrived_at = models.DateTimeField()
    number = models.PositiveIntegerField(null=True)  # số đến
    year = models.PositiveSmallIntegerField(null=True)
    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(null=True)
    registered_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    submitted_to = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    refused_reason = models.TextField(blank=True)
    note = models.CharField(max_length=300, blank=True)
    seal_said = models.CharField(max_length=300, blank=True)  # of the signature over the package it came in, if it did
    despite_same = models.BooleanField(default=False)  # the records office said that it is no copy of another
    proposal = models.TextField(blank=True)  # what whoever submitted it proposed to do
    take_back_asked_at = models.DateTimeField(null=True)  # the sender wants it back, and nobody answered yet
    take_back_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("agency", "source", "source_ref"), condition=~Q(source_ref=""), name="arrival_once"
            ),
            models.UniqueConstraint(fields=("agency", "year", "number"), name="arrival_number_once"),
            models.CheckConstraint(
                condition=Q(number__isnull=True, year__isnull=True, registered_at__isnull=True)
                | Q(number__isnull=False, number__gte=1, year__isnull=False, registered_at__isnull=False),
                name="arrival_number_when_registered",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("agency", "-arrived_at"), name="arrival_by_time")]

    def __str__(self) -> str:
        return f"{self.number}/{self.year}" if self.number else f"{self.arrived_at:%d/%m/%Y}"


class DocumentFile(models.Model):
    """One file of a document. Of the main paper, the newest row counts; the older ones stay."""

    class Role(models.TextChoices):
        MAIN = "main", _("Văn bản")
        ANNEX = "annex", _("Phụ lục, tài liệu kèm theo")
        DRAFT = "draft", _("Bản thảo tải lên")
        SCAN = "scan", _("Bản quét")

    document = models.ForeignKey(Document, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    role = models.CharField(max_length=5, choices=Role.choices)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    replaced_at = models.DateTimeField(null=True)  # when a newer one (numbered, signed, sealed) took its place
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("file",), name="document_file_once")]
        indexes: ClassVar = [models.Index(fields=("document", "role", "position"), name="document_file_order")]

    def __str__(self) -> str:
        return self.name


class Reader(models.Model):
    """Somebody who may read a document, and why. There is no other way to read one.

    With an official: that official, and the records office of `agency`. Without: the records office of `agency` alone.
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="readers")
    agency = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=10, choices=Why.choices)
    since = models.DateTimeField(auto_now_add=True)
    by_label = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    first_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("document", "agency", "official", "why"),
                nulls_distinct=False,
                condition=Q(ended_at__isnull=True),
                name="reader_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("official", "-document"), name="reader_by_official", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=("agency", "-document"), name="reader_by_agency", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.official or self.agency}: {self.get_why_display()}"


class Look(models.Model):
    """One reading of a restricted document: who, when, what of it."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="looks")
    official_id = models.BigIntegerField(null=True)
    label = models.CharField(max_length=200)
    what = models.CharField(max_length=200)  # the page, or the name of the file
    at = models.DateTimeField(auto_now_add=True)
    ip = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("document", "-at"), name="look_by_document")]

    def __str__(self) -> str:
        return f"{self.label}: {self.what}"


class Relation(models.Model):
    """How two documents belong together."""

    class Kind(models.TextChoices):
        ANSWERS = "answers", _("Trả lời")
        REPLACES = "replaces", _("Thay thế")
        CORRECTS = "corrects", _("Đính chính")
        BASED_ON = "based_on", _("Căn cứ, liên quan")
        COPY_OF = "copy_of", _("Bản sao của")

    document = models.ForeignKey(Document, models.CASCADE, related_name="relations")
    other = models.ForeignKey(Document, models.PROTECT, related_name="related_from")
    kind = models.CharField(max_length=8, choices=Kind.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("document", "other", "kind"), name="relation_once"),
            models.CheckConstraint(condition=~Q(document=models.F("other")), name="relation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.kind} {self.other_id}"


class Recipient(models.Model):
    """One place an outgoing document goes to, and how far it has come there.

    An agency of this installation, or one outside by its code (QĐ 20/2020); a line of the "Nơi nhận" that is not sent
    anything ("Lưu: VT") has neither.
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="recipients")
    agency = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=35, blank=True)
    name = models.CharField(max_length=200)
    line = models.CharField(max_length=200, blank=True)  # how the paper says it: "Như trên", "Sở Y tế (để b/c)"
    position = models.PositiveSmallIntegerField(default=0)
    receipt = models.CharField(max_length=2, choices=Receipt.choices, blank=True, default=Receipt.WAITING)
    receipt_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    first_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("document", "code"), condition=~Q(code=""), name="recipient_once")
        ]

    def __str__(self) -> str:
        return self.name


class DocumentText(models.Model):
    """What a document is found by (:mod:`..finding`): the words of its fields and files, and who may read it.

    `readers` repeats the rows of :class:`Reader` that hold today (a trigger keeps it): ``a5``, the records office of agency
    5; ``o7.5``, official 7 with a post in agency 5.
    """

    document = models.OneToOneField(Document, models.CASCADE, related_name="text", primary_key=True)
    text = models.TextField(blank=True)  # of the files, as read
    day = models.DateField()  # the day it was issued, else that it came or was begun
    vector = SearchVectorField(null=True)
    readers = ArrayField(models.CharField(max_length=42), default=list)
    read_at = models.DateTimeField(null=True)  # when the files were read; None: still to be done

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=("vector", "readers"), name="document_words"),
            models.Index(fields=("day",), name="document_text_by_day"),
        ]

    def __str__(self) -> str:
        return str(self.document_id)
