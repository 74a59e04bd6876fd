"""Restoring an archive into a new folder, and proving it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from .backup import DATABASE, FILES, FORMAT, MANIFEST, SECRETS, AuditHead, BackupFault, Member
from .children import Plan
from .postgres import EmbeddedPostgres
from .state import StateFolder
from .supervisor import Say, Supervisor

CHUNK = 1 << 20
#: A session setting that pg_restore writes for every server, among its first lines.
NEW_SETTING = b"SET transaction_timeout = 0;\n"
HEAD_LINES = 30
#: Here transactions are numbered from the beginning: the change feed of registers must not compare them with the old.
NEW_ERA = b"""
DO $$ BEGIN
    IF to_regprocedure('public.registers_begin_era()') IS NOT NULL THEN PERFORM public.registers_begin_era(); END IF;
END $$;
"""


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    members: dict[str, Member]
    audit_head: AuditHead | None
    has_secrets: bool
    made_at: str
    lost: frozenset[str]


def restore(archive: Path, state: StateFolder, say: Say, *, secrets_from: Path | None = None) -> list[str]:
    """Unpack, load the database, check hashes, audit chain and files; returns what was proven, in words.

    Raises BackupFault when the folder is not empty, a member was altered, or a proof fails; the folder is then
    empty again.
    """
    if state.path.exists() and any(state.path.iterdir()):
        raise BackupFault(f"Thư mục {state.path} không trống. Khôi phục cần một thư mục mới.")
    state.path.mkdir(parents=True, exist_ok=True)
    try:
        return _restore(archive, state, say, secrets_from)
    except BaseException:
        _empty(state.path)
        raise


def _restore(archive: Path, state: StateFolder, say: Say, secrets_from: Path | None) -> list[str]:
    say(f"Đọc và kiểm {archive} …")
    manifest = _unpack(archive, state.path)
    _secrets(manifest, state.path, secrets_from)
    plan = Plan(state)
    supervisor = Supervisor(plan, say)
    try:
        supervisor.take_folder()
        supervisor.start_database()
        say("Nạp cơ sở dữ liệu …")
        _load(plan, state.path / DATABASE)
        (state.path / DATABASE).unlink()
        _fill_bucket(plan, manifest, say)
        say("Kiểm chứng …")
        return [
            f"{len(manifest.members)} phần của gói đúng mã băm (sao lưu lúc {manifest.made_at})",
            *_prove(plan, manifest),
        ]
    finally:
        supervisor.stop()


def _unpack(archive: Path, target: Path) -> Manifest:
    try:
        with tarfile.open(archive, "r:") as packed:
            manifest = _manifest(packed)
            found = {info.name for info in packed.getmembers()} - {MANIFEST}
            if odd := sorted(found ^ set(manifest.members)):
                raise BackupFault(f"Gói sao lưu thiếu hoặc thừa phần: {', '.join(odd[:5])}")
            for info in packed.getmembers():
                if info.name != MANIFEST:
                    _take_out(packed, info, manifest.members[info.name], target)
    except (tarfile.TarError, EOFError) as error:
        raise BackupFault(f"Không đọc được gói sao lưu {archive}: {error}") from error
    return manifest


def _manifest(packed: tarfile.TarFile) -> Manifest:
    try:
        stream = packed.extractfile(MANIFEST)
        found = json.load(stream) if stream else {}
        if found.get("format") != FORMAT:
            raise BackupFault("Gói sao lưu thuộc phiên bản khác, không đọc được.")
        head = found["audit_head"]
        return Manifest(
            {entry["name"]: Member(**entry) for entry in found["members"]},
            AuditHead(**head) if head else None,
            bool(found["secrets"]),
            str(found["made_at"]),
            frozenset(map(str, found.get("lost", ()))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BackupFault("Gói sao lưu thiếu manifest.json hoặc manifest bị hỏng.") from error


def _take_out(packed: tarfile.TarFile, info: tarfile.TarInfo, member: Member, target: Path) -> None:
    """Write one member below `target` while hashing it; a name that leads elsewhere is refused."""
    place = target / info.name
    stream = packed.extractfile(info)
    if stream is None or not place.resolve().is_relative_to(target.resolve()):
        raise BackupFault(f"Phần {info.name} không phải là tệp trong thư mục trạng thái.")
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with place.open("wb") as out:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    place.chmod(info.mode & 0o700)
    if digest.hexdigest() != member.sha256:
        raise BackupFault(f"Phần {info.name} đã bị sửa sau khi sao lưu (mã băm không khớp).")


def _secrets(manifest: Manifest, state: Path, secrets_from: Path | None) -> None:
    if secrets_from:
        shutil.copytree(secrets_from, state / SECRETS, dirs_exist_ok=True)
    elif not manifest.has_secrets:
        raise BackupFault("Gói sao lưu không kèm khóa bí mật. Chỉ ra thư mục khóa bằng --secrets-from.")


def _load(plan: Plan, dump: Path) -> None:
    """Load a dump into the plan's database, which must be empty, in one transaction."""
    with psycopg.connect(plan.database_url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        if found and found[0]:
            raise BackupFault("Cơ sở dữ liệu đích không trống. Khôi phục cần một cơ sở dữ liệu mới.")
    binary = EmbeddedPostgres.binary
    words = [
        binary("psql"),
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        plan.database_url,
    ]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [binary("pg_restore"), "--no-owner", "--file=-", dump], stdout=subprocess.PIPE, stderr=said
        ) as reader,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said) as writer,
    ):
        if reader.stdout is None or writer.stdin is None:  # both were asked for as pipes
            raise BackupFault("Không mở được đường ống tới psql.")
        with contextlib.suppress(BrokenPipeError), writer.stdin as into:
            _copy(reader.stdout, into)
            into.write(NEW_ERA)
        reader.stdout.close()
        failed = reader.wait() or writer.wait()
        said.seek(0)
        if failed:
            raise BackupFault(f"Không nạp được cơ sở dữ liệu: {said.read().decode(errors='replace').strip()[-800:]}")


def _fill_bucket(plan: Plan, manifest: Manifest, say: Say) -> None:
    """Put the contents where this installation keeps them, when that is a bucket: those already there stay."""
    if not os.environ.get("HIENLUONG_S3_BUCKET"):
        return
    plan.enter_django()
    from hienluong.foundation.files.blobs import blob_store

    say("Chép tệp vào kho S3 …")
    folder = plan.state.path / FILES
    for path in sorted(folder.glob("*/*")):
        if path.name not in manifest.lost:  # an altered content must not stand under its old name
            blob_store().put(path.name, path)
        path.unlink()


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    """Pass SQL on without the one setting at its head that servers before PostgreSQL 17 do not know."""
    for _ in range(HEAD_LINES):
        line = source.readline()
        if line != NEW_SETTING:
            target.write(line)
    shutil.copyfileobj(source, target, CHUNK)


def _prove(plan: Plan, manifest: Manifest) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-m", "django", "prove_restore"]
    if manifest.audit_head:
        command += ["--head-seq", str(manifest.audit_head.seq), "--head-hash", manifest.audit_head.hash]
    with tempfile.NamedTemporaryFile("w", suffix=".lost") as lost:
        lost.write("\n".join(manifest.lost))
        lost.flush()
        command += ["--lost", lost.name]
        done = subprocess.run(command, env=plan.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFault(f"Kiểm chứng không đạt:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
