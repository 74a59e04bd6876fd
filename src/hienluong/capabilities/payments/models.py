"""Money: what is charged, what was paid, every notice as it came, receipts, refunds. Whole đồng, exact."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Organization

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A reference that fits a bank's transfer text: ``HL`` and 10 characters that are not mistaken for one another."""
    return "HL" + "".join(secrets.choice(ALPHABET) for _ in range(10))


def new_access() -> str:
    """What lets whoever holds the link see and pay a charge."""
    return secrets.token_urlsafe(16)


class Charge(models.Model):
    """What is to be paid for one thing."""

    class State(models.TextChoices):
        DUE = "due", _("Chưa nộp")
        PAID = "paid", _("Đã nộp")
        REFUNDED = "refunded", _("Đã hoàn trả")
        CANCELLED = "cancelled", _("Đã hủy")

    reference = models.CharField(max_length=20, unique=True, default=new_reference)
    access = models.CharField(max_length=40, default=new_access)
    subject_ref = models.CharField(max_length=100, db_index=True)
    payer_id = models.BigIntegerField(null=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)  # fee (phí), levy (lệ phí)
    lines = models.JSONField(default=list)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    created_at = models.DateTimeField(auto_now_add=True)
    paid_at = models.DateTimeField(null=True)
    #: Why giving the money back should be looked at: what it was paid for will not be done. Empty: nothing to look at.
    refund_advice = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes: ClassVar = [
            models.Index(
                fields=("paid_at",), name="charge_refund_advised", condition=~Q(refund_advice="") & Q(state="paid")
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="charge_amount_positive"),
            models.CheckConstraint(
                condition=~Q(state__in=("paid", "refunded")) | Q(paid_at__isnull=False), name="paid_charge_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def refund(self) -> Refund | None:
        """The refund of what was paid, whatever its state. Lists prefetch ``payments__refund`` (``queries``)."""
        given = [payment.refund for payment in self.payments.all() if hasattr(payment, "refund")]
        return max(given, key=lambda refund: refund.pk, default=None)


class Payment(models.Model):
    """Money that came in for a charge: through a provider or in cash."""

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20)  # bank, cash
    provider_ref = models.CharField(max_length=80)
    amount = models.BigIntegerField()
    paid_at = models.DateTimeField()
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("provider", "provider_ref"), name="payment_once"),
            models.UniqueConstraint(
                fields=("charge",), name="one_payment_a_charge", condition=Q(refunded_at__isnull=True)
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}:{self.provider_ref}"


class Notice(models.Model):
    """One message of a bank or gateway exactly as it came, and what was made of it."""

    class Verdict(models.TextChoices):
        APPLIED = "applied", _("Đã ghi nhận")
        REPEATED = "repeated", _("Đã ghi nhận trước đó")
        SUSPENSE = "suspense", _("Chờ đối soát")
        REFUSED = "refused", _("Bị từ chối")

    provider = models.CharField(max_length=20)
    raw = models.TextField()
    provider_ref = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    amount = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("verdict", "at"), name="notice_by_verdict")]

    def __str__(self) -> str:
        return f"{self.provider} {self.provider_ref}"


