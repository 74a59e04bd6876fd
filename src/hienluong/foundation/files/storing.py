"""Taking a file in: streamed, measured, checked, then kept by its content."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from .blobs import blob_store
from .checks import clean_name, examine, refuse
from .models import Blob, StoredFile
from .scanning import scan

CHUNK = 64 * 1024


def store(stream: Any, *, name: str, owner: int | None, purpose: str, limit: int | None = None) -> StoredFile:
    """Keep a file and return its record.

    `stream` is anything with ``read(size)`` (an upload, a file, BytesIO); `owner` an account id; `limit` bytes.
    Raises InvalidInput in plain words for what is too large, empty, of a type we do not take, a bomb or a trap.
    """
    most = limit or settings.MAX_UPLOAD_BYTES
    with tempfile.TemporaryDirectory(prefix="hienluong-tep-") as folder:
        path = Path(folder) / "tep"
        digest = hashlib.sha256()
        with path.open("wb") as out:
            for chunk in _bounded(stream, most, name):
                digest.update(chunk)
                out.write(chunk)
        kind = examine(path, name)
        scanned = scan(path)
        with transaction.atomic():
            blob = _keep(digest.hexdigest(), path, kind.media_type)
            return StoredFile.objects.create(
                blob=blob,
                name=clean_name(name),
                owner_id=owner,
                purpose=purpose,
                scan=StoredFile.Scan.CLEAN if scanned else StoredFile.Scan.NOT_SCANNED,
            )


def keep_made(stream: IO[bytes], *, name: str, owner: int | None, purpose: str, media_type: str) -> StoredFile:
    """Keep a file that the product made itself, of whatever type and size, and return its record.

    It is given out as an attachment only, as all that is neither PDF nor picture. For what people hand in there is
    :func:`store`, which looks into it.
    """
    with tempfile.TemporaryDirectory(prefix="hienluong-tep-") as folder:
        path = Path(folder) / "tep"
        digest = hashlib.sha256()
        with path.open("wb") as out:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
        with transaction.atomic():
            blob = _keep(digest.hexdigest(), path, media_type)
            return StoredFile.objects.create(
                blob=blob, name=clean_name(name), owner_id=owner, purpose=purpose, scan=StoredFile.Scan.CLEAN
            )


def _keep(sha256: str, path: Path, media_type: str) -> Blob:
    """The row of this content, locked until the transaction ends, with the content in the store.

    The lock keeps the cleaning of unused contents (``integrity.clean``) from taking it away in between.
    """
    fresh = Blob(sha256=sha256, size=path.stat().st_size, media_type=media_type)
    while True:
        Blob.objects.bulk_create([fresh], ignore_conflicts=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM files_blob WHERE sha256 = %s FOR KEY SHARE", [sha256])
            there = cursor.fetchone() is not None
        if there:
            blob_store().put(sha256, path)
            return fresh


def _bounded(stream: Any, most: int, name: str) -> Iterator[bytes]:
    read = 0
    while chunk := stream.read(CHUNK):
        read += len(chunk)
        if read > most:
            raise refuse(
                _("Tệp “%(name)s” lớn quá %(most)s MB.") % {"name": clean_name(name), "most": most // (1024 * 1024)},
                "too_large",
            )
        yield chunk
