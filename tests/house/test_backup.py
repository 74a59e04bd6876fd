"""A backup made while running can be restored and proven; an altered one is refused."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest

from hienluong.house.restore import _copy
from tests.house.running import Installation, environment, hienluong

# They share one installation, so one process runs them all.
pytestmark = [pytest.mark.house, pytest.mark.xdist_group("house")]

Archive = Path


@pytest.fixture(scope="session")
def archive(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A backup with some audit rows and a file."""
    organisation = (
        "from hienluong.foundation.identity import actions as a; from hienluong.foundation.actions import system; "
    )
    script = (
        organisation + "[a.create_account(system('thu'), username=f'sao{n}', display_name='Sao') for n in range(3)]"
    )
    env = environment(
        HIENLUONG_STATE=str(installation.state),
        DATABASE_URL=installation.database_url,
        DJANGO_SETTINGS_MODULE="hienluong.house.settings",
    )
    subprocess.run([sys.executable, "-m", "django", "shell", "-v", "0", "-c", script], env=env, check=True)
    kept = installation.state / "kept"
    kept.mkdir()
    (kept / "giấy tờ.txt").write_text("nội dung")
    target = tmp_path_factory.mktemp("backup") / "hl.tar"
    done = installation.run("backup", str(target))
    assert done.returncode == 0, done.stdout
    return target


def _members(archive: Archive) -> dict[str, bytes]:
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
    members = _members(archive)
    manifest = json.loads(members["manifest.json"])
    assert {member["name"] for member in manifest["members"]} == set(members) - {"manifest.json"}
    assert {"database.dump", "kept/giấy tờ.txt", "secrets/secret_key"} <= set(members)
    assert manifest["audit_head"]["seq"] >= 3


def test_an_existing_file_is_not_overwritten(installation: Installation, archive: Archive) -> None:
    assert "đã có" in installation.run("backup", str(archive)).stdout


def test_a_restored_copy_is_proven_and_starts(archive: Archive, tmp_path: Path) -> None:
    copy = Installation(tmp_path / "copy")
    done = hienluong("restore", str(archive), "--state", str(copy.state))
    assert done.returncode == 0, done.stdout
    assert "nhật ký kiểm toán nguyên vẹn" in done.stdout
    assert (copy.state / "kept" / "giấy tờ.txt").read_text() == "nội dung"
    copy.start()
    try:
        assert copy.run("audit", "verify").returncode == 0
        with psycopg.connect(copy.database_url) as connection:
            found = connection.execute("SELECT count(*) FROM identity_account WHERE username LIKE 'sao_'").fetchone()
        assert found == (3,)
        _alter_audit(copy)
        verdict = copy.run("audit", "verify")
        assert verdict.returncode == 1
        assert "altered" in verdict.stdout
    finally:
        copy.stop()
        shutil.rmtree(copy.state)


def _alter_audit(copy: Installation) -> None:
    with psycopg.connect(copy.database_url) as connection:
        connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        connection.execute("UPDATE audit_entry SET note = 'khác' WHERE seq = 2")
        connection.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


@pytest.mark.parametrize("name", ["database.dump", "kept/giấy tờ.txt", "secrets/personal_data_key"])
def test_an_altered_member_is_refused_by_name(archive: Archive, tmp_path: Path, name: str) -> None:
    members = _members(archive)
    members[name] = members[name][:-1] + bytes([members[name][-1] ^ 1])
    _refused(_write(tmp_path / "altered.tar", members), tmp_path, f"Phần {name} đã bị sửa")


def test_a_missing_or_foreign_member_is_refused(archive: Archive, tmp_path: Path) -> None:
    members = _members(archive)
    _refused(_write(tmp_path / "foreign.tar", {**members, "../escaped": b"x"}), tmp_path, "../escaped")
    del members["kept/giấy tờ.txt"]
    _refused(_write(tmp_path / "missing.tar", members), tmp_path, "kept/giấy tờ.txt")
    assert not (tmp_path / "escaped").exists()


def test_a_cut_off_archive_is_refused(archive: Archive, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(archive.read_bytes()[:-30_000])
    _refused(cut, tmp_path, "")


def test_a_log_with_a_cut_off_tail_is_not_proven(archive: Archive, tmp_path: Path) -> None:
    members = _members(archive)
    manifest = json.loads(members.pop("manifest.json"))
    manifest["audit_head"]["seq"] += 1
    members["manifest.json"] = json.dumps(manifest).encode()
    _refused(_write(tmp_path / "tail.tar", members), tmp_path, "Không còn dòng")


def test_a_full_folder_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("của tôi")
    done = hienluong("restore", str(archive), "--state", str(tmp_path))
    assert done.returncode == 1
    assert "không trống" in done.stdout
    assert (tmp_path / "mine").read_text() == "của tôi"


def test_without_secrets_a_restore_asks_for_them(installation: Installation, tmp_path: Path) -> None:
    bare = tmp_path / "bare.tar"
    assert installation.run("backup", str(bare), "--no-secrets").returncode == 0
    assert not [name for name in _members(bare) if name.startswith("secrets/")]
    _refused(bare, tmp_path, "--secrets-from")
    source = str(installation.state / "secrets")
    done = hienluong("restore", str(bare), "--state", str(tmp_path / "with"), "--secrets-from", source)
    assert done.returncode == 0, done.stdout


def test_a_setting_that_older_servers_do_not_know_is_left_out() -> None:
    head = b"--\n-- PostgreSQL database dump\n--\nSET lock_timeout = 0;\n"
    data = b"COPY t (x) FROM stdin;\n" * 100 + b"SET transaction_timeout = 0;\n"
    passed = io.BytesIO()
    _copy(io.BytesIO(head + b"SET transaction_timeout = 0;\n" + data), passed)
    assert passed.getvalue() == head + data


def _refused(archive: Path, tmp_path: Path, words: str) -> None:
    target = tmp_path / "refused"
    done = hienluong("restore", str(archive), "--state", str(target))
    assert done.returncode == 1
    assert words in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert list(target.iterdir()) == []
