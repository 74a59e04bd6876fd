"""The register of issued files, what a QR code leads to; who is to sign what, with which key."""

from __future__ import annotations

import hashlib
import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Official, Organization


class IssuedFile(models.Model):
    """One signed file as issued. The title names the kind of paper, never a person."""

    class State(models.TextChoices):
        IN_FORCE = "in_force", _("Còn hiệu lực")
        REVOKED = "revoked", _("Đã thu hồi")

    token = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, unique=True)
    file_id = models.UUIDField()
    issuer_code = models.CharField(max_length=35)
    issuer_name = models.CharField(max_length=200)
    signers = models.JSONField(default=list)
    #: What a stranger may compare with the paper in their hands: ``[{"code", "value"}]``, personal data masked.
    facts = models.JSONField(default=list)
    valid_until = models.DateField(null=True)
    subject_ref = models.CharField(max_length=100, db_index=True)
    log_index = models.BigIntegerField()
    issued_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IN_FORCE)
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.TextField(blank=True)
    #: What was issued in its place, in words (a number, a day); empty when nothing was.
    replaced_by = models.CharField(max_length=120, blank=True)
    #: The days on which the paper is suspended; without a last day until that is lifted.
    suspended_since = models.DateField(null=True)
    suspended_until = models.DateField(null=True)
    #: When the certificate of the last timestamp over this paper ends: that of its newest long-term copy, if it has one.
    proof_ends = models.DateTimeField(null=True)
    #: Whether `proof_ends` was looked up: in the night after the paper was issued, since reading a file takes a while.
    proof_read = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="in_force") | models.Q(revoked_at__isnull=False), name="revoked_has_a_time"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=("proof_ends", "token"), name="issued_by_end_of_proof"),
            models.Index(fields=("log_index",), name="issued_unread_proof", condition=models.Q(proof_read=False)),
        ]

    def __str__(self) -> str:
        return self.token


class LongTermCopy(models.Model):
    """A signed paper with one more timestamp over all of it: bản lưu trữ dài hạn. The file as issued stays beside it."""

    issued = models.ForeignKey(IssuedFile, models.PROTECT, related_name="long_term_copies")
    file_id = models.UUIDField(unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    proof_ends = models.DateTimeField()
    log_index = models.BigIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("issued", "proof_ends"), name="long_term_copy_once_a_timestamp")
        ]

    def __str__(self) -> str:
        return f"{self.issued_id} → {self.proof_ends:%d/%m/%Y}"


class TrustAnchor(models.Model):
    """The certificate of an authority of others that we believe, added by who looks after the installation."""

    fingerprint = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the certificate, hexadecimal
    certificate = models.BinaryField()
    name = models.CharField(max_length=300)
    issuer = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    #: Why it is believed: the decision or circular, or where the certificate was published.
    basis = models.CharField(max_length=300)
    added_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name


class Holder(models.TextChoices):
    """Who holds a key and stands in a signature."""

    OFFICIAL = "official", _("Người ký")
    ORGANIZATION = "organization", _("Cơ quan, tổ chức")


class Look(models.TextChoices):
    """What a signature looks like on the page (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""

    LEADER = "leader", _("Chữ ký của người có thẩm quyền")
    SEAL = "seal", _("Dấu của cơ quan, tổ chức")
    ANNEX = "annex", _("Chữ ký số trên phụ lục hoặc văn bản kèm theo")
    WORDS = "words", _("Khung chữ")
    NONE = "none", _("Không hiện trên trang")


class Held(models.Model):
    """What belongs to one holder: an official or an organisation, never both."""

    holder_kind = models.CharField(max_length=12, choices=Holder.choices)
    official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def holder(self) -> Official | Organization:
        """Whose it is."""
        found = self.official if self.holder_kind == Holder.OFFICIAL else self.organization
        assert found is not None
        return found

    @property
    def holder_name(self) -> str:
        """The name of the holder, as it is today."""
        return str(self.holder)


def _one_holder(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(holder_kind="official", official__isnull=False, organization__isnull=True)
        | models.Q(holder_kind="organization", official__isnull=True, organization__isnull=False),
        name=name,
    )


class SigningKey(Held):
    """A key that was enrolled for a holder: where it lies and its certificate, never the key itself nor its PIN."""

    class Provider(models.TextChoices):
        PKCS12 = "pkcs12", _("Chứng thư trình diễn của hệ thống")
        PKCS11 = "pkcs11", _("Thiết bị lưu khóa (PKCS#11)")
        CSC = "csc", _("Ký từ xa, xác nhận trên điện thoại")

    class State(models.TextChoices):
        ACTIVE = "active", _("Đang dùng")
        RETIRED = "retired", _("Đã thôi dùng")

    provider = models.CharField(max_length=8, choices=Provider.choices)
    #: Which token or service of the settings; empty for the demo's own.
    source = models.CharField(max_length=40, blank=True)
    #: The label of the key in the token, the credential's number at the service, the name of the demo's key file.
    credential = models.CharField(max_length=200)
    certificate = models.BinaryField()  # DER
    chain = models.BinaryField(default=bytes)  # DER certificates of those above it, one after the other
    serial = models.CharField(max_length=64)
    issuer_name = models.CharField(max_length=200)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    enrolled_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)
    retired_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            _one_holder("signing_key_of_one"),
            models.UniqueConstraint(
                fields=("official",), condition=models.Q(state="active"), name="signing_key_one_an_official"
            ),
            models.UniqueConstraint(
                fields=("organization",), condition=models.Q(state="active"), name="signing_key_one_an_organization"
            ),
            models.CheckConstraint(
                condition=models.Q(state="active") | models.Q(retired_at__isnull=False), name="signing_key_retired_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.serial[-8:]}"


class SignatureRequest(models.Model):
    """A file that one or several holders are to sign, in order."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Đang chờ ký")
        COMPLETED = "completed", _("Đã ký xong")
        REFUSED = "refused", _("Đã từ chối ký")
        CANCELLED = "cancelled", _("Đã hủy yêu cầu")

    class Level(models.TextChoices):
        B = "B-B", _("B-B: chỉ chữ ký")
        T = "B-T", _("B-T: có dấu thời gian")
        LT = "B-LT", _("B-LT: có dữ liệu để xác minh lâu dài")
        LTA = "B-LTA", _("B-LTA: có dấu thời gian lưu trữ")

    class Form(models.TextChoices):
        PADES = "pades", _("Chữ ký trong tệp PDF (PAdES)")
        XADES = "xades", _("Chữ ký trong tệp XML (XAdES)")
        CADES = "cades", _("Chữ ký trong tệp riêng (CAdES)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_ref = models.CharField(max_length=100, db_index=True)
    title = models.CharField(max_length=300)
    #: Number and notation of the document (12/QĐ-UBND); an annex shows it beside the signing time.
    notation = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300)
    location = models.CharField(max_length=100, blank=True)
    form = models.CharField(max_length=8, choices=Form.choices)
    level = models.CharField(max_length=8, choices=Level.choices)
    original_id = models.UUIDField()
    #: The file as it is now: with every signature made so far. For CAdES the original; the signature is `signature_id`.
    file_id = models.UUIDField()
    signature_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    opened_by_label = models.CharField(max_length=120)
    opened_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="waiting") | models.Q(ended_at__isnull=False), name="signature_request_ended"
            )
        ]

    def __str__(self) -> str:
        return self.title


