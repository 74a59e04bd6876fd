"""A whole installation for a test: started as an officer would start it, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from hienluong.house.cli import app
from tests import database

#: Seconds a loaded machine may take to start everything.
PATIENCE = 240.0
PIPES: dict[str, int] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
COMMAND = [sys.executable, "-W", "ignore", "-m", "hienluong.house.cli"]


#: What the test settings and the calling shell put into the environment.
DROPPED = ("DATABASE_URL", "HIENLUONG_STATE", "HIENLUONG_URL", "DJANGO_SETTINGS_MODULE", "HIENLUONG_SMTP_HOST")


def environment(**more: str) -> dict[str, str]:
    """The environment without what the test settings put into it."""
    return {**{key: value for key, value in os.environ.items() if key not in DROPPED}, "COLUMNS": "200", **more}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hienluong(*arguments: str, timeout: float = 240, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [*COMMAND, *arguments]
    return subprocess.run(command, env=environment(**env), capture_output=True, text=True, timeout=timeout, check=False)


def in_process(*arguments: str, **env: str) -> Result:
    """A command in this process, half a second cheaper. Not for those that set Django up: it is, for the tests."""
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return CliRunner(env={**dict.fromkeys(DROPPED), "COLUMNS": "200", **env}).invoke(app, arguments)
    finally:
        for number, handler in signals.items():
            signal.signal(number, handler)


def wait_until(holds: Callable[[], bool], words: str | Callable[[], str], patience: float = PATIENCE) -> None:
    """Wait until something holds; fails with `words`, asked for only then when they are a function."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, words() if callable(words) else words
        time.sleep(0.1)


class Installation:
    """``hienluong up`` in a folder; from a database that is `migrated` already where its making is not what matters."""

    def __init__(
        self,
        state: Path,
        *options: str,
        workers: int = 1,
        patience: float = PATIENCE,
        env: dict[str, str] | None = None,
        migrated: bool = False,
    ) -> None:
        self.state = state
        self.migrated = migrated
        self.env = env or {}
        self.options = [*options, "--workers", str(workers)]
        self.patience = patience
        self.port, self.mail_port, self.bank_port, self.national_port = (free_port() for _ in range(4))
        self.vneid_port, self.dvc_port, self.axis_port, self.csc_port = (free_port() for _child in range(4))
        self.events_port, self.inner_port, self.bus_port, self.agency_port = (free_port() for _child in range(4))
        self.mediator_port = free_port()
        self.ministries_port, self.firewall_port = free_port(), free_port()
        self.output = state.parent / f"{state.name}.out"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Installation:
        """Start and wait until it says that it runs."""
        if self.migrated and not self.state.exists():
            self.state.mkdir()
            database.note_prepared(self.state)
            if "DATABASE_URL" not in self.env:
                database.copy_cluster(self.state)
        options = ["--state", str(self.state), "--port", str(self.port), "--mail-port", str(self.mail_port)]
        options += ["--bank-port", str(self.bank_port), "--national-port", str(self.national_port)]
        options += ["--vneid-port", str(self.vneid_port), "--dvc-port", str(self.dvc_port)]
        options += ["--axis-port", str(self.axis_port), "--csc-port", str(self.csc_port)]
        options += ["--agency-port", str(self.agency_port)]
        options += ["--events-port", str(self.events_port), "--inner-port", str(self.inner_port)]
        options += ["--bus-port", str(self.bus_port), "--mediator-port", str(self.mediator_port)]
        options += ["--ministries-port", str(self.ministries_port), "--firewall-port", str(self.firewall_port)]
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [*COMMAND, "up", *options, *self.options], env=environment(**self.env), stdout=out, stderr=out
            )
        process = self.process
        wait_until(lambda: self._settled(process), lambda: f"not started:\n{self.said}", self.patience)
        assert self.process.poll() is None, self.said
        if self.migrated:
            database.keep_static(self.state)
        return self

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped since."""
        return self.process is not None and self.process.poll() is None

    def _settled(self, process: subprocess.Popen[bytes]) -> bool:
        return process.poll() is not None or "đang chạy tại" in self.said

    @property
    def said(self) -> str:
        """What it printed."""
        return self.output.read_text() if self.output.exists() else ""

    def stop(self) -> None:
        """Stop it, whatever its state."""
        if self.process and self.is_running:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """A command on this installation's folder."""
        return hienluong(*arguments, "--state", str(self.state), timeout=240, **self.env, **env)

    def shell(self, script: str) -> subprocess.Popen[str]:
        """Python in the product's own settings, as another process beside it; it reads what is written to it."""
        env = environment(
            HIENLUONG_STATE=str(self.state),
            DATABASE_URL=self.database_url,
            DJANGO_SETTINGS_MODULE="hienluong.house.settings",
            **{name: value for name, value in self.env.items() if name != "DATABASE_URL"},
        )
        command = [sys.executable, "-W", "ignore", "-m", "django", "shell", "-v", "0", "-c", script]
        return subprocess.Popen(command, env=env, text=True, **PIPES)

    def status(self) -> dict[str, Any]:
        """What ``hienluong status --json`` says."""
        answer: dict[str, Any] = json.loads(in_process("status", "--json", "--state", str(self.state)).stdout)
        return answer

    def child(self, name: str) -> dict[str, Any]:
        """One child, as the supervisor wrote it down."""
        notes = json.loads((self.state / "run" / "children.json").read_text())["children"]
        return next(note for note in notes if note["name"] == name)

    @property
    def database_url(self) -> str:
        """Its database."""
        if "DATABASE_URL" in self.env:
            return self.env["DATABASE_URL"]
        return (self.state / "run" / "database.url").read_text()
