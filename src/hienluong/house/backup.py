"""One consistent archive of an installation, made while it runs.

The head of the audit log is signed and kept first. Then the database is dumped in one snapshot, and in that same
snapshot the head of the audit chain and the names (SHA-256) of all contents are read. Contents never change, and the
nightly cleaning that deletes unused ones does not run while a lock of ours is held, so all of them are still there
when they are copied after the dump: from the folder or, when an S3 bucket keeps them, from there. The manifest, last
in the archive, carries size and SHA-256 of each member and the head of the audit chain, so that a restored copy can
be proven whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

import psycopg

from .children import Plan
from .postgres import EmbeddedPostgres

FORMAT = 1
#: The advisory lock of ``foundation/files/integrity.py`` (its ``CLEANING_LOCK``).
CLEANING_LOCK = 0x4869_656E_4C43
MANIFEST = "manifest.json"
DATABASE = "database.dump"
SECRETS = "secrets"
#: What is in a state folder and is not kept: made anew, or about processes of this machine only.
_NOT_KEPT = frozenset({"pg", "pg.making", "run", "log", "static", "mail", "cache", "events", "gateway"})
#: What is kept in a way of its own: contents by the names in the snapshot, signed heads as they were before it.
FILES, ANCHORS = "files", "anchors"


class BackupFault(RuntimeError):
    """A backup or a restore that did not come out right; the message says what and why."""


@dataclass(frozen=True)
class Member:
    """One file of the archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class AuditHead:
    """The last row of the audit chain in the snapshot; `hash` in hexadecimal."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Report:
    """What an archive holds; `lost` are contents that the database names and that were not there, or altered."""

    files: int
    database_bytes: int
    audit_seq: int
    lost: list[str]


class _Hashing:
    """A readable stream that hashes what passes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(size)
        self.digest.update(chunk)
        return chunk


def make(plan: Plan, target: Path, *, with_secrets: bool = True) -> Report:
    """Write the archive (an uncompressed tar, mode 600) to `target`; an existing file is not overwritten.

    A content that is lost does not stop the backup of all others: it is named in the report and in the manifest.
    """
    if target.exists():
        raise BackupFault(f"Tệp {target} đã có. Chọn tên khác.")
    unfinished = target.with_name(f"{target.name}.part")
    dump = target.with_name(f"{target.name}.dump.part")
    members: list[Member] = []
    lost: list[str] = []
    try:
        with _no_cleaning(plan):
            heads = _sign_head(plan)
            with tempfile.TemporaryFile("w+") as names:
                audit = _dump(plan, dump, names)
                handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
                    with dump.open("rb") as stream:
                        members.append(_add(archive, DATABASE, stream))
                    members += _add_folder(archive, plan.state.path, with_secrets)
                    members += [_add(archive, f"{ANCHORS}/{name}", io.BytesIO(text)) for name, text in heads]
                    members += _add_contents(archive, names, lost)
                    _add_manifest(archive, members, audit, with_secrets, lost)
                    out.flush()
                    os.fsync(out.fileno())
        unfinished.rename(target)
    finally:
        dump.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
    return Report(len(members) - 1, members[0].size, audit.seq if audit else 0, lost)


@contextmanager
def _no_cleaning(plan: Plan) -> Iterator[None]:
    """Hold the lock that keeps the nightly cleaning of contents away; wait for one that runs.

    A transaction of its own: it begins before the snapshot, or what is cleaned in between would be missing.
    """
    try:
        connection = psycopg.connect(plan.database_url, connect_timeout=10)
    except psycopg.Error as error:
        raise BackupFault(f"Không đọc được cơ sở dữ liệu: {error}. Hệ thống có đang chạy không?") from error
    with connection:
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [CLEANING_LOCK])
        yield


def _sign_head(plan: Plan) -> list[tuple[str, bytes]]:
    """Sign the head of the audit log; the files of signed heads, as they are before the snapshot."""
    plan.enter_django()
    from django.db import Error

    from . import anchors

    try:
        anchors.take()
    except Error as error:
        raise BackupFault(f"Không ký được dấu mốc của nhật ký kiểm toán: {error}") from error
    folder = plan.state.path / ANCHORS
    return [(file.name, file.read_bytes()) for file in sorted(folder.glob("*")) if file.is_file()]


def _dump(plan: Plan, target: Path, names: IO[str]) -> AuditHead | None:
    """Dump in a snapshot of our own and read in it the head of the audit chain and, into `names`, all contents."""
    try:
        with psycopg.connect(plan.database_url, connect_timeout=10) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            row = connection.execute("SELECT pg_export_snapshot()").fetchone()
            head = connection.execute("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1").fetchone()
            snapshot = row[0] if row else ""
            target.touch(0o600)
            _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}", plan.database_url)
            with connection.cursor("contents") as cursor:
                cursor.execute("SELECT sha256 FROM files_blob ORDER BY sha256")
                names.writelines(f"{sha256}\n" for (sha256,) in cursor)
    except psycopg.Error as error:
        raise BackupFault(f"Không đọc được cơ sở dữ liệu: {error}. Hệ thống có đang chạy không?") from error
    names.seek(0)
    return AuditHead(head[0], bytes(head[1]).hex()) if head else None


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs: ours is the newest, and a newer one reads older servers."""
    command = [EmbeddedPostgres.binary(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFault(f"{program} không xong: {done.stderr.strip()[-800:]}")


def _add_folder(archive: tarfile.TarFile, state: Path, with_secrets: bool) -> Iterator[Member]:
    """Whatever else lies in the state folder."""
    left_out = _NOT_KEPT | {FILES, ANCHORS} | (frozenset() if with_secrets else {SECRETS})
    for folder in sorted(state.iterdir()):
        if folder.name in left_out:
            continue
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.is_file() and not path.is_symlink():
                with suppress(FileNotFoundError), path.open("rb") as stream:
                    yield _add(archive, str(path.relative_to(state)), stream)


def _add_contents(archive: tarfile.TarFile, names: IO[str], lost: list[str]) -> Iterator[Member]:
    """The contents that the snapshot names, from wherever they are kept."""
    from hienluong.foundation.files.blobs import blob_store

    store = blob_store()
    for line in names:
        sha256 = line.strip()
        try:
            stream = store.open(sha256)
        except FileNotFoundError:
            lost.append(sha256)
            continue
        with stream:
            member = _add(archive, f"{FILES}/{sha256[:2]}/{sha256}", stream)
        if member.sha256 != sha256:
            lost.append(sha256)
        yield member


def _add(archive: tarfile.TarFile, name: str, stream: IO[bytes]) -> Member:
    """Add what a stream holds now; what is appended meanwhile is not taken."""
    info = tarfile.TarInfo(name)
    info.size = stream.seek(0, os.SEEK_END)
    info.mode, info.mtime = 0o600, int(time.time())
    stream.seek(0)
    hashing = _Hashing(stream)
    archive.addfile(info, hashing)
    return Member(name, info.size, hashing.digest.hexdigest())


def _add_manifest(
    archive: tarfile.TarFile, members: list[Member], head: AuditHead | None, with_secrets: bool, lost: list[str]
) -> None:
    manifest = {
        "format": FORMAT,
        "product": version("hienluong"),
        "made_at": datetime.now(UTC).isoformat(),
        "secrets": with_secrets,
        "audit_head": asdict(head) if head else None,
        "lost": lost,
        "members": [asdict(member) for member in members],
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode = len(text), 0o600
    archive.addfile(info, io.BytesIO(text))
