"""The event server (NATS with JetStream) in a folder of its own: its configuration, who may connect, how it is started.

No Django here: the supervisor writes the first configuration before the database is there. Who may connect is in a file
of its own that the worker writes again when a subscription changes; the server reads it anew at SIGHUP.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: The stream that holds all events, and what its subjects begin with.
STREAM, PREFIX = "SU_KIEN", "su-kien"
#: Our own name at the server.
PUBLISHER = "hienluong"
#: Largest message, in bytes: events tell that something changed, they do not carry it.
MOST_PAYLOAD = 256 * 1024


@dataclass(frozen=True)
class Consumer:
    """A system that takes its events from the server itself: its public key (NKey) and the durable consumer it may read."""

    key: str
    durable: str

    def rights(self) -> dict[str, object]:
        """Ask for the next messages of its own consumer, say that they were taken, and nothing else."""
        mine = f"{STREAM}.{self.durable}"
        return {
            "nkey": self.key,
            "permissions": {
                "publish": [f"$JS.API.CONSUMER.MSG.NEXT.{mine}", f"$JS.API.CONSUMER.INFO.{mine}", f"$JS.ACK.{mine}.>"],
                "subscribe": [f"_INBOX.{self.durable}.>"],
            },
        }


@dataclass(frozen=True)
class Cluster:
    """A member of a cluster: its name, where its routes listen, and the routes of all members."""

    name: str
    listen: str
    routes: tuple[str, ...]


@dataclass(frozen=True)
class Server:
    """One event server. `port` listens on `host`; `megabytes` is how much it may keep on disk."""

    folder: Path
    port: int
    password: str
    host: str = "127.0.0.1"
    megabytes: int = 1024
    name: str = "hienluong-1"
    cluster: Cluster | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://{self.host}:{self.port}"

    def write(self) -> None:
        """Write the configuration; who may connect stays as it was, or is nobody but us."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        said: dict[str, object] = {
            "server_name": self.name,
            "listen": f"{self.host}:{self.port}",
            "pid_file": str(self.folder / "nats.pid"),
            "max_payload": MOST_PAYLOAD,
            "jetstream": {
                "store_dir": str(self.folder / "store"),
                "max_mem": 8 * 1024 * 1024,
                "max_file": self.megabytes * 1024 * 1024,
                "sync_interval": "always",  # what was acknowledged is on disk, even when the power fails
            },
        }
        if self.cluster:
            said["cluster"] = {
                "name": self.cluster.name,
                "listen": self.cluster.listen,
                "routes": list(self.cluster.routes),
            }
        lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
        write_aside(self.folder / "nats.conf", "\n".join([*lines, 'include "accounts.conf"', ""]))
        if not (self.folder / "accounts.conf").exists():
            self.admit([])

    def admit(self, consumers: Sequence[Consumer]) -> bool:
        """Write down who may connect besides us; whether that is something new."""
        publisher = {"user": PUBLISHER, "password": self.password}
        users = [publisher, *(one.rights() for one in consumers)]
        text = f"accounts: {json.dumps({'PROVINCE': {'jetstream': 'enabled', 'users': users}}, ensure_ascii=False)}\n"
        file = self.folder / "accounts.conf"
        if file.exists() and file.read_text() == text:
            return False
        write_aside(file, text)
        return True

    def read_again(self) -> bool:
        """Make the running server read who may connect; False when it does not run here.

        Whoever may connect no more is cut off at once.
        """
        try:
            os.kill(int((self.folder / "nats.pid").read_text()), signal.SIGHUP)
        except (OSError, ValueError):
            return False
        return True

    def argv(self) -> list[str]:
        """The command that runs it."""
        beside = Path(sys.executable).parent / "nats-server"
        program = str(beside) if beside.exists() else shutil.which("nats-server") or str(beside)
        return [program, "-c", str(self.folder / "nats.conf")]

    @staticmethod
    def environment() -> dict[str, str]:
        """Its garbage collector is told to be thrifty: a province needs tens of megabytes."""
        return {"PATH": os.environ.get("PATH", ""), "GOMEMLIMIT": "64MiB", "GOGC": "50", "GOMAXPROCS": "2"}


def write_aside(file: Path, text: str) -> None:
    """Write a file whole or not at all, for our eyes only."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
    aside.replace(file)
