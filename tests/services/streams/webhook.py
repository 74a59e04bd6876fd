"""A system that is told of events: a real HTTP server that answers as the test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.house.running import free_port

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, str]]]


def taken(_event: dict[str, Any]) -> tuple[int, dict[str, str]]:
    return 204, {}


class Webhook:
    """What came, in order (`came`), and of that what was answered with 2xx (`took`)."""

    def __init__(self) -> None:
        self.port = free_port()
        self.answer: Answer = taken
        self.seconds = 0.0  # that an answer takes
        self.came: list[dict[str, Any]] = []
        self.took: list[dict[str, Any]] = []
        self.raw: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/nhan?he=1"

    def up(self) -> Webhook:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                hook.connections += 1
                super().setup()

            def do_POST(self) -> None:  # the name http.server asks for
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = json.loads(body)
                hook.raw.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                hook.came.append(event)
                time.sleep(hook.seconds)
                status, headers = hook.answer(event)
                if 200 <= status < 300:
                    hook.took.append(event)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def down(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def codes(self) -> dict[str, list[str]]:
        """What was taken, by key; what was taken twice stands twice."""
        found: dict[str, list[str]] = {}
        for each in self.took:
            found.setdefault(each["partitionkey"], []).append(each["data"]["code"])
        return found
