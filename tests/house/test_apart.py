"""A part of a process that runs apart from it ends with it, and is not missed when it dies first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.house.running import wait_until

#: Says where the work goes on: each line is the process and the thread; the main thread only waits.
SCRIPT = """
import os, sys, threading, time
from django.conf import settings
from hienluong.house.apart import Apart, stand_back
settings.configure()
def work(stop):
    with open(sys.argv[1], "a", buffering=1) as told:
        while not stop.wait(0.05):
            told.write(f"{os.getpid()} {threading.current_thread().name} {os.nice(0)}\\n")
apart = Apart("work", work)
apart.start()
stand_back(3)
stop = threading.Event()
threading.Thread(target=apart.watch, args=(stop,), name="instead", daemon=True).start()
sys.stdin.read()
stop.set()
apart.end()
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    return tmp_path / "told"


@pytest.fixture
def parent(told: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SCRIPT, str(told)], stdin=subprocess.PIPE) as process:
        wait_until(lambda: bool(_last(told)), "it does not work", 20)
        yield process
        process.kill()


def _last(told: Path) -> list[str]:
    lines = told.read_text().splitlines() if told.exists() else []
    return lines[-1].split() if lines else []


def test_it_works_in_a_process_and_session_of_its_own_and_does_not_stand_back(
    parent: subprocess.Popen[bytes], told: Path
) -> None:
    pid, thread, nice = _last(told)
    assert (int(pid) != parent.pid, thread) == (True, "MainThread")
    wait_until(lambda: psutil.Process(parent.pid).nice() == int(nice) + 3, "its parent does not stand back", 10)
    assert os.getsid(int(pid)) == int(pid)


def test_when_it_dies_its_parent_goes_on_with_the_work(parent: subprocess.Popen[bytes], told: Path) -> None:
    os.kill(int(_last(told)[0]), signal.SIGKILL)
    wait_until(lambda: _last(told)[:2] == [str(parent.pid), "instead"], "nobody goes on", 10)


@pytest.mark.parametrize("asked", [True, False])
def test_it_ends_with_its_parent(parent: subprocess.Popen[bytes], told: Path, asked: bool) -> None:
    apart = psutil.Process(int(_last(told)[0]))
    if asked:
        parent.communicate(timeout=10)
        assert parent.returncode == 0
    else:
        parent.kill()
    wait_until(lambda: not apart.is_running() or apart.status() == psutil.STATUS_ZOMBIE, "it lives on", 10)
    assert _last(told)[0] == str(apart.pid)  # its parent did not take it for dead
