"""The supervisor keeps its children alive, alone in its folder, and stops them all."""

from __future__ import annotations

import os
import signal
import smtplib
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from hienluong.house import runlog
from tests.house.running import Installation, in_process, wait_until

# They share one installation (tests/conftest.py keeps them in one process).
pytestmark = pytest.mark.house


def _answers(installation: Installation) -> bool:
    try:
        return httpx.get(f"{installation.url}/song", timeout=5, trust_env=False).text == "ok"
    except httpx.HTTPError:
        return False


def _kill_and_wait(installation: Installation, name: str) -> None:
    before = installation.child(name)["pid"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: installation.child(name)["pid"] != before, f"{name} was not started again")


def test_status_names_each_child_with_its_memory(installation: Installation) -> None:
    status = installation.status()
    assert status["healthy"]
    assert [child["name"] for child in status["children"]] == [
        "postgres",
        "mail",
        "events",
        "gateway",
        "mediator",
        "worker",
        "web",
    ]
    assert all(child["memory"] > 1_000_000 for child in status["children"])


def test_background_work_stands_back_for_people_who_wait(installation: Installation) -> None:
    pids = {child["name"]: child["pid"] for child in installation.status()["children"]}
    worker, web = psutil.Process(pids["worker"]), psutil.Process(pids["web"])
    wait_until(lambda: worker.nice() > web.nice(), "the worker does not stand back", 60)  # once it has begun
    (control,) = worker.children()  # who withdraws an agreement waits, too
    assert control.nice() == web.nice()
    assert os.getsid(control.pid) == control.pid  # and its share is not that of the worker's session
    group = Path(f"/proc/{pids['worker']}/autogroup")
    if group.exists():  # the kernel shares processors out by session first
        assert group.read_text().split()[-1] == "10"


@pytest.mark.parametrize("name", ["web", "worker", "mail", "gateway", "mediator", "postgres"])
def test_a_killed_child_is_started_again(installation: Installation, name: str) -> None:
    _kill_and_wait(installation, name)
    wait_until(lambda: _answers(installation), "the web does not answer again")
    wait_until(lambda: installation.status()["healthy"], "not healthy again")


def test_a_database_whose_way_was_shut_meanwhile_comes_back(installation: Installation) -> None:
    """Somebody made the folder above private again: the server's user is let through before it is started again."""
    installation.state.parent.chmod(0o700)
    _kill_and_wait(installation, "postgres")
    wait_until(lambda: _answers(installation), "the web does not answer again")


def test_a_second_start_on_the_same_folder_is_refused(installation: Installation) -> None:
    second = in_process("up", "--state", str(installation.state), "--port", "1")
    assert second.exit_code == 1
    assert "đang chạy trên thư mục" in second.stdout
    assert str(installation.process and installation.process.pid) in second.stdout
    assert _answers(installation)


def test_a_busy_port_is_named(installation: Installation, tmp_path: object) -> None:
    other = in_process("up", "--state", f"{tmp_path}/other", "--port", str(installation.port))
    assert other.exit_code == 1
    assert f"Cổng {installation.port} (cho web)" in other.stdout
    assert "--port" in other.stdout


def test_the_trial_mailbox_keeps_what_is_sent(installation: Installation) -> None:
    with smtplib.SMTP("127.0.0.1", installation.mail_port) as mail:
        mail.sendmail("a@example.vn", ["b@example.vn"], b"Subject: thu\n\nXin chao")
    texts = [file.read_text() for file in (installation.state / "mail").glob("*.eml")]
    assert any("Xin chao" in text for text in texts)


def test_sigterm_stops_everything_within_seconds(installation: Installation) -> None:
    _stops(installation, lambda: installation.stop())
    assert installation.status() == {**installation.status(), "supervisor": None, "healthy": False}


def test_down_stops_and_waits(installation: Installation) -> None:
    _stops(installation, lambda: installation.run("down"))


def _stops(installation: Installation, stop: Callable[[], object]) -> None:
    members = psutil.Process(installation.process.pid if installation.process else 0).children(recursive=True)
    began = time.monotonic()
    stop()
    assert installation.process
    assert installation.process.wait(30) == 0
    assert time.monotonic() - began < 30
    assert not [member for member in members if member.is_running() and member.status() != psutil.STATUS_ZOMBIE]


def test_children_of_a_killed_supervisor_end_and_the_next_start_works(installation: Installation) -> None:
    assert installation.process
    installation.process.kill()
    installation.process.wait()
    began = time.monotonic()
    installation.start()
    assert _answers(installation)
    assert time.monotonic() - began < 60


def test_a_grown_log_is_set_aside(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runlog, "LOG_LIMIT", 10)
    from pathlib import Path

    log = Path(str(tmp_path)) / "web.log"
    with log.open("ab") as writer:
        for number in range(6):
            writer.write(f"line {number} of the log\n".encode())
            writer.flush()
            runlog.rotate(log)
    kept = sorted(file.name for file in log.parent.iterdir())
    assert kept == ["web.log", "web.log.1", "web.log.2", "web.log.3"]
    assert log.with_name("web.log.1").read_text() == "line 5 of the log\n"
    assert log.read_text() == ""
