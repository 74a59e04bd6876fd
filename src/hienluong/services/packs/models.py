"""What this installation knows of packs: which are installed, what they brought, their history, whom it trusts."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization


class Content(models.Model):
    """The files of a pack as they were installed, with their signature: once for the same files. Never changes."""

    digest = models.CharField(max_length=64, primary_key=True)  # of the files and the signature
    archive = models.BinaryField()  # a ZIP
    size = models.PositiveIntegerField()  # bytes of the files

    def __str__(self) -> str:
        return self.digest[:12]


class Package(models.Model):
    """A pack that is installed, or was."""

    class State(models.TextChoices):
        INSTALLED = "installed", _("Đang dùng")
        REMOVED = "removed", _("Đã gỡ")

    class Origin(models.TextChoices):
        PRODUCT = "product", _("Đi kèm hệ thống")
        WHEEL = "wheel", _("Gói cài bằng pip")
        FOLDER = "folder", _("Thư mục trên máy chủ")
        UPLOAD = "upload", _("Tải lên từ trình duyệt")
        BUILT = "built", _("Dựng trong trình duyệt")

    name = models.CharField(max_length=100, unique=True)  # business.household
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=State.choices, default=State.INSTALLED)
    origin = models.CharField(max_length=7, choices=Origin.choices)
    owner = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")  # None: not one of ours
    depends_on = models.JSONField(default=list)
    digest = models.CharField(max_length=64)  # of the files without the signature
    content = models.ForeignKey(Content, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=("installed", "removed"))
                & Q(origin__in=("product", "wheel", "folder", "upload", "built")),
                name="package_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Part(models.Model):
    """One thing that a pack brought: nothing belongs to two packs."""

    class Kind(models.TextChoices):
        CODELIST = "codelist", _("Danh mục")
        REGISTER = "register", _("Cơ sở dữ liệu")
        PROCEDURE = "procedure", _("Thủ tục")
        SCORING = "scoring", _("Biểu chấm điểm")

    package = models.ForeignKey(Package, models.PROTECT, related_name="parts")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    code = models.CharField(max_length=60)

    class Meta:
        ordering = ("kind", "code")
        constraints: ClassVar = [models.UniqueConstraint(fields=("kind", "code"), name="part_of_one_package")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Installation(models.Model):
    """One thing that was done with a pack: what was installed or taken away, signed by whom, by whom, when."""

    class Kind(models.TextChoices):
        INSTALL = "install", _("Cài lần đầu")
        UPDATE = "update", _("Cập nhật")
        DOWNGRADE = "downgrade", _("Hạ phiên bản")
        REINSTALL = "reinstall", _("Cài lại")
        UNINSTALL = "uninstall", _("Gỡ")

    package = models.ForeignKey(Package, models.PROTECT, related_name="history")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    version = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    content = models.ForeignKey(Content, models.PROTECT, related_name="+")
    origin = models.CharField(max_length=7, choices=Package.Origin.choices)
    signer = models.CharField(max_length=200, blank=True)  # as it was called then; empty: not signed
    fingerprint = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    did = models.JSONField(default=dict)  # {"new": [file …], "changed": …, "refused": …}

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.package_id} {self.kind} {self.version}"


class Offer(models.Model):
    """A pack that was uploaded and is looked at before it is installed; a week at most."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    archive = models.BinaryField()  # a ZIP of the files that were sound
    at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class TrustedSigner(models.Model):
    """A key whose packs may be installed here, from when until when."""

    name = models.CharField(max_length=200)
    key = models.CharField(max_length=44)  # base64 of an Ed25519 public key
    fingerprint = models.CharField(max_length=64)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.CharField(max_length=200)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("fingerprint",), condition=Q(removed_at=None), name="signer_trusted_once")
        ]

    def __str__(self) -> str:
        return self.name
