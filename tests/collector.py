"""A collector of traces: takes OTLP over HTTP as any other does, and keeps what it was told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.house.running import wait_until


@dataclass(frozen=True)
class Told:
    """One span."""

    program: str
    name: str
    kind: int  # 1 internal, 2 server, 3 client, 5 consumer
    trace: str
    own: str
    parent: str
    attributes: dict[str, Any] = field(hash=False)
    failed: bool


class TraceCollector:
    """What came, and with which token."""

    def __init__(self) -> None:
        self.spans: list[Told] = []
        self.tokens: set[str] = set()
        self.raw = b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                assert self.path == "/v1/traces"
                outer.take(body, str(self.headers.get("Authorization", "")))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                """Nothing on the screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def take(self, body: bytes, token: str) -> None:
        told = ExportTraceServiceRequest()
        told.ParseFromString(body)
        self.raw += body
        self.tokens.add(token)
        for resource in told.resource_spans:
            program = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            for scope in resource.scope_spans:
                for one in scope.spans:
                    said = {a.key: getattr(a.value, str(a.value.WhichOneof("value"))) for a in one.attributes}
                    ids = (one.trace_id.hex(), one.span_id.hex(), one.parent_span_id.hex())
                    self.spans.append(Told(program, one.name, one.kind, *ids, said, one.status.code == 2))

    def wait(self, many: int, patience: float = 15) -> list[Told]:
        """The spans, once there are so many."""
        wait_until(lambda: len(self.spans) >= many, lambda: f"{self.spans} for {many}", patience)
        return self.spans

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def collecting() -> Iterator[TraceCollector]:
    """One that listens as long as it is needed."""
    found = TraceCollector()
    yield found
    found.stop()
