"""A backup made while running can be restored and proven; an altered one is refused."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from functools import partial
from pathlib import Path

import psycopg
import pytest

from hienluong.house.backup import BackupFault, _no_cleaning
from hienluong.house.children import Plan
from hienluong.house.restore import _copy, restore
from hienluong.house.state import StateFolder
from tests import database
from tests.house.running import Installation, hienluong, in_process, wait_until

# They share one installation (tests/conftest.py keeps them in one process).
pytestmark = pytest.mark.house

Archive = Path


#: Writes as the product does: accounts (audit rows) and files, three and then more until a file says stop; then how many
#: were written. The longer it takes the slower: a machine with much else to do is not to get a day's work to restore.
WRITER = """
import io, os, pathlib, time
from PIL import Image
from hienluong.foundation.actions import system
from hienluong.foundation.files import store
from hienluong.foundation.identity import actions
stop, n = pathlib.Path({stop!r}), 0
while n < 3 or not stop.exists():
    picture = io.BytesIO()
    Image.frombytes("RGB", (64, 64), os.urandom(3 * 64 * 64)).save(picture, "PNG")
    picture.seek(0)
    name = f"sao{{n}}" if n < 3 else f"dang{{n}}"
    account = actions.create_account(system("thu"), username=name, display_name="Sao")
    store(picture, name=f"anh-{{n}}.png", owner=account.pk, purpose="thu")
    n += 1
    time.sleep(0.005 * n)
print(n)
"""


def finish(process: subprocess.Popen[str]) -> list[str]:
    """What it said, word by word, when it has ended well."""
    said = process.communicate(timeout=240)[0]
    assert process.returncode == 0, said
    return said.split()


def count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return int(row[0])


def backup_while_writing(installation: Installation, target: Path, stop: Path, *options: str) -> tuple[int, int]:
    """Back up while a writer writes; the files that there were before and after."""
    blobs = partial(count, installation.database_url, "SELECT count(*) FROM files_blob")
    at_first = blobs()
    writer = installation.shell(WRITER.format(stop=str(stop)))
    try:
        wait_until(lambda: blobs() > at_first + 3, "the writer is idle")
        before = blobs()
        done = installation.run("backup", str(target), *options)
    finally:
        stop.touch()
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(finish(writer)[-1]) > 4
    return before, blobs()


@pytest.fixture(scope="session")
def archive(house: Installation, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A backup made while a writer kept writing accounts and files."""
    kept = house.state / "kept"
    kept.mkdir()
    (kept / "giấy tờ.txt").write_text("nội dung")
    folder = tmp_path_factory.mktemp("backup")
    target = folder / "hl.tar"
    before, after = backup_while_writing(house, target, folder / "stop")
    contents = [name for name in members_of(target) if name.startswith("files/")]
    assert before <= len(contents) < after, "the writer did not write during the backup"
    return target


def members_of(archive: Archive) -> dict[str, bytes]:
    with tarfile.open(archive) as packed:
        return {info.name: packed.extractfile(info).read() for info in packed.getmembers()}  # type: ignore[union-attr]


