"""The gateway in a folder of its own: its files put in place, how Envoy is started, its record of calls begun anew.

No Django here: the supervisor starts it before anything else knows what may pass. Then nothing does, or what passed
before: the files of the last snapshot stay, so the gateway needs no control plane to run.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import configuration, handover
from .configuration import ACCESS_LOG, ADMIN, BOOTSTRAP, CLUSTERS, FOLLOWING, Listening
from .front import SPOOL, Front
from .snapshot import Snapshot, SnapshotError, flush, read, replace, write

SNAPSHOT = "snapshot.json"
#: From which snapshot and keys Envoy's files were made, written after them.
_MADE_FROM = ".made-from"
#: Keys nobody has: with these no token is good.
_NO_KEYS = b'{"keys":[{"kty":"oct","alg":"HS256","kid":"none","k":"%s"}]}'
#: Seconds in which Envoy takes in a file that was put in place.
_TAKEN_IN = 0.2


class NotRunning(OSError):
    """The gateway does not answer at its own door."""


@dataclass(frozen=True)
class Gateway:
    """One gateway with its files in one folder."""

    folder: Path

    def apply(self, snapshot: Snapshot) -> None:
        """Write the snapshot and Envoy's files; a running gateway follows at once (some 50 ms), none of its calls fails.

        Raises ``ValueError`` or ``OSError`` when the keys of the identity provider cannot be read; then nothing changed.
        """
        with self._alone():
            made = configuration.following(snapshot, self.folder)
            # The effect does not wait for the disk. After a power cut Envoy's files are made from the snapshot, and that
            # from the database.
            write(snapshot, self.folder / SNAPSHOT, flushed=False)
            self._put(made)
            flush(self.folder / SNAPSHOT)
            replace(self.folder / _MADE_FROM, self._said(snapshot), mode=0o600)

    def follows(self, snapshot: Snapshot) -> bool:
        """Whether Envoy's files were made from this snapshot, which is the one in the folder, and the keys beside it.

        They were not when keys have turned since, or when who wrote them was killed before the end.
        """
        return self._read(_MADE_FROM) == self._said(snapshot)

    def prepare(self, listening: Listening, before_web: Front | None = None) -> None:
        """Write what Envoy is started with; what may pass stays as it was, or is nothing."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if before_web:
            (self.folder / SPOOL).mkdir(exist_ok=True, mode=0o700)
        with self._alone():
            secret = handover.secret(self.folder)
            for name, content in listening.secrets.items():
                replace(self.folder / name, content, mode=0o600)
            replace(self.folder / BOOTSTRAP, configuration.bootstrap(listening, secret, before_web), mode=0o600)
            (self.folder / ADMIN).unlink(missing_ok=True)  # of one that was killed
            try:
                # Made anew from what was last said: the program may be newer than the files.
                self._put(configuration.following(read(self.folder / SNAPSHOT), self.folder))
            except (SnapshotError, OSError, ValueError, KeyError, TypeError):
                if not all(self._read(name) for name in FOLLOWING):  # none yet, or empty since a power cut
                    self._put(self._nothing())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Who starts Envoy must not put back what the control plane has just replaced."""
        with (self.folder / ".files.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _said(self, snapshot: Snapshot) -> bytes:
        said = b"".join(self._read(name) or b"" for name in (SNAPSHOT, snapshot.jwks_file))
        return hashlib.sha256(said).hexdigest().encode()

    def _nothing(self) -> dict[str, bytes]:
        keys = self.folder / ".no-keys.json"
        replace(keys, _NO_KEYS % os.urandom(32).hex().encode(), mode=0o600)
        closed = Snapshot(version=0, issuer="urn:hienluong:none", jwks_file=keys.name, mediator="127.0.0.1:9")
        try:
            return configuration.following(closed, self.folder)
        finally:
            keys.unlink()

    def _put(self, made: dict[str, bytes]) -> None:
        old = self._read(CLUSTERS)
        going = old is not None and old != made[CLUSTERS]
        for name in FOLLOWING:
            content = made[name]
            if name == CLUSTERS and going:
                content = configuration.both(old or b"", content)
            if self._read(name) != content:
                replace(self.folder / name, content, mode=0o600, flushed=False)
        if going:  # the routes to them first
            if self._read(CLUSTERS) != made[CLUSTERS]:
                time.sleep(_TAKEN_IN)
            replace(self.folder / CLUSTERS, made[CLUSTERS], mode=0o600, flushed=False)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def argv(self, workers: int = 1) -> list[str]:
        """The command that runs it, with so many threads that carry calls; in its folder, see :meth:`identity`."""
        return [
            program(),
            "--config-path",
            BOOTSTRAP,
            "--concurrency",
            str(workers),
            "--disable-hot-restart",
            "--log-level",
            "warning",
            "--file-flush-interval-msec",
            "500",
            "--drain-time-s",
            "5",
        ]

    def identity(self) -> dict[str, Path]:
        """Where it runs: names of files are short there, whatever the folder is called."""
        return {"cwd": self.folder}

    @staticmethod
    def environment() -> dict[str, str]:
        """It needs nothing of ours, and gets nothing."""
        return {"PATH": os.environ.get("PATH", "")}

    def turn_over(self, kept: Path, log: str = ACCESS_LOG) -> bool:
        """Put the record of calls (or another `log`) at `kept` (same disk) and let the gateway begin a new one.

        False: there is none.

        Raises :class:`NotRunning`; the record is then at `kept` all the same. Lines on their way when the file is moved still
        come into it for a second.
        """
        try:
            (self.folder / log).rename(kept)
        except FileNotFoundError:
            return False
        self.ask("POST", "/reopen_logs")
        return True

    def ask(self, method: str, path: str) -> str:
        """The answer of Envoy's own door, open to the user it runs as; raises :class:`NotRunning`."""
        from http.client import HTTPException, HTTPResponse  # most who import this never ask

        try:
            with self._door() as door:
                door.sendall(f"{method} {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n".encode())
                with HTTPResponse(door, method=method) as answer:  # long ones come in pieces
                    answer.begin()
                    body = answer.read()
        except (OSError, HTTPException) as problem:
            raise NotRunning(str(problem)) from None
        if answer.status != 200:
            raise NotRunning(f"{answer.status} {answer.reason}")
        return body.decode(errors="replace")

    @contextmanager
    def _door(self) -> Iterator[socket.socket]:
        # The name of a socket has at most 107 bytes, and the folder may be called anything.
        folder = os.open(self.folder, os.O_PATH)
        try:
            with socket.socket(socket.AF_UNIX) as door:
                door.settimeout(5)
                door.connect(f"/proc/self/fd/{folder}/{ADMIN}")
                yield door
        finally:
            os.close(folder)

    @property
    def is_ready(self) -> bool:
        """Whether it has taken in its files and listens."""
        try:
            return "LIVE" in self.ask("GET", "/ready")
        except NotRunning:
            return False


def usual_workers() -> int:
    """How many threads carry calls where nobody says: half as many as processors that may be used, from 1 to 4."""
    return max(1, min(4, len(os.sched_getaffinity(0)) // 2))


def program() -> str:
    """Envoy itself: the one that was installed beside us, else that of the machine."""
    from importlib.util import find_spec

    found = find_spec("envoy")
    for place in found.submodule_search_locations or () if found else ():
        binary = Path(place) / "_bin" / "envoy"
        if os.access(binary, os.X_OK):
            return str(binary)
    beside = Path(sys.executable).parent / "envoy"
    return str(beside) if beside.exists() else shutil.which("envoy") or str(beside)
