"""The doctor finds what is wrong and says how to mend it."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hienluong.house import doctor
from hienluong.house.children import Plan
from hienluong.house.state import StateFolder
from tests.house.running import Installation, free_port, hienluong

# They share one installation, so one process runs them all.
pytestmark = [pytest.mark.house, pytest.mark.xdist_group("house")]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """An installation that was not started yet."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return Plan(StateFolder(tmp_path), port=free_port(), mail_port=free_port())


def _finding(plan: Plan, subject: str) -> doctor.Finding:
    return next(finding for finding in doctor.examine(plan) if finding.subject.startswith(subject))


def test_a_running_installation_is_healthy(installation: Installation) -> None:
    verdict = installation.run(
        "doctor", "--port", str(installation.port), HIENLUONG_MAIL_PORT=str(installation.mail_port)
    )
    assert "PostgreSQL: phiên bản 18" in verdict.stdout
    assert "✗" not in verdict.stdout.replace("✗ Tệp giao diện", "").replace("✗ Phông chữ", "")


def test_a_full_disk_is_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FREE_BYTES", 10**18)
    finding = _finding(plan, "Đĩa")
    assert not finding.ok
    assert "gắn thêm đĩa" in finding.mend


def test_a_port_that_others_use_is_a_fault(plan: Plan) -> None:
    with socket.create_server(("127.0.0.1", plan.port)):
        finding = _finding(plan, f"Cổng {plan.port}")
    assert not finding.ok
    assert "ss -ltnp" in finding.mend


def test_a_clock_behind_the_audit_log_is_a_fault() -> None:
    now = datetime.now(UTC)
    assert doctor.clock(now, now - timedelta(days=1)).ok
    assert not doctor.clock(now, now + timedelta(days=1)).ok
    assert not doctor.clock(datetime(1970, 1, 2, tzinfo=UTC), None).ok


def test_a_missing_library_names_its_package(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIBRARIES", {"libkhongco.so.9": "libkhongco9"})
    finding = _finding(plan, "Thư viện")
    assert not finding.ok
    assert finding.mend == "apt-get install libkhongco9"


def test_missing_fonts_are_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "STATIC", tmp_path)
    assert "make build" in _finding(plan, "Phông chữ").mend


def test_an_unreachable_database_and_mail_server_are_faults(tmp_path: Path) -> None:
    dead = str(free_port())
    verdict = hienluong(
        "doctor",
        "--state",
        str(tmp_path),
        "--port",
        str(free_port()),
        DATABASE_URL=f"postgresql://nobody@127.0.0.1:{dead}/none",
        HIENLUONG_SMTP_HOST="127.0.0.1",
        HIENLUONG_SMTP_PORT=dead,
    )
    assert verdict.returncode == 1
    assert "✗ Cơ sở dữ liệu" in verdict.stdout
    assert "✗ Thư điện tử" in verdict.stdout
    assert "Kiểm tra DATABASE_URL" in verdict.stdout
