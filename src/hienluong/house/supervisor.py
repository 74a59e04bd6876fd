"""Starting the children, restarting what dies, stopping them in order; all state in one folder."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import runlog
from .apart import end_with, stand_back
from .children import Child, Plan, listens
from .postgres import EmbeddedPostgres

#: A child that lived this many seconds starts afresh in the count of its deaths.
STEADY = 60.0
#: Longest wait, in seconds, before a child that keeps dying is started again.
LONGEST_WAIT = 30.0
Say = Callable[[str], None]


class CannotStart(RuntimeError):
    """The installation cannot start; the message says why and what to do."""


class Interrupted(RuntimeError):
    """Somebody asked to stop while the installation was still starting."""


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    due: float | None = None  # when to start again, on the monotonic clock; None while it lives


class Supervisor:
    """Runs one plan until it is told to stop (:attr:`stopping` is set)."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self.plan = plan
        self.say = say
        self.stopping = threading.Event()
        self._running: dict[str, _Running] = {}
        self._lock: IO[str] | None = None

    @property
    def _folder(self) -> Path:
        return self.plan.state.path

    def start(self, *, prepare: Callable[[], None]) -> None:
        """Take the folder, start the database, call `prepare` (migrations, demo), start the rest.

        Raises CannotStart, or Interrupted when :attr:`stopping` was set meanwhile; call :meth:`stop` then.
        """
        self.take_folder()
        self._require_ports()
        self._require_certificates()
        self.start_database()
        prepare()
        services = self.plan.services()
        self.say(f"Khởi động {', '.join(child.name for child in services)} …")
        for child in services:
            self._launch(child)
        for child in services:
            self._wait_ready(child)

    def start_database(self) -> None:
        """Start the embedded database, if it is ours to start, and create the product's database in it."""
        database = self.plan.database()
        if database is None:
            return
        self.say("Khởi động PostgreSQL …")
        postgres = EmbeddedPostgres(self.plan.state)
        postgres.prepare()
        self._launch(database)
        self._wait_ready(database)
        postgres.ensure_database()

    def run_once(self, argv: list[str], *, quiet: bool) -> None:
        """Run a command to its end before the services start; raises CannotStart with its last words."""
        log = runlog.file_of(self._folder, "prepare")
        with log.open("ab") as out:
            process = subprocess.Popen(
                argv,
                env=self.plan.environment(serving=False),
                stdin=subprocess.DEVNULL,
                stdout=out if quiet else None,
                stderr=out,
                preexec_fn=_die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - this process has one thread
            )
            while process.poll() is None:
                if self.stopping.wait(0.05):
                    process.terminate()
                    process.wait(20)
                    raise Interrupted
        if process.returncode:
            raise CannotStart(f"Lệnh {' '.join(argv[1:])} không xong.\n{runlog.last_words(log)}")

    def watch(self) -> None:
        """Restart what dies until told to stop, then stop everything."""
        try:
            while not self.stopping.wait(0.25):
                for running in list(self._running.values()):
                    self._look_after(running)
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop the children in the reverse order of their start; kill what does not end in time."""
        self.stopping.set()
        for running in reversed(list(self._running.values())):
            self._end(running)
        self._running.clear()
        if self._lock:
            self._note()
            self._lock.close()
            self._lock = None

    def take_folder(self) -> None:
        """Become the only supervisor of the state folder and end what a killed one left behind."""
        (self._folder / "run").mkdir(parents=True, exist_ok=True)
        (self._folder / "log").mkdir(exist_ok=True)
        lock = (self._folder / "run" / runlog.LOCK).open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            owner = lock.read().strip() or "?"
            lock.close()
            raise CannotStart(
                f"Hiền Lương đang chạy trên thư mục {self._folder} (tiến trình {owner}). "
                "Dùng `hienluong status` để xem, `hienluong down` để dừng, hoặc chọn thư mục khác bằng --state."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        runlog.end_leftovers(self._folder)

    def _require_ports(self) -> None:
        if self.plan.front and not self.plan.bus_port:
            raise CannotStart("--front cần cổng kết nối chạy: chọn --bus-port khác 0.")
        inner = {"web": "--inner-port"} if self.plan.inside else {}
        inner |= {"firewall": "--firewall-port"} if self.plan.front else {}
        for name, port in self.plan.ports().items():
            if listens(port):
                option = {
                    "mail": "--mail-port",
                    "bank-simulator": "--bank-port",
                    "national-simulator": "--national-port",
                    "vneid-simulator": "--vneid-port",
                    "dvc-simulator": "--dvc-port",
                    "axis-simulator": "--axis-port",
                    "csc-simulator": "--csc-port",
                    "agency-simulator": "--agency-port",
                    "events": "--events-port",
                    "gateway": "--bus-port",
                    "gateway-mtls": "HIENLUONG_BUS_TLS_PORT",
                    "mediator": "--mediator-port",
                    "ministries-simulator": "--ministries-port",
                    **inner,
                }.get(name, "--port")
                raise CannotStart(
                    f"Cổng {port} (cho {name}) đang có chương trình khác dùng. "
                    f"Dừng chương trình đó (tìm bằng `ss -ltnp`), hoặc chọn cổng khác bằng {option}."
                )

    def _require_certificates(self) -> None:
        """What the gateway needs at its port for certificates."""
        if not self.plan.bus_port or not self.plan.bus_tls_port:
            return
        for name in ("HIENLUONG_BUS_TLS_CERTIFICATE", "HIENLUONG_BUS_TLS_KEY", "HIENLUONG_BUS_CLIENT_CA"):
            file = os.environ.get(name, "")
            if not os.access(file, os.R_OK):
                raise CannotStart(f"HIENLUONG_BUS_TLS_PORT cần {name} là một tệp đọc được (đang là “{file}”).")

    def _launch(self, child: Child, deaths: int = 0) -> None:
        log = runlog.file_of(self._folder, child.name)
        with log.open("ab") as out:
            process = subprocess.Popen(
                child.argv,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=child.env,
                start_new_session=True,
                preexec_fn=_die_with_parent(getattr(signal, child.stop_signal), child.niceness),  # noqa: PLW1509
                **child.identity,
            )
        self._running[child.name] = _Running(child, process, time.monotonic(), deaths)
        self._note()

    def _wait_ready(self, child: Child) -> None:
        log = runlog.file_of(self._folder, child.name)
        deadline = time.monotonic() + child.ready_within
        while time.monotonic() < deadline:
            if self._running[child.name].process.poll() is not None:
                raise CannotStart(f"{child.name} dừng ngay khi khởi động.\n{runlog.last_words(log)}")
            if child.is_ready():
                return
            if self.stopping.wait(0.05):
                raise Interrupted
        raise CannotStart(f"{child.name} chưa sẵn sàng sau {child.ready_within:.0f} giây.\n{runlog.last_words(log)}")

    def _look_after(self, running: _Running) -> None:
        """Note a death, start again what is due, set a log aside that has grown."""
        now = time.monotonic()
        if running.due is not None:
            if now >= running.due:
                try:
                    running.child.before_restart()
                except (OSError, subprocess.CalledProcessError) as error:
                    self.say(f"{running.child.name}: {error}")
                self._launch(running.child, running.deaths)
            return
        runlog.rotate(runlog.file_of(self._folder, running.child.name))
        if running.process.poll() is None:
            return
        _kill_group(running.process.pid)  # what the dead one may have left running
        running.deaths = 1 if now - running.started > STEADY else running.deaths + 1
        wait = 0.0 if running.deaths == 1 else min(0.5 * 2 ** (running.deaths - 2), LONGEST_WAIT)
        running.due = now + wait
        self.say(f"{running.child.name} đã dừng (mã {running.process.returncode}); khởi động lại sau {wait:g} giây.")

    def _end(self, running: _Running) -> None:
        process = running.process
        if process.poll() is None:
            process.send_signal(getattr(signal, running.child.stop_signal))
            try:
                process.wait(running.child.patience)
            except subprocess.TimeoutExpired:
                self.say(f"{running.child.name} không dừng sau {running.child.patience:g} giây; buộc dừng.")
        _kill_group(process.pid)
        process.wait(10)

    def _note(self) -> None:
        children = [
            runlog.Note.of(name, running.process.pid, running.child.stop_signal, running.deaths)
            for name, running in self._running.items()
        ]
        runlog.write(self._folder, self.plan.url, children)


def _die_with_parent(number: int, niceness: int = 0) -> Callable[[], None]:
    """For a child: get this signal when the supervisor dies, even by ``kill -9``; stand back by `niceness`."""
    parent = os.getpid()

    def set_signal() -> None:
        if niceness:
            stand_back(niceness)
        end_with(parent, number)

    return set_signal


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
