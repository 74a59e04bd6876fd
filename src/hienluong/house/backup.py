"""One consistent archive of an installation, made while it runs.

The database is dumped in one snapshot, and the head of the audit chain is read in the same snapshot. Files are kept
by their SHA-256 and never changed in place, so every file that the snapshot names is still there, unaltered, when the
files are copied after the dump; a file that came later does no harm. The manifest, last in the archive, carries size
and SHA-256 of each member and the head of the audit chain, so that a restored copy can be proven whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

import psycopg

from .children import Plan
from .postgres import EmbeddedPostgres

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
SECRETS = "secrets"
#: What is in a state folder and is not kept: made anew, or about processes of this machine only.
_NOT_KEPT = frozenset({"pg", "run", "log", "static", "mail"})


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
    """What an archive holds."""

    files: int
    database_bytes: int
    audit_seq: int


class _Hashing:
    """A readable stream that hashes what passes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(size)
        self.digest.update(chunk)
        return chunk


def make(plan: Plan, target: Path, *, with_secrets: bool = True) -> Report:
    """Write the archive (an uncompressed tar, mode 600) to `target`; an existing file is not overwritten."""
    if target.exists():
        raise BackupFault(f"Tệp {target} đã có. Chọn tên khác.")
    unfinished = target.with_name(f"{target.name}.part")
    dump = target.with_name(f"{target.name}.dump.part")
    try:
        head = _dump(plan, dump)
        members: list[Member] = []
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
            members.append(_add(archive, DATABASE, dump))
            for name, path in _kept(plan.state.path, with_secrets):
                try:
                    members.append(_add(archive, name, path))
                except FileNotFoundError:
                    continue  # an unfinished upload that went away
            _add_manifest(archive, members, head, with_secrets)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(target)
    finally:
        dump.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
    return Report(len(members) - 1, members[0].size, head.seq if head else 0)


def _dump(plan: Plan, target: Path) -> AuditHead | None:
    """Dump in a snapshot of our own and read the head of the audit chain in it."""
    try:
        with psycopg.connect(plan.database_url, connect_timeout=10) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            row = connection.execute("SELECT pg_export_snapshot()").fetchone()
            head = connection.execute("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1").fetchone()
            snapshot = row[0] if row else ""
            target.touch(0o600)
            _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}", plan.database_url)
    except psycopg.Error as error:
        raise BackupFault(f"Không đọc được cơ sở dữ liệu: {error}. Hệ thống có đang chạy không?") from error
    return AuditHead(head[0], bytes(head[1]).hex()) if head else None


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs: ours is the newest, and a newer one reads older servers."""
    command = [EmbeddedPostgres.binary(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFault(f"{program} không xong: {done.stderr.strip()[-800:]}")


def _kept(state: Path, with_secrets: bool) -> Iterator[tuple[str, Path]]:
    for folder in sorted(state.iterdir()):
        if folder.name in _NOT_KEPT or (folder.name == SECRETS and not with_secrets):
            continue
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.is_file() and not path.is_symlink():
                yield str(path.relative_to(state)), path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> Member:
    with path.open("rb") as stream:
        info = archive.gettarinfo(arcname=name, fileobj=stream)
        hashing = _Hashing(stream)
        archive.addfile(info, hashing)
    return Member(name, info.size, hashing.digest.hexdigest())


def _add_manifest(archive: tarfile.TarFile, members: list[Member], head: AuditHead | None, with_secrets: bool) -> None:
    manifest = {
        "format": FORMAT,
        "product": version("hienluong"),
        "made_at": datetime.now(UTC).isoformat(),
        "secrets": with_secrets,
        "audit_head": asdict(head) if head else None,
        "members": [asdict(member) for member in members],
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode = len(text), 0o600
    archive.addfile(info, io.BytesIO(text))
