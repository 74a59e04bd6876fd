"""Contents are kept once, whole, and found again; what is damaged or unused is noticed."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.utils import timezone

from hienluong.foundation.files import integrity, store
from hienluong.foundation.files.models import Blob, StoredFile
from hienluong.foundation.files.tasks import clean_unused

from . import samples

NOW = timedelta(0)


def keep(data: bytes, name: str = "don.pdf") -> StoredFile:
    return store(BytesIO(data), name=name, owner=7, purpose="kiem-thu")


def path_of(contents: Path, file: StoredFile) -> Path:
    return contents / file.blob_id[:2] / file.blob_id


@pytest.mark.django_db
def test_one_content_is_kept_once_under_its_digest(contents: Path) -> None:
    data = samples.plain_pdf()
    first, second = keep(data), keep(data, "ten khac.pdf")
    assert first.blob_id == second.blob_id == hashlib.sha256(data).hexdigest()
    assert first.pk != second.pk
    assert path_of(contents, first).read_bytes() == data
    assert [p.name for p in contents.rglob("*") if p.is_file()] == [first.blob_id]


@pytest.mark.django_db
def test_missing_and_altered_contents_are_named(contents: Path) -> None:
    whole, lost, changed = (keep(samples.png(n, n), "anh.png") for n in (1, 2, 3))
    assert list(integrity.check()) == []
    path_of(contents, lost).unlink()
    path_of(contents, changed).write_bytes(b"khac")
    assert {(f.sha256, f.kind) for f in integrity.check()} == {(lost.blob_id, "missing"), (changed.blob_id, "altered")}
    assert whole.open().read()


@pytest.mark.django_db
def test_cleaning_takes_only_what_nothing_names_and_only_after_the_grace(contents: Path) -> None:
    named, unused = keep(samples.png(1, 1), "a.png"), keep(samples.png(2, 2), "b.png")
    unused.delete()
    assert integrity.clean() == 0
    Blob.objects.update(created_at=timezone.now() - timedelta(days=3))
    clean_unused(0)
    assert path_of(contents, named).exists()
    assert not path_of(contents, unused).exists()
    assert list(Blob.objects.values_list("pk", flat=True)) == [named.blob_id]


@pytest.mark.django_db(transaction=True)
def test_what_an_undone_transaction_left_is_a_stray_and_is_cleaned(contents: Path) -> None:
    with transaction.atomic():
        file = keep(samples.plain_pdf())
        transaction.set_rollback(True)
    left = path_of(contents, file)
    assert left.exists()
    assert list(integrity.strays()) == []  # still young
    assert list(integrity.strays(NOW)) == [file.blob_id]
    old = time.time() - 3 * 24 * 3600
    os.utime(left, (old, old))
    assert integrity.clean() == 1
    assert not left.exists()
    assert not Blob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_keeping_and_cleaning_the_same_content_at_once_loses_nothing(contents: Path) -> None:
    data = samples.plain_pdf()
    stop = threading.Event()

    def clean() -> None:
        try:
            while not stop.is_set():
                integrity.clean(NOW)
        finally:
            connections.close_all()

    def keep_and_drop(worker: int) -> None:
        try:
            for _ in range(15):
                file = keep(data)
                with file.open() as stream:
                    assert stream.read() == data
                file.delete()
        finally:
            connections.close_all()

    cleaner = threading.Thread(target=clean)
    cleaner.start()
    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(keep_and_drop, range(3)))
    finally:
        stop.set()
        cleaner.join()
    keep(data)
    assert list(integrity.check()) == []
