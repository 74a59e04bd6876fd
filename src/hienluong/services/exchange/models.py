"""The line to the national document axis: what is to go out and how far it is, what came in and what was made of it.

What goes out is written anew from the document at each try, to the same bytes: its content stays in one place. Of what
came in only a package that could not be read is kept as it was.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization
from hienluong.services.documents.models import Document, Recipient


class What(models.TextChoices):
    """What a package is for: a document with its business kind (BussinessDocType), or a status with its code."""

    NEW = "new", _("Văn bản mới")
    UPDATE = "update", _("Cập nhật văn bản")
    REPLACE = "replace", _("Văn bản thay thế")
    REVOKE = "revoke", _("Thu hồi văn bản")
    ARRIVED = "01", _("Đã đến")
    REFUSED = "02", _("Từ chối tiếp nhận")
    RECEIVED = "03", _("Đã tiếp nhận")
    ASSIGNED = "04", _("Phân công")
    PROCESSING = "05", _("Đang xử lý")
    COMPLETED = "06", _("Hoàn thành")
    TAKE_BACK = "13", _("Yêu cầu lấy lại")
    TAKE_BACK_AGREED = "15", _("Đồng ý lấy lại")
    TAKE_BACK_REFUSED = "16", _("Từ chối lấy lại")


class Seal(models.TextChoices):
    """What the signature over a package that came was found to be."""

    NONE = "none", _("Không có chữ ký")
    VALID = "valid", _("Chữ ký đúng")
    UNCHECKED = "unchecked", _("Chưa hỏi được thu hồi")
    UNKNOWN = "unknown", _("Không rõ người ký")
    WEAK = "weak", _("Chữ ký yếu")
    ALTERED = "altered", _("Bị sửa sau khi ký")


class Incoming(models.Model):
    """One package that came from the axis, by the axis's own number of it: taken in once, however often it is listed."""

    class Verdict(models.TextChoices):
        TAKEN = "taken", _("Đã nhận")
        REPEATED = "repeated", _("Đã nhận trước đó")
        REFUSED = "refused", _("Không nhận")
        EARLY = "early", _("Chờ văn bản của nó")
        HELD = "held", _("Đang giữ lại")
        UNREADABLE = "unreadable", _("Không đọc được")

    axis_id = models.CharField(max_length=100, unique=True)
    what = models.CharField(max_length=8, choices=What.choices, blank=True)
    sender_code = models.CharField(max_length=35)  # as the sender writes it, so that it is written back the same
    receiver_code = models.CharField(max_length=35)
    agency = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    document_ref = models.CharField(max_length=100, blank=True)  # DocumentId of the document it is or is about
    code = models.CharField(max_length=60, blank=True)
    sha256 = models.CharField(max_length=64)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    why = models.TextField(blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=1)
    next_try_at = models.DateTimeField(null=True)  # of an unreadable one: when it is fetched again
    raw = models.BinaryField(null=True)  # of an unreadable, refused or held one
    seal = models.CharField(max_length=9, choices=Seal.choices, blank=True)  # blank where the package was not read
    seal_said = models.CharField(max_length=300, blank=True)  # the same in a sentence
    told_at = models.DateTimeField(null=True)  # what the sender says of its time, of a status
    acknowledged_at = models.DateTimeField(null=True)  # when the axis was told that it is settled
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(verdict__in=("refused", "unreadable", "held")) | ~Q(why=""),
                name="exchange_no_without_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("-at",), name="exchange_incoming_by_time"),
            models.Index(fields=("document_ref", "sender_code"), name="exchange_incoming_about"),
            models.Index(fields=("document",), name="exchange_incoming_document"),
        ]

    def __str__(self) -> str:
        return f"{self.code or self.axis_id} {self.verdict}"


class Outgoing(models.Model):
    """One package that is to go out. Those of one `lane` go one after another, in the order they were queued.

    A lane is one document at one place: what we send there about it, or what we tell its sender about it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Chờ gửi")
        HELD = "held", _("Đang giữ lại")
        FAILED = "failed", _("Gửi lỗi")
        SENT = "sent", _("Đã gửi")
        CANCELLED = "cancelled", _("Đã hủy")

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # our number of it at the axis
    lane = models.CharField(max_length=60)
    what = models.CharField(max_length=8, choices=What.choices)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    recipient = models.ForeignKey(Recipient, models.PROTECT, null=True, related_name="+")
    incoming = models.ForeignKey(Incoming, models.PROTECT, null=True, related_name="+")  # the package a status answers
    agency = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")  # of ours, whose it is
    from_code = models.CharField(max_length=35)
    to_code = models.CharField(max_length=35)
    to_name = models.CharField(max_length=200, blank=True)
    document_ref = models.CharField(max_length=100)  # DocumentId
    round = models.PositiveSmallIntegerField(default=1)  # the same again, wanted: an update, another asking back
    words = models.CharField(max_length=500, blank=True)  # description of a status, reason of an update
    told_at = models.DateTimeField()  # the time written into the package
    staff = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    held_reason = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    axis_id = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    signature = models.BinaryField(null=True)  # the agency's, so that sending again is sending the same
    signed_sha256 = models.CharField(max_length=64, blank=True)  # of what it was made over
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("lane", "what", "round"), name="exchange_outgoing_once"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="exchange_sent_has_a_time"
            ),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(held_reason=""), name="exchange_held_has_a_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("next_try_at",), name="exchange_due", condition=Q(state="waiting")),
            models.Index(
                fields=("lane", "id"),
                name="exchange_lane",
                condition=Q(state__in=("waiting", "held", "failed")),
            ),
            models.Index(fields=("document_ref", "to_code"), name="exchange_by_document"),
            models.Index(fields=("-sent_at",), name="exchange_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} → {self.to_code}"


class Receipt(models.Model):
    """One status that a receiver told of one of our documents: the history behind ``Recipient.receipt``."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="+")
    incoming = models.OneToOneField(Incoming, models.PROTECT, related_name="+")
    status = models.CharField(max_length=2)  # a code of edXML: 01 … 16
    told_at = models.DateTimeField()
    words = models.CharField(max_length=500, blank=True)
    staff = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("recipient", "status", "told_at"), name="exchange_status_once")
        ]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.status}"
