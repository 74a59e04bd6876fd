"""The doctor finds what is wrong and says how to mend it."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from hienluong.house import doctor, environment, runlog
from hienluong.house.children import Plan
from hienluong.house.doctor import clock, database, machine, services
from hienluong.house.failures.counts import Counts
from hienluong.house.state import StateFolder
from tests.foundation.notifications.test_channels import MailServer, make_certificate
from tests.house.running import Installation, free_port, in_process

# They share one installation (tests/conftest.py keeps them in one process).
pytestmark = pytest.mark.house


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """An installation that was not started yet."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return Plan(StateFolder(tmp_path), port=free_port(), mail_port=free_port())


def _finding(plan: Plan, subject: str) -> doctor.Finding:
    return _of(doctor.examine(plan), subject)


def _of(findings: Iterable[doctor.Finding], subject: str) -> doctor.Finding:
    return next(finding for finding in findings if finding.subject.startswith(subject))


def test_a_running_installation_is_healthy(installation: Installation) -> None:
    ports = ("--port", str(installation.port), "--mail-port", str(installation.mail_port))
    verdict = in_process("doctor", "--state", str(installation.state), *ports)
    assert "PostgreSQL: phiên bản 18" in verdict.stdout
    assert "✗" not in verdict.stdout.replace("✗ Tệp giao diện", "").replace("✗ Phông chữ", "")


def test_a_full_disk_is_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE_BYTES", 10**18)
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
    assert clock.against("x", now, now - timedelta(days=1)).ok
    assert not clock.against("x", now, now + timedelta(days=1)).ok
    assert not clock.against("x", datetime(1970, 1, 2, tzinfo=UTC), None).ok


def test_a_clock_behind_the_files_it_wrote_itself_is_a_fault(plan: Plan) -> None:
    log = plan.state.path / "log" / "web.log"
    log.parent.mkdir()
    log.write_text("x")
    assert _of(clock.examine(plan), "Đồng hồ, so với dấu thời gian").ok
    tomorrow = time.time() + 86_400
    os.utime(log, (tomorrow, tomorrow))
    assert not _of(clock.examine(plan), "Đồng hồ, so với dấu thời gian").ok


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (3600, False), (-3600, False)])
def test_a_clock_that_is_fast_or_slow_beside_a_time_server_is_a_fault(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, ahead: int, good: bool
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            _asked, who = server.recvfrom(512)
            seconds = int(time.time()) - ahead + 2_208_988_800
            server.sendto(40 * b"\0" + struct.pack("!II", seconds, 2**31), who)

        thread = threading.Thread(target=answer)
        thread.start()
        monkeypatch.setenv("HIENLUONG_NTP_SERVER", f"127.0.0.1:{server.getsockname()[1]}")
        finding = _of(clock.examine(plan), "Đồng hồ, so với máy chủ thời gian")
        thread.join()
    assert finding.ok is good
    assert good or ("nhanh" if ahead > 0 else "chậm") in finding.found


def test_an_unsynchronised_clock_is_said(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "kernel_synchronised", lambda: False)
    finding = _of(clock.examine(plan), "Đồng bộ giờ")
    assert not finding.ok
    assert "timedatectl set-ntp true" in finding.mend
    monkeypatch.setattr(clock, "kernel_synchronised", lambda: True)
    assert _of(clock.examine(plan), "Đồng bộ giờ").ok


def test_few_inodes_are_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE_INODES", 10**18)
    assert not _finding(plan, "Số tệp còn ghi được").ok


def test_the_fonts_of_papers_are_looked_for(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _finding(plan, "Phông in giấy tờ Liberation Serif").ok
    monkeypatch.setattr(machine, "FONTS", ("Phông Không Có",))
    finding = _finding(plan, "Phông in giấy tờ")
    assert not finding.ok
    assert finding.mend == "apt-get install fonts-liberation2"


def test_a_font_without_vietnamese_letters_is_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "VIETNAMESE", "1f600")  # a smiling face, which the fonts of papers do not have
    assert not _finding(plan, "Phông in giấy tờ Liberation Serif").ok


def test_what_reads_scans_is_looked_for(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _finding(plan, "Đọc bản quét").ok
    monkeypatch.setattr("shutil.which", lambda _name: None)
    finding = _finding(plan, "Đọc bản quét")
    assert not finding.ok
    assert finding.mend == "apt-get install tesseract-ocr tesseract-ocr-vie"


def test_the_ports_of_the_simulators_are_looked_at(plan: Plan) -> None:
    demo = replace(plan, demo=True, bank_port=free_port(), national_port=free_port())
    with socket.create_server(("127.0.0.1", demo.national_port)):
        assert not _of(machine.examine(demo), f"Cổng {demo.national_port}").ok
        assert _of(machine.examine(demo), f"Cổng {demo.bank_port}").ok


def test_a_part_that_does_not_live_is_a_fault_on_any_port(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"name": "worker", "alive": False, "restarts": 0, "since": 0.0}
    elsewhere = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setattr(runlog, "status_of", lambda folder: runlog.Status(1, elsewhere, [row]))
    findings = list(machine.examine(plan))
    assert not _of(findings, "Hệ thống").ok
    assert "không sống: worker" in _of(findings, "Hệ thống").found
    assert not _of(findings, "Trang web").ok


def test_what_failed_is_a_fault_with_the_page_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "count", lambda connection: Counts(1, 0, 0, 2, 3, 4, 5, 0))
    findings = list(database._waiting(None))  # type: ignore[arg-type]
    assert [finding.ok for finding in findings] == [False] * 5
    assert "/quan-tri/viec-hong" in findings[0].mend
    assert "/quan-tri/su-kien/chua-giao" in findings[3].mend
    monkeypatch.setattr(database, "count", lambda connection: Counts(0, 5, 0, 0, 0, 0, 0, 6))
    assert all(finding.ok for finding in database._waiting(None))  # type: ignore[arg-type]


def test_a_scanner_that_does_not_answer_is_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIENLUONG_CLAMD", f"tcp:127.0.0.1:{free_port()}")
    finding = _of(services.examine(plan), "Quét mã độc")
    assert (finding.ok, finding.optional) == (False, False)


@pytest.mark.parametrize(("day", "good"), [(datetime.now(UTC), True), (datetime.now(UTC) - timedelta(days=30), False)])
def test_a_scanner_with_old_signatures_is_a_fault(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, day: datetime, good: bool
) -> None:
    answers = {b"PING": b"PONG", b"VERSION": f"ClamAV 1.0.7/27468/{day:%a %b %d %H:%M:%S %Y}".encode()}
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(2):
                connection, _who = server.accept()
                with connection:
                    asked = connection.recv(64).strip(b"\0\n").removeprefix(b"n").removeprefix(b"z")
                    connection.sendall(answers[asked] + b"\n")

        thread = threading.Thread(target=serve)
        thread.start()
        monkeypatch.setenv("HIENLUONG_CLAMD", f"tcp:127.0.0.1:{server.getsockname()[1]}")
        finding = _of(services.examine(plan), "Quét mã độc")
        thread.join()
    assert finding.ok is good, finding.found


def test_an_identity_provider_that_does_not_answer_is_a_fault(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert _of(services.examine(plan), "Định danh điện tử").optional
    url = f"http://127.0.0.1:{free_port()}"
    file = tmp_path / "providers.json"
    file.write_text(json.dumps([{"key": "vneid", "name": "VNeID", "issuer": url, "client_id": "tinh"}]))
    monkeypatch.setenv("HIENLUONG_IDENTITY_PROVIDERS", str(file))
    finding = _of(services.examine(plan), "Định danh điện tử VNeID")
    assert (finding.ok, finding.found) == (False, "ConnectError")
    file.write_text(json.dumps([{"key": "vneid", "name": "VNeID", "issuer": "http://xa.example", "client_id": "tinh"}]))
    with pytest.raises(environment.BadSetting, match="https"):
        services.examine(plan)


def test_a_bucket_that_is_not_there_is_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "thu")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("HIENLUONG_S3_BUCKET", "kho")
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    monkeypatch.setenv("HIENLUONG_S3_ENDPOINT", endpoint)
    assert not _of(services.examine(plan), "Kho tệp S3 kho").ok
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="kho")
    assert _of(services.examine(plan), "Kho tệp S3 kho").ok
    boto3.client("s3", endpoint_url=endpoint).delete_bucket(Bucket="kho")
    server.stop()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_the_mail_server_is_greeted_and_signed_in_to(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tls: str
) -> None:
    certificate = make_certificate(tmp_path)
    server = MailServer(tls, certificate)
    where = {"HOST": "localhost", "PORT": str(server.port), "TLS": tls, "USER": "tinh", "PASSWORD": "mat-khau"}
    for name, value in where.items():
        monkeypatch.setenv(f"HIENLUONG_SMTP_{name}", value)
    try:
        assert not _of(services.examine(plan), "Thư điện tử").ok  # a certificate nobody knows
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        finding = _of(services.examine(plan), "Thư điện tử")
        assert finding.ok, finding.found
        assert "đã đăng nhập" in finding.found
        monkeypatch.setenv("HIENLUONG_SMTP_PASSWORD", "sai")
        assert "không đăng nhập được (535)" in _of(services.examine(plan), "Thư điện tử").found
    finally:
        server.controller.stop()


