"""A folder and an S3 bucket keep contents alike. The S3 is a real server that answers over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from hienluong.foundation.files import integrity, store
from hienluong.foundation.files.blobs import BlobStore, LocalStore, S3Store, blob_store

from . import samples

DIGEST = "ab" * 32
OTHER = "cd" * 32


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "thu")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "thu")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    kept = S3Store("hienluong-thu", s3_endpoint)
    kept.client.create_bucket(Bucket=kept.bucket)
    yield kept
    for digest in list(kept.keys()):
        kept.delete(digest)
    kept.client.delete_object(Bucket=kept.bucket, Key="cua-nguoi-khac.txt")
    kept.client.delete_bucket(Bucket=kept.bucket)


@pytest.fixture(params=["folder", "bucket"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "bucket":
        found: BlobStore = request.getfixturevalue("bucket")
        return found
    return LocalStore(tmp_path / "contents")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tep"
    path.write_bytes(b"noi dung " * 200_000)
    return path


def test_a_content_comes_back_as_it_was_and_can_be_read_from_the_middle(any_store: BlobStore, source: Path) -> None:
    any_store.put(DIGEST, source)
    with any_store.open(DIGEST) as stream:
        stream.seek(9)
        assert stream.read(8) == b"noi dung"
        stream.seek(0)
        assert stream.read() == source.read_bytes()


def test_keeping_twice_changes_nothing(any_store: BlobStore, source: Path, tmp_path: Path) -> None:
    any_store.put(DIGEST, source)
    (tmp_path / "khac").write_bytes(b"khac")
    any_store.put(DIGEST, tmp_path / "khac")
    with any_store.open(DIGEST) as stream:
        assert stream.read(8) == b"noi dung"
    assert list(any_store.keys()) == [DIGEST]


def test_what_is_not_there_is_said_to_be_not_there(any_store: BlobStore) -> None:
    with pytest.raises(FileNotFoundError):
        any_store.open(OTHER)
    any_store.delete(OTHER)


def test_only_what_is_older_than_a_moment_is_listed(any_store: BlobStore, source: Path) -> None:
    any_store.put(DIGEST, source)
    now = datetime.now(UTC)
    assert list(any_store.keys(before=now - timedelta(hours=1))) == []
    assert list(any_store.keys(before=now + timedelta(hours=1))) == [DIGEST]
    any_store.delete(DIGEST)
    assert list(any_store.keys()) == []


def test_a_strangers_object_in_the_bucket_is_left_alone(bucket: S3Store) -> None:
    bucket.client.put_object(Bucket=bucket.bucket, Key="cua-nguoi-khac.txt", Body=b"x")
    assert list(bucket.keys()) == []


def test_a_half_written_file_is_never_seen(tmp_path: Path) -> None:
    kept = LocalStore(tmp_path / "contents")
    with pytest.raises(FileNotFoundError):
        kept.put(DIGEST, tmp_path / "khong-co")
    assert list(kept.keys()) == []
    assert [p for p in kept.root.rglob("*") if p.is_file()] == []


@pytest.mark.django_db
def test_files_live_in_a_bucket_when_one_is_set(bucket: S3Store, s3_endpoint: str, settings: Any) -> None:
    settings.S3_BUCKET, settings.S3_ENDPOINT = bucket.bucket, s3_endpoint
    blob_store.cache_clear()
    data = samples.plain_pdf()
    file = store(BytesIO(data), name="don.pdf", owner=None, purpose="kiem-thu")
    assert list(bucket.keys()) == [file.blob_id]
    assert file.open().read() == data
    assert list(integrity.check()) == []
    bucket.delete(file.blob_id)
    assert [fault.kind for fault in integrity.check()] == ["missing"]
