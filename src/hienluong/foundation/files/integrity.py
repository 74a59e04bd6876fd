"""Proving that what the database names is there and unaltered, and cleaning up what nothing names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from .blobs import blob_store
from .models import Blob


@dataclass(frozen=True)
class Fault:
    """A content that is missing or altered."""

    sha256: str
    kind: str

    def __str__(self) -> str:
        return f"Tệp {self.sha256[:12]}… {'bị mất' if self.kind == 'missing' else 'đã bị sửa'}."


def check() -> Iterator[Fault]:
    """Read every content and compare it with its digest."""
    for sha256 in Blob.objects.values_list("sha256", flat=True).iterator():
        digest = hashlib.sha256()
        try:
            with blob_store().open(sha256) as stream:
                while chunk := stream.read(1 << 20):
                    digest.update(chunk)
        except FileNotFoundError:
            yield Fault(sha256, "missing")
            continue
        if digest.hexdigest() != sha256:
            yield Fault(sha256, "altered")


def clean(grace: timedelta = timedelta(days=2)) -> int:
    """Delete contents that no file names any more and that are older than `grace`; returns how many."""
    old = Blob.objects.filter(files__isnull=True, created_at__lt=timezone.now() - grace)
    gone = 0
    for sha256 in list(old.values_list("sha256", flat=True)[:5000]):
        if Blob.objects.filter(sha256=sha256, files__isnull=True).delete()[0]:
            blob_store().delete(sha256)
            gone += 1
    return gone