class ReceivingAccount(models.Model):
    """Where the charges of an organisation, and of those below it without an account of their own, are paid to."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    bank = models.CharField(max_length=6)  # BIN of NAPAS
    bank_name = models.CharField(max_length=100)
    account = models.CharField(max_length=19)
    name = models.CharField(max_length=100)
    valid = DateRangeField()
    legal_basis = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_account_a_day",
                expressions=[("organization", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(bank__regex=r"^\d{6}$"), name="account_bank_is_a_bin"),
            models.CheckConstraint(condition=Q(account__regex=r"^[0-9A-Za-z]{1,19}$"), name="account_number_form"),
        ]

    def __str__(self) -> str:
        return f"{self.account} ({self.bank_name})"


class Statement(models.Model):
    """That the statement of one day was fetched from a provider, when last, and its sums."""

    provider = models.CharField(max_length=20)
    day = models.DateField()
    fetched_at = models.DateTimeField()
    count = models.IntegerField()
    came_in = models.BigIntegerField()
    went_out = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("provider", "day"), name="one_statement_a_day")]

    def __str__(self) -> str:
        return f"{self.provider} {self.day}"


class StatementLine(models.Model):
    """One line of a statement, as the provider booked it."""

    class Direction(models.TextChoices):
        IN = "in", _("Tiền vào")
        OUT = "out", _("Tiền ra")

    provider = models.CharField(max_length=20)
    transaction = models.CharField(max_length=80)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    amount = models.BigIntegerField()
    content = models.CharField(max_length=100, blank=True)
    booked_at = models.DateTimeField()
    day = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("provider", "transaction", "direction"), name="statement_line_once")
        ]
        indexes: ClassVar = [models.Index(fields=("provider", "day"), name="statement_line_by_day")]

    def __str__(self) -> str:
        return f"{self.provider}:{self.transaction}"


class Discrepancy(models.Model):
    """Where our books, what the provider told us and its statement do not agree about one transaction."""

    class Kind(models.TextChoices):
        SUSPENSE = "suspense", _("Tiền vào chưa biết của khoản nào")
        SILENT = "silent", _("Có trong sao kê, ngân hàng không báo có")
        UNBOOKED = "unbooked", _("Đã báo có, không có trong sao kê")
        AMOUNT = "amount", _("Sao kê ghi số tiền khác báo có")
        OUT = "out", _("Tiền ra không có lệnh hoàn trả")
        NOT_OUT = "not_out", _("Đã ghi hoàn trả, không có trong sao kê")

    class State(models.TextChoices):
        OPEN = "open", _("Chưa xử lý")
        RETURNING = "returning", _("Đang trả lại")
        RESOLVED = "resolved", _("Đã xử lý")

    class Resolution(models.TextChoices):
        ASSIGNED = "assigned", _("Gán cho khoản thu")
        RETURNED = "returned", _("Trả lại người chuyển")
        EXPLAINED = "explained", _("Giải trình")
        CLEARED = "cleared", _("Tự khớp ở lần lấy sao kê sau")

    provider = models.CharField(max_length=20)
    transaction = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    day = models.DateField()
    content = models.CharField(max_length=100, blank=True)
    why = models.CharField(max_length=200, blank=True)
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, related_name="+")
    charged = models.BigIntegerField(null=True)  # what we have booked
    told = models.BigIntegerField(null=True)  # what the notice said
    booked = models.BigIntegerField(null=True)  # what the statement says
    seen_at = models.DateTimeField(auto_now_add=True)
    resolution = models.CharField(max_length=10, choices=Resolution.choices, blank=True)
    note = models.TextField(blank=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True)
    return_ref = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("provider", "transaction", "kind"), name="one_discrepancy_a_kind"),
            models.CheckConstraint(
                condition=~Q(state="resolved") | (~Q(resolution="") & Q(resolved_at__isnull=False)),
                name="resolved_says_how_and_when",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("state", "-day"), name="discrepancy_by_state")]

    def __str__(self) -> str:
        return f"{self.provider}:{self.transaction}"

    @property
    def money(self) -> int:
        """The amount that came in, as far as anybody said: the statement is believed before the notice."""
        return self.booked or self.told or 0

    @property
    def number(self) -> str:
        """What the provider knows a return of this money by."""
        return f"TL-{self.pk}"


class SeenNonce(models.Model):
    """A nonce that was used: the same signed message sent again is not believed. Kept as long as messages are fresh."""

    provider = models.CharField(max_length=20)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("provider", "nonce"), name="nonce_once")]

    def __str__(self) -> str:
        return f"{self.provider}:{self.nonce}"


class Receipt(models.Model):
    """The electronic receipt (biên lai) of a payment; numbers without gaps per organisation and year."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="receipt")
    serial = models.CharField(max_length=20)
    number = models.IntegerField()
    agency = models.CharField(max_length=300, blank=True)  # its name on the day of issue
    payer = models.CharField(max_length=300, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    token = models.CharField(max_length=40, blank=True)  # what the code on the paper carries, once it is sealed
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("issued_at",), name="receipt_unprinted", condition=Q(file=None))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("serial", "number"), name="receipt_number"),
            models.CheckConstraint(condition=Q(number__gt=0), name="receipt_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.serial} {self.number:07d}"


class Refund(models.Model):
    """Money given back, with the reason and who decided: asked of the provider, then paid or failed.

    There is one refund a payment, and its number is what the provider knows it by: asked often, paid once.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Đang hoàn trả")
        PAID = "paid", _("Đã hoàn trả")
        FAILED = "failed", _("Chưa hoàn trả được")

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="refund")
    amount = models.BigIntegerField()
    reason = models.TextField()
    decided_by = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    provider_ref = models.CharField(max_length=80, blank=True)
    why = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(settled_at__isnull=False), name="paid_refund_has_a_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("at",), name="refund_unsettled", condition=~Q(state="paid"))]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.amount}"

    @property
    def number(self) -> str:
        """What the provider knows this refund by."""
        return f"HT-{self.payment.charge.reference}"