def test_a_wrong_setting_is_a_finding_not_a_crash(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIENLUONG_SMTP_HOST", "mail.example")
    monkeypatch.setenv("HIENLUONG_SMTP_TLS", "ssl3")
    finding = _finding(plan, "Thiết lập")
    assert "HIENLUONG_SMTP_TLS" in finding.found


def test_an_https_installation_that_trusts_no_proxy_is_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIENLUONG_URL", "https://dichvucong.example")
    monkeypatch.setenv("HIENLUONG_TRUSTED_PROXIES", "")
    assert not _of(services.examine(plan), "Proxy được tin").ok
    monkeypatch.setenv("HIENLUONG_TRUSTED_PROXIES", "10.0.0.5")
    assert _of(services.examine(plan), "Proxy được tin").ok
    assert environment.trusted_proxies(plan.url)


def test_a_missing_library_names_its_package(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LIBRARIES", {"libkhongco.so.9": "libkhongco9"})
    finding = _finding(plan, "Thư viện")
    assert not finding.ok
    assert finding.mend == "apt-get install libkhongco9"


def test_missing_fonts_are_a_fault(plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "STATIC", tmp_path)
    assert "make build" in _finding(plan, "Phông chữ").mend


def test_an_unreachable_database_and_mail_server_are_faults(tmp_path: Path) -> None:
    dead = str(free_port())
    verdict = in_process(
        "doctor",
        "--state",
        str(tmp_path),
        "--port",
        str(free_port()),
        DATABASE_URL=f"postgresql://nobody@127.0.0.1:{dead}/none",
        HIENLUONG_SMTP_HOST="127.0.0.1",
        HIENLUONG_SMTP_PORT=dead,
    )
    assert verdict.exit_code == 1
    assert "✗ Cơ sở dữ liệu" in verdict.stdout
    assert "✗ Thư điện tử" in verdict.stdout
    assert "Kiểm tra DATABASE_URL" in verdict.stdout
