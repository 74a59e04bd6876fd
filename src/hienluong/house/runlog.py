"""What the supervisor writes down in the state folder: who runs, and what they say."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

LOCK = "hienluong.lock"
#: A log is set aside when it grows past this many bytes; this many old ones are kept.
LOG_LIMIT = 10_000_000
LOGS_KEPT = 3


@dataclass(frozen=True)
class Note:
    """One child, as written down: `created` (epoch seconds) tells it from a later process with the same id."""

    name: str
    pid: int
    created: float
    stop: str
    restarts: int = 0

    @classmethod
    def of(cls, name: str, pid: int, stop: str, restarts: int) -> Note:
        """Write down a process that was just started; a dead one gets the present as its time."""
        try:
            created = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            created = time.time()
        return cls(name, pid, created, stop, restarts)

    def process(self) -> psutil.Process | None:
        """The living process this note is about, if it still lives."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) <= 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True)
class Status:
    """What runs in a folder now: the supervisor's id (None: nobody), the address, a row for each child."""

    supervisor: int | None
    url: str
    children: list[dict[str, Any]]

    @property
    def healthy(self) -> bool:
        """Whether the supervisor and each of its children live."""
        return self.supervisor is not None and bool(self.children) and all(row["alive"] for row in self.children)


def write(folder: Path, url: str, children: list[Note]) -> None:
    """Write down the children, in one piece."""
    file = folder / "run" / "children.json"
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"url": url, "children": [asdict(note) for note in children]}))
    fresh.replace(file)


def read(folder: Path) -> tuple[str, list[Note]]:
    """The address and the children written down last."""
    file = folder / "run" / "children.json"
    if not file.exists():
        return "", []
    found = json.loads(file.read_text())
    return str(found["url"]), [Note(**entry) for entry in found["children"]]


def supervisor_of(folder: Path) -> int | None:
    """The process that holds the folder, or None."""
    lock = folder / "run" / LOCK
    if not lock.exists():
        return None
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0) or None
    return None


def status_of(folder: Path) -> Status:
    """Read what runs in a state folder, without disturbing it."""
    url, notes = read(folder)
    return Status(supervisor_of(folder), url, [_row(note) for note in notes])


def _row(note: Note) -> dict[str, Any]:
    process = note.process()
    memory = sum(memory_of(member) for member in family(process)) if process else 0
    return {
        "name": note.name,
        "pid": note.pid,
        "alive": process is not None,
        "since": note.created,
        "restarts": note.restarts,
        "memory": memory,
    }


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and everything below it."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory_of(process: psutil.Process) -> int:
    """Bytes that a process takes, shared pages divided among those who share them (PSS); RSS where PSS is closed."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    except (psutil.NoSuchProcess, AttributeError):
        return 0


def end_leftovers(folder: Path, patience: float = 30.0) -> None:
    """End the children of a supervisor that was killed, with their process groups; wait until they are gone."""
    for note in reversed(read(folder)[1]):
        process = note.process()
        if process:
            process.send_signal(getattr(signal, note.stop))
            psutil.wait_procs([process], timeout=patience)
        for orphan in _group(note):
            os.kill(orphan.pid, signal.SIGKILL)
            psutil.wait_procs([orphan], timeout=5)


def _group(note: Note) -> Iterator[psutil.Process]:
    """Living members of the session that a child led (each child leads its own)."""
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == note.pid and process.create_time() >= note.created - 1:
                yield process
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            continue


def file_of(folder: Path, name: str) -> Path:
    """The log of a child."""
    return folder / "log" / f"{name}.log"


def rotate(log: Path) -> None:
    """Set a grown log aside as ``.1``, ``.2`` …; its writer appends and so goes on in the emptied file."""
    if not log.exists() or log.stat().st_size <= LOG_LIMIT:
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)


def last_words(log: Path) -> str:
    """The end of a log, with its path."""
    words = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    return f"Nhật ký {log}:\n{words.strip()}"
