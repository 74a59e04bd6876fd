"""Proving that what the database names is there and unaltered, and cleaning up what nothing names."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from .blobs import blob_store
from .models import Blob

#: How long a content may be unused before it is deleted.
GRACE = timedelta(days=2)
BATCH = 5_000
#: Advisory lock: exclusive for who deletes contents, shared for who copies them (``house/backup.py``).
CLEANING_LOCK = 0x4869_656E_4C43

logger = logging.getLogger(__name__)


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


def strays(grace: timedelta = GRACE) -> Iterator[str]:
    """Contents older than `grace` that the database does not name: left by a transaction that was undone."""
    waiting: list[str] = []
    for sha256 in blob_store().keys(before=timezone.now() - grace):
        waiting.append(sha256)
        if len(waiting) == BATCH:
            yield from _unnamed(waiting)
            waiting = []
    yield from _unnamed(waiting)


def _unnamed(digests: list[str]) -> list[str]:
    named = set(Blob.objects.filter(pk__in=digests).values_list("pk", flat=True))
    return [sha256 for sha256 in digests if sha256 not in named]


def clean(grace: timedelta = GRACE) -> int:
    """Delete contents that no file names any more and that are older than `grace`; returns how many.

    Nothing is deleted while a backup runs: it copies contents after its snapshot of the database.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [CLEANING_LOCK])
        if cursor.fetchone() != (True,):
            logger.info("a backup runs; unused contents are deleted another night")
            return 0
    try:
        return _clean(grace)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [CLEANING_LOCK])


def _clean(grace: timedelta) -> int:
    old = Blob.objects.filter(files__isnull=True, created_at__lt=timezone.now() - grace)
    gone = sum(_forget(sha256) for sha256 in list(old.values_list("sha256", flat=True)[:BATCH]))
    for sha256 in list(strays(grace)):
        gone += _forget_stray(sha256)
    return gone


def _forget(sha256: str) -> bool:
    """Delete one content and its row, unless a file has come to name it."""
    with transaction.atomic():
        blob = Blob.objects.select_for_update().filter(pk=sha256).first()
        if blob is None or blob.files.exists():
            return False
        blob.delete()
        blob_store().delete(sha256)
        return True


def _forget_stray(sha256: str) -> bool:
    """Delete a content without a row: a row put in its place for the moment makes who wants to keep it wait."""
    with transaction.atomic():
        marker = Blob(sha256=sha256, size=0, media_type="")
        Blob.objects.bulk_create([marker], ignore_conflicts=True)
        mine = Blob.objects.filter(pk=sha256, size=0, media_type="").first()
        if mine is None:
            return False
        blob_store().delete(sha256)
        mine.delete()
        return True
