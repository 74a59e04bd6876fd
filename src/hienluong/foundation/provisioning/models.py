"""Officials who come in many at once: sheets brought in, row by row, and invitations to set up an account."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.sso.models import System


class Sheet(models.Model):
    """One file of officials on its way in. Its figures are those of its rows: each row is written in one transaction."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Chờ xem trước")
        RUNNING = "running", _("Đang nhập")
        STOPPED = "stopped", _("Đã dừng")
        DONE = "done", _("Đã nhập xong")
        UNDOING = "undoing", _("Đang hoàn tác")
        UNDONE = "undone", _("Đã hoàn tác")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)  # of the file
    digest = models.CharField(max_length=64)  # SHA-256 of its content
    headings = models.JSONField(default=dict)  # column → heading as the file has it
    invites = models.BooleanField(default=False)  # accounts are opened, and their owners invited
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("account", "-created_at"), name="sheets_of_account")]

    def __str__(self) -> str:
        return self.name


class SheetRow(models.Model):
    """One row: what stands in it, what it would do, what it did and how that is taken back."""

    class Plan(models.TextChoices):
        """What looking at the row said."""

        NEW = "new", _("Thêm mới")
        CHANGE = "change", _("Cập nhật")
        SAME = "same", _("Đã có, như cũ")
        FAULTY = "faulty", _("Có lỗi")

    class State(models.TextChoices):
        WAITING = "waiting", _("Chờ nhập")
        LEFT_OUT = "left_out", _("Không chọn")
        NEW = "new", _("Đã thêm")
        CHANGED = "changed", _("Đã cập nhật")
        SAME = "same", _("Như cũ")
        FAULTY = "faulty", _("Có lỗi")
        TAKEN_BACK = "taken_back", _("Đã hoàn tác")
        KEPT = "kept", _("Giữ lại, đã có người dùng")

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as the file counts them: the headings are row 1
    values = models.JSONField()
    plan = models.CharField(max_length=8, choices=Plan.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    faults = models.JSONField(default=list)  # [[column, message], …]
    wrote = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("sheet", "number"), name="sheet_row_once")]
        indexes: ClassVar = [models.Index(fields=("sheet", "state", "number"), name="sheet_rows_in_turn")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.number}"


class Invitation(models.Model):
    """A link with which the owner of a new account chooses the first password: good once, for some days.

    Only a hash of its secret is kept, and the secret is made when the mail leaves: nobody but its reader has it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="invitations")
    sheet = models.ForeignKey(Sheet, models.SET_NULL, null=True, related_name="invitations")
    address = models.EmailField()
    secret_hash = models.CharField(max_length=64, blank=True)  # empty: the mail has not left, or it is used
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("account",), condition=Q(used_at=None, cancelled_at=None), name="invitation_open_once"
            ),
            models.UniqueConstraint(
                fields=("secret_hash",), condition=~Q(secret_hash=""), name="invitation_secret_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}"


class Departure(models.Model):
    """The day from which an official had no post any more: what was closed that day, and what waits for a successor."""

    official = models.ForeignKey(Official, models.PROTECT, related_name="departures")
    on = models.DateField()  # the first day without a post
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")  # of the last post
    closed_at = models.DateTimeField()
    ended = models.JSONField(default=dict)  # what was closed, and how many of each
    work = models.JSONField(default=list)  # what was held then: [{label, title, href}, …]
    successor = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("official", "on"), name="departure_once")]
        indexes: ClassVar = [models.Index(fields=("-on",), name="departures_by_day")]

    def __str__(self) -> str:
        return f"{self.official} {self.on}"


class Directory(models.Model):
    """The organisations whose officials a connected system keeps up to date over SCIM, with the parts below them."""

    system = models.OneToOneField(System, models.CASCADE, primary_key=True, related_name="directory")
    organizations = models.ManyToManyField(Organization, related_name="+")
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.system}"


class ExternalId(models.Model):
    """An official whom a system keeps up to date, and the name the official has there (RFC 7643, 3.1)."""

    system = models.ForeignKey(System, models.CASCADE, related_name="+")
    official = models.ForeignKey(Official, models.CASCADE, related_name="external_ids")
    external_id = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("system", "official"), name="external_id_of_official_once"),
            models.UniqueConstraint(
                fields=("system", "external_id"), condition=~Q(external_id=""), name="external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
