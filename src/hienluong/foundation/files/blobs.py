"""Where contents are: a local folder, or any S3. Both keep a content under its SHA-256 and never change it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings

DIGEST = re.compile(r"[0-9a-f]{64}")


class BlobStore(Protocol):
    """What a store of contents can do."""

    def put(self, sha256: str, source: Path) -> None:
        """Keep the file at `source` under its digest; keeping it again changes nothing."""

    def open(self, sha256: str) -> BinaryIO:
        """The content; FileNotFoundError when it is not there."""

    def keys(self, *, before: datetime | None = None) -> Iterator[str]:
        """Every digest that is kept, or those that were kept `before` a moment."""

    def delete(self, sha256: str) -> None:
        """Forget a content."""


class LocalStore:
    """Contents in a folder, spread over 256 sub-folders; written beside and moved into place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

    def put(self, sha256: str, source: Path) -> None:
        """Keep a content; on disk before this returns."""
        target = self._path(sha256)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".dang-ghi-")
        try:
            with os.fdopen(handle, "wb") as out, source.open("rb") as stream:
                while chunk := stream.read(1 << 20):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(target)
            _sync_folder(target.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def open(self, sha256: str) -> BinaryIO:
        """The content as a file."""
        return self._path(sha256).open("rb")

    def keys(self, *, before: datetime | None = None) -> Iterator[str]:
        """The digests kept, in no order."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/*"):
            if DIGEST.fullmatch(path.name) and (before is None or path.stat().st_mtime < before.timestamp()):
                yield path.name

    def delete(self, sha256: str) -> None:
        """Remove a content."""
        self._path(sha256).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name in this folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class S3Store:
    """Contents in a bucket of any S3 (``HIENLUONG_S3_BUCKET``, ``…_ENDPOINT``; keys as boto3 finds them)."""

    def __init__(self, bucket: str, endpoint: str = "") -> None:
        import boto3

        self.bucket = bucket
        self.client: Any = boto3.client("s3", endpoint_url=endpoint or None)

    def put(self, sha256: str, source: Path) -> None:
        """Upload a content unless it is there."""
        if self._has(sha256):
            return
        with source.open("rb") as stream:
            self.client.upload_fileobj(stream, self.bucket, sha256)

    def _has(self, sha256: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.client.head_object(Bucket=self.bucket, Key=sha256)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return False
            raise
        return True

    def open(self, sha256: str) -> BinaryIO:
        """The content, spooled to a temporary file so that it can be read in any order."""
        from botocore.exceptions import ClientError

        spool = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - the caller closes it
        try:
            self.client.download_fileobj(self.bucket, sha256, spool)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(sha256) from error
            raise
        spool.seek(0)
        return spool  # type: ignore[return-value]

    def keys(self, *, before: datetime | None = None) -> Iterator[str]:
        """The digests in the bucket; whatever else lies there is not ours."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for entry in page.get("Contents", ()):
                if DIGEST.fullmatch(entry["Key"]) and (before is None or entry["LastModified"] < before):
                    yield entry["Key"]

    def delete(self, sha256: str) -> None:
        """Delete an object."""
        self.client.delete_object(Bucket=self.bucket, Key=sha256)


@lru_cache(maxsize=1)
def blob_store() -> BlobStore:
    """The store of this installation."""
    if settings.S3_BUCKET:
        return S3Store(settings.S3_BUCKET, settings.S3_ENDPOINT)
    return LocalStore(Path(settings.FILES_ROOT))
