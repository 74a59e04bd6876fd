"""Worker processes of composed services that are killed: each is forked from one that has set everything up.

Started as a program: for each line read it forks a worker and says its process id.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


class Lives:
    """One worker after the other on a database; each really dies by ``kill -9``."""

    def __init__(self, database: str, gateway: str) -> None:
        told = {"DATABASE_URL": database, "HIENLUONG_BUS_URL": gateway, "HIENLUONG_LOG": "CRITICAL"}
        env = {**os.environ, **told, "DJANGO_SETTINGS_MODULE": "hienluong.house.settings"}
        self._mother = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.services.flows.lives"],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self) -> int:
        """A worker more; its process id."""
        assert self._mother.stdin
        assert self._mother.stdout
        self._mother.stdin.write("\n")
        self._mother.stdin.flush()
        return int(self._mother.stdout.readline())

    def end(self) -> None:
        """No more of them."""
        assert self._mother.stdin
        self._mother.stdin.close()
        self._mother.wait(30)


def main() -> None:
    """Fork a worker for each line."""
    import django

    django.setup()
    import httpx  # noqa: F401 - so that no worker need load it anew

    from hienluong.services.flows import running

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who is killed needs nobody to bury them
    running.SWEEP = running.PAUSE = 0.05
    for _line in sys.stdin:
        child = os.fork()
        if not child:
            running.run(threading.Event())
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