def _write(target: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(target, "w") as packed:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return target


def test_a_backup_is_private_and_lists_its_members(archive: Archive) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    members = members_of(archive)
    manifest = json.loads(members["manifest.json"])
    assert {member["name"] for member in manifest["members"]} == set(members) - {"manifest.json"}
    assert {"database.dump", "kept/giấy tờ.txt", "secrets/secret_key"} <= set(members)
    assert manifest["audit_head"]["seq"] >= 3
    assert manifest["lost"] == []
    heads = members["anchors/audit.jsonl"].decode().splitlines()
    assert heads, "the head of the audit log was not signed before the backup"
    assert json.loads(heads[-1])["seq"] <= manifest["audit_head"]["seq"]


def test_an_existing_file_is_not_overwritten(installation: Installation, archive: Archive) -> None:
    told = in_process("backup", str(archive), "--state", str(installation.state))
    assert (told.exit_code, "đã có" in told.stdout) == (1, True)


def test_a_restored_copy_is_proven_and_starts(archive: Archive, tmp_path: Path) -> None:
    copy = Installation(tmp_path / "copy")
    done = hienluong("restore", str(archive), "--state", str(copy.state))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nhật ký kiểm toán nguyên vẹn" in done.stdout
    assert (copy.state / "kept" / "giấy tờ.txt").read_text() == "nội dung"
    database.note_prepared(copy.state)
    copy.start()
    try:
        assert "Nâng cấp" not in copy.said  # the restored database has every migration
        whole = copy.run("audit", "verify")
        assert whole.returncode == 0, whole.stdout
        assert "dấu mốc, mới nhất ở dòng" in whole.stdout
        assert count(copy.database_url, "SELECT count(*) FROM identity_account WHERE username LIKE 'sao_'") == 3
        assert count(copy.database_url, "SELECT registers_change_era()") == 2  # its transactions are numbered anew
        _every_content_is_there(copy)
    finally:
        copy.stop()
        shutil.rmtree(copy.state)


def _every_content_is_there(copy: Installation) -> None:
    """Each content that the restored database names, read and hashed by ourselves."""
    with psycopg.connect(copy.database_url) as connection:
        names = [name for (name,) in connection.execute("SELECT sha256 FROM files_blob")]
        files = connection.execute("SELECT count(*) FROM files_storedfile").fetchone()
    assert files is not None
    assert len(names) == files[0] > 4  # each picture is another
    for name in names:
        content = (copy.state / "files" / name[:2] / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == name


@pytest.mark.parametrize("name", ["database.dump", "kept/giấy tờ.txt", "secrets/personal_data_key"])
def test_an_altered_member_is_refused_by_name(archive: Archive, tmp_path: Path, name: str) -> None:
    members = members_of(archive)
    members[name] = members[name][:-1] + bytes([members[name][-1] ^ 1])
    refused(_write(tmp_path / "altered.tar", members), tmp_path, f"Phần {name} đã bị sửa")


def test_a_missing_or_foreign_member_is_refused(archive: Archive, tmp_path: Path) -> None:
    members = members_of(archive)
    refused(_write(tmp_path / "foreign.tar", {**members, "../escaped": b"x"}), tmp_path, "../escaped")
    del members["kept/giấy tờ.txt"]
    refused(_write(tmp_path / "missing.tar", members), tmp_path, "kept/giấy tờ.txt")
    assert not (tmp_path / "escaped").exists()


def test_a_cut_off_archive_is_refused(archive: Archive, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(archive.read_bytes()[:-30_000])
    refused(cut, tmp_path, "")


def test_a_log_with_a_cut_off_tail_is_not_proven(archive: Archive, tmp_path: Path) -> None:
    members = members_of(archive)
    manifest = json.loads(members.pop("manifest.json"))
    manifest["audit_head"]["seq"] += 1
    members["manifest.json"] = json.dumps(manifest).encode()
    target = tmp_path / "refused"
    done = hienluong("restore", str(_write(tmp_path / "tail.tar", members)), "--state", str(target))
    assert done.returncode == 1
    assert "Không còn dòng" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert list(target.iterdir()) == []


def test_a_full_folder_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("của tôi")
    done = in_process("restore", str(archive), "--state", str(tmp_path))
    assert done.exit_code == 1
    assert "không trống" in done.stdout
    assert (tmp_path / "mine").read_text() == "của tôi"


def test_a_setting_that_older_servers_do_not_know_is_left_out() -> None:
    head = b"--\n-- PostgreSQL database dump\n--\nSET lock_timeout = 0;\n"
    data = b"COPY t (x) FROM stdin;\n" * 100 + b"SET transaction_timeout = 0;\n"
    passed = io.BytesIO()
    _copy(io.BytesIO(head + b"SET transaction_timeout = 0;\n" + data), passed)
    assert passed.getvalue() == head + data


#: Cleans when it is told to, and again when nothing more comes.
CLEANER = """
import sys
from datetime import timedelta
from hienluong.foundation.files import integrity
for asked in (sys.stdin.readline, sys.stdin.read):
    asked()
    print("cleaned", integrity.clean(timedelta(0)), flush=True)
"""


def test_nothing_is_cleaned_away_while_a_backup_runs(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")  # the tests' own
    cleaner = installation.shell(CLEANER)
    stray = installation.state / "files" / "ab" / ("ab" * 32)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"x")
    assert cleaner.stdin
    assert cleaner.stdout
    with _no_cleaning(Plan(StateFolder(installation.state))):
        cleaner.stdin.write("\n")
        cleaner.stdin.flush()
        assert next(line for line in cleaner.stdout if line.startswith("cleaned")) == "cleaned 0\n"
        assert stray.exists()
    assert finish(cleaner)[-2:] == ["cleaned", "1"]
    assert not stray.exists()


def test_a_lost_file_is_named_and_does_not_stop_the_rest(
    installation: Installation, archive: Archive, tmp_path: Path
) -> None:
    with psycopg.connect(installation.database_url) as connection:
        row = connection.execute("SELECT sha256 FROM files_blob ORDER BY sha256 LIMIT 1").fetchone()
    assert row is not None
    place = installation.state / "files" / row[0][:2] / row[0]
    content = place.read_bytes()
    place.unlink()
    try:
        done = installation.run("backup", str(tmp_path / "lost.tar"))
    finally:
        place.write_bytes(content)
    assert done.returncode == 1
    assert row[0] in done.stdout
    restored = hienluong("restore", str(tmp_path / "lost.tar"), "--state", str(tmp_path / "copy"))
    assert restored.returncode == 0, restored.stdout
    assert "trừ 1 tệp đã mất" in restored.stdout


def refused(archive: Path, tmp_path: Path, words: str) -> None:
    """As the command does, in this process; the command around it is tried with a log without its tail."""
    target = tmp_path / "refused"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL")  # the tests' own
        with pytest.raises(BackupFault) as fault:
            restore(archive, StateFolder(target), lambda _said: None)
    assert words in str(fault.value)
    assert list(target.iterdir()) == []
