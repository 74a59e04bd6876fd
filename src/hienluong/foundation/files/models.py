"""What is kept: contents by their SHA-256, and the names people gave them."""

from __future__ import annotations

import uuid
from typing import BinaryIO, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .blobs import blob_store


class Blob(models.Model):
    """One content, kept once however often it was uploaded."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blob_sha256_form")
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class StoredFile(models.Model):
    """One file somebody handed in or the product made: a name, an owner, a purpose, a content."""

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", _("Chưa quét")
        CLEAN = "clean", _("Sạch")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    owner_id = models.BigIntegerField(null=True)  # account
    purpose = models.CharField(max_length=60)
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("purpose", "created_at"), name="file_by_purpose")]

    def __str__(self) -> str:
        return self.name

    def open(self) -> BinaryIO:
        """The content, as a stream to close after use."""
        return blob_store().open(self.blob_id)

    @property
    def media_type(self) -> str:
        """The type found in the content."""
        return self.blob.media_type

    @property
    def size(self) -> int:
        """Bytes."""
        return self.blob.size


class Opening(models.Model):
    """When somebody was last given a file and it was written down: once a while, however many parts they asked for."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="openings")
    reader = models.CharField(max_length=64)  # an account, or the address of somebody who is not signed in
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("file", "reader"), name="opening_once_a_reader")]
        indexes: ClassVar = [models.Index(fields=("at",), name="opening_by_time")]

    def __str__(self) -> str:
        return f"{self.reader}: {self.file_id}"
