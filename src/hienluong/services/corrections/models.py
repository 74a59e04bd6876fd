"""Requests to correct a record (Law 91/2025/QH15: the right to have one's data corrected)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.registers.models import Record, Register
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party


class Correction(models.Model):
    """What a person says is wrong in one field of a record about them, and what the agency responsible decides."""

    class State(models.TextChoices):
        OPEN = "open", _("Chờ xử lý")
        TAKEN = "taken", _("Đang xử lý")
        ACCEPTED = "accepted", _("Đã đính chính")
        REFUSED = "refused", _("Không đính chính")
        WITHDRAWN = "withdrawn", _("Đã rút")

    code = models.CharField(max_length=40, unique=True)  # YCDC-2026-0001
    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    change = models.BigIntegerField()  # the change of the register that wrote what is contested
    said = models.JSONField(null=True)  # what the register said
    right = models.JSONField()  # what the person says is right
    wrong = models.CharField(max_length=1000)  # what is wrong, in the person's words
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    party = models.ForeignKey(Party, models.PROTECT, related_name="corrections")
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")  # responsible for the record
    about = models.CharField(max_length=300, blank=True)  # the form in which it was noticed
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField(auto_now_add=True)
    reply_due_at = models.DateTimeField(null=True)  # None: it came before the decree's terms were kept
    replied_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    through_others = models.BooleanField(default=False)  # others must correct it too, which takes longer
    extended_at = models.DateTimeField(null=True)
    extended_why = models.CharField(max_length=500, blank=True)
    reminded = models.JSONField(default=list)  # of what those who decide were reminded
    handled_by = models.CharField(max_length=200, blank=True)  # as it was called then
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True)
    made = models.BigIntegerField(null=True)  # the change of the register that an accepted request led to

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("organization", "due_at"), name="correction_at", condition=Q(closed_at=None)),
            models.Index(fields=("party", "-asked_at"), name="correction_of"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("record", "field", "party"),
                condition=Q(state__in=("open", "taken")),
                name="one_open_correction_a_field",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "taken"), closed_at=None)
                | Q(state__in=("accepted", "refused", "withdrawn"), closed_at__isnull=False),
                name="correction_closed_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="correction_refused_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(extended_at=None) | ~Q(extended_why=""), name="correction_extended_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", made__isnull=False) | ~Q(state="accepted"), name="correction_made"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        """Whether it waits for the agency."""
        return self.closed_at is None

    def reply_is_late(self, now: datetime) -> bool:
        """Whether the reply came, or is still missing, after its term."""
        return self.reply_due_at is not None and (self.replied_at or self.closed_at or now) > self.reply_due_at

    def may_be_extended(self, now: datetime) -> bool:
        """Whether more time may be taken: once, while the time is not over."""
        return self.is_open and self.extended_at is None and now <= self.due_at

    def is_late(self, now: datetime) -> bool:
        """Whether it was decided, or still waits, after its term; what was withdrawn late was late."""
        return (self.closed_at or now) > self.due_at