class SigningBatch(models.Model):
    """What one holder confirmed at once, with one key: made in the background, one confirmation on the phone."""

    class State(models.TextChoices):
        WORKING = "working", _("Đang ký")
        ASKED = "asked", _("Chờ xác nhận trên điện thoại")
        DONE = "done", _("Đã ký")
        REFUSED = "refused", _("Đã từ chối trên điện thoại")
        FAILED = "failed", _("Không ký được")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="batches")
    account_id = models.BigIntegerField(null=True)
    official_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WORKING)
    #: What the remote service calls the confirmation that it waits for.
    handle = models.CharField(max_length=200, blank=True)
    #: In plain words, what is in the way just now; empty when nothing is.
    trouble = models.CharField(max_length=500, blank=True)
    tries = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("touched_at",), name="signing_batch_open", condition=models.Q(state__in=("working", "asked"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.made_at:%d/%m/%Y %H:%M}" if self.made_at else self.actor_label


class SignatureMark(Held):
    """One signature of a request: whose, where on the page, and how far it is."""

    class State(models.TextChoices):
        LATER = "later", _("Chưa đến lượt")
        TURN = "turn", _("Chờ ký")
        SIGNING = "signing", _("Đang ký")
        SIGNED = "signed", _("Đã ký")
        REFUSED = "refused", _("Từ chối")
        CANCELLED = "cancelled", _("Đã hủy")

    request = models.ForeignKey(SignatureRequest, models.CASCADE, related_name="marks")
    order = models.PositiveSmallIntegerField()
    field = models.CharField(max_length=60)
    #: What the page calls the signer: "CHỦ TỊCH".
    title = models.CharField(max_length=200, blank=True)
    look = models.CharField(max_length=8, choices=Look.choices)
    page = models.PositiveIntegerField(default=0)  # from 1; 0: the last
    box = ArrayField(models.FloatField(), size=4, null=True)  # points from the lower left corner: x0, y0, x1, y1
    state = models.CharField(max_length=10, choices=State.choices, default=State.LATER)
    batch = models.ForeignKey(SigningBatch, models.PROTECT, null=True, related_name="marks")
    key = models.ForeignKey(SigningKey, models.PROTECT, null=True, related_name="marks")
    #: What was got ready for a key that is elsewhere: the file with its gap, and what is to be signed.
    prepared_id = models.UUIDField(null=True)
    prepared = models.JSONField(default=dict)
    to_sign = models.BinaryField(default=bytes)
    raw = models.BinaryField(default=bytes)
    signed_at = models.DateTimeField(null=True)
    signed_by_label = models.CharField(max_length=120, blank=True)
    refused_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["request", "order"]
        constraints: ClassVar = [
            _one_holder("signature_mark_of_one"),
            models.UniqueConstraint(fields=("request", "order"), name="signature_mark_once_an_order"),
            models.UniqueConstraint(fields=("request", "field"), name="signature_mark_once_a_field"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("official",), name="mark_waits_for_official", condition=models.Q(state__in=("turn", "signing"))
            ),
            models.Index(
                fields=("organization",), name="mark_waits_for_seal", condition=models.Q(state__in=("turn", "signing"))
            ),
        ]

    def __str__(self) -> str:
        return self.field

    @property
    def digest(self) -> str:
        """What a telephone shows of what is to be signed: SHA-256, hexadecimal; empty while there is nothing."""
        return hashlib.sha256(bytes(self.to_sign)).hexdigest() if self.to_sign else ""


class SignaturePicture(Held):
    """The picture of a handwritten signature or of a seal, as the decree wants it: PNG with a transparent ground."""

    file_id = models.UUIDField()
    put_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            _one_holder("signature_picture_of_one"),
            models.UniqueConstraint(fields=("official",), name="signature_picture_one_an_official"),
            models.UniqueConstraint(fields=("organization",), name="signature_picture_one_an_organization"),
        ]

    def __str__(self) -> str:
        return self.holder_name
