"""A real event server for tests: started on demand, killed, started again in the same folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nats.js.errors import NotFoundError

from hienluong.house.children import listens
from hienluong.services.streams import connecting, running
from hienluong.services.streams.server import STREAM, Cluster, Server
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


class Bus:
    """What a test asks of the event server, as us."""

    def on(self, work: Callable[[Any, Any], Awaitable[Any]]) -> Any:
        """Do something with a connection and what JetStream offers on it."""

        async def run() -> Any:
            connection = await connecting.connect()
            try:
                return await work(connection, connection.jetstream())
            finally:
                await connection.close()

        return asyncio.run(run())

    def empty(self) -> None:
        """A stream with nothing in it, and numbers from 1."""

        async def work(_connection: Any, js: Any) -> None:
            with contextlib.suppress(NotFoundError):
                await js.delete_stream(STREAM)
            await connecting.ensure_stream(js)

        self.on(work)

    def publish(self) -> int:
        """What the worker does when it is woken; how many events were stored."""

        async def work(_connection: Any, js: Any) -> int:
            database = running.Database()
            try:
                return await running.publish_waiting(js, database)
            finally:
                database.end()

        return int(self.on(work))

    def messages(self) -> list[dict[str, Any]]:
        """All events of the stream, in order, with the subject and the message id beside each."""

        async def work(_connection: Any, js: Any) -> list[dict[str, Any]]:
            state = (await js.stream_info(STREAM)).state
            found = []
            for number in range(state.first_seq, state.last_seq + 1):
                message = await js.get_msg(STREAM, number)
                found.append({**json.loads(message.data), "_subject": message.subject, "_headers": message.headers})
            return found

        return list(self.on(work))
