"""Programs of others that run beside a test, and tell when they are ready."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hienluong.house.supervisor import _die_with_parent

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: Seconds that a loaded machine may take to start a program.
PATIENCE = 60


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[str]:
    """The address of a program that listens there, while it runs; what it printed is told when it does not."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=_die_with_parent(signal.SIGKILL),
        )
    try:
        _wait(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


def node() -> str:
    """Node.js of the machine, or of the package that the build uses."""
    own = ROOT / ".tools/node/node"
    found = str(own) if own.exists() else shutil.which("node")
    assert found, "Node.js is missing: scripts/frontend puts it into .tools/node"
    return found


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"did not start: {log.read_text(errors='replace')[-3000:]}")
