"""A real event server for tests: started on demand, killed, started again in the same folder."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from hienluong.house.children import listens
from hienluong.services.streams.server import Cluster, Server
from tests.house.running import free_port

PASSWORD = "mật khẩu của phép thử"


class Broker:
    """One server in one folder."""

    def __init__(
        self, folder: Path, *, megabytes: int = 64, name: str = "thu-1", cluster: Cluster | None = None
    ) -> None:
        self.server = Server(folder, free_port(), PASSWORD, megabytes=megabytes, name=name, cluster=cluster)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.server.url

    def start(self) -> Broker:
        self.server.write()
        with (self.server.folder / "nats.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.server.argv(), env=self.server.environment(), stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 20
        while not listens(self.server.port):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)
        return self

    @property
    def said(self) -> str:
        return (self.server.folder / "nats.log").read_text()

    def kill(self) -> None:
        """As ``kill -9``: nothing can be put in order before."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.terminate()
        return self.process.wait(10)
