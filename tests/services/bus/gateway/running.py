"""A real gateway before a provider that tells what reached it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from hienluong.services.bus.gateway import accesslog
from hienluong.services.bus.gateway.configuration import ACCESS_LOG, LIMITS, Listening
from hienluong.services.bus.gateway.server import Gateway
from hienluong.services.bus.gateway.snapshot import GrantRoute, OperationRoute, ServiceRoute, Snapshot
from tests.house.running import free_port, wait_until

ISSUER = "https://tinh.example.vn"
#: Seconds in which a change is taken in; two are allowed.
TAKEN_IN = 0.4
AGREEMENT, CLIENT, PURPOSE = "TT-1", "so-tu-phap", "Giải quyết hồ sơ"


class Key:
    """A key of the identity provider."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return {**made, "kid": self.kid, "alg": "RS256", "use": "sig"}

    def token(self, client: str = CLIENT, *, lives: int = 600, **claims: Any) -> str:
        """An access token as our identity provider makes them."""
        told = {"iss": ISSUER, "aud": ISSUER, "sub": client, "client_id": client, "exp": int(time.time()) + lives}
        return jwt.encode({**told, **claims}, self.private, "RS256", headers={"kid": self.kid, "typ": "at+jwt"})


@dataclass
class Seen:
    """One request as it reached a provider."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # with the usual five, the connections of a hundred calls at once fail on a busy machine


class Provider:
    """A provider of data: answers what it is told to, and keeps what it was asked."""

    def __init__(self, name: str = "provider") -> None:
        self.name = name
        self.seen: list[Seen] = []
        self.status: Callable[[Seen], int] = lambda _seen: 200
        self.delay = 0.0
        self.headers: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            disable_nagle_algorithm = True  # head and body are sent apart

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                heard = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                outer.seen.append(heard)
                if heard.headers.get("upgrade") == "websocket":
                    self.wfile.write(
                        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                    )
                    while piece := self.connection.recv(4096):
                        self.wfile.write(b"echo:" + piece)
                    self.close_connection = True
                    return
                time.sleep(outer.delay)
                told = json.dumps({"by": outer.name}).encode()
                self.send_response(outer.status(heard))
                self.send_header("Content-Type", "application/json")
                self.send_header("X-Powered-By", "secret framework")
                for header, value in outer.headers.items():
                    self.send_header(header, value)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(told)

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.answer
                raise AttributeError(name)

            def log_message(self, *_words: Any) -> None:
                """Nothing on the screen."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Answer:
    """What the gateway answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    """A gateway that runs, its provider and its keys."""

    folder: Path
    provider: Provider = field(default_factory=Provider)
    key: Key = field(default_factory=lambda: Key("k1"))
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    version: int = 0

    @property
    def gateway(self) -> Gateway:
        return Gateway(self.folder)

    def start(self) -> Running:
        self.gateway.prepare(Listening("127.0.0.1", self.port, **self.options))
        with (self.folder / "envoy.out").open("ab") as out:
            process = subprocess.Popen(
                self.gateway.argv(workers=2), cwd=self.folder, env=self.gateway.environment(), stdout=out, stderr=out
            )
        self.process = process
        wait_until(lambda: self.gateway.is_ready or process.poll() is not None, lambda: self.said, 20)
        assert process.poll() is None, self.said
        return self

    @property
    def said(self) -> str:
        return (self.folder / "envoy.out").read_text()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def limits(self) -> list[int]:
        """The limits of calls a minute that it knows."""
        (known,) = json.loads((self.gateway.folder / LIMITS).read_bytes())["resources"]
        return [one["token_bucket"]["max_tokens"] for one in known["typed_config"]["descriptors"]]

    def publish(
        self, *services: ServiceRoute, keys: list[Key] | None = None, mediator: str = "127.0.0.1:9", **more: Any
    ) -> None:
        """Let this pass, and wait as long as that takes."""
        self.version += 1
        written = {"keys": [each.public for each in ([self.key] if keys is None else keys)]}
        (self.folder / "jwks.json").write_text(json.dumps(written))
        self.gateway.apply(Snapshot(self.version, ISSUER, "jwks.json", mediator, list(services), **more))
        time.sleep(TAKEN_IN)

    def call(
        self,
        method: str = "GET",
        path: str = "/lgsp/dan-cu/v1/nguoi/001",
        *,
        token: str | None = "",
        agreement: str = AGREEMENT,
        purpose: str | None = PURPOSE,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One call on a connection of its own; `token` empty: a good one."""
        sent: dict[str, bytes | str] = {"X-Agreement": agreement, **(headers or {})}
        if purpose is not None:
            sent["X-Purpose"] = purpose.encode()
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.key.token()}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        finally:
            connection.close()

    def raw(self, text: str, *, wait: float = 3) -> str:
        """What comes back for bytes sent as they are; TOKEN, AGREEMENT and the purpose are put in for ``@``."""
        good = f"Host: x\r\nAuthorization: Bearer {self.key.token()}\r\nX-Agreement: {AGREEMENT}\r\nX-Purpose: thu"
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as line:
            line.sendall(text.replace("\n", "\r\n").replace("@", good).encode("latin-1"))
            got = b""
            try:
                while piece := line.recv(65536):
                    got += piece
            except (TimeoutError, ConnectionResetError):
                pass
        return got.decode("utf-8", errors="replace")

    def calls(self, at_least: int = 1) -> list[accesslog.Call]:
        """The record of calls, once there are so many."""
        file = self.folder / ACCESS_LOG
        wait_until(lambda: file.exists() and len(file.read_bytes().splitlines()) >= at_least, "too few lines", 5)
        return [accesslog.read(line) for line in file.read_bytes().splitlines()]


def grant(agreement: str = AGREEMENT, *clients: str, per_minute: int = 6000, **more: Any) -> GrantRoute:
    """An agreement."""
    return GrantRoute(agreement, list(clients) or [CLIENT], per_minute, **more)


def reading(*grants: GrantRoute, template: str = "/nguoi/{so}", name: str = "get", **more: Any) -> OperationRoute:
    """An operation that reads."""
    return OperationRoute(name, more.pop("method", "GET"), template, grants=list(grants) or [grant()], **more)


def service(upstream: str, *operations: OperationRoute, code: str = "dan-cu", **more: Any) -> ServiceRoute:
    """A service in its first version."""
    return ServiceRoute(code, more.pop("major", 1), upstream, operations=list(operations) or [reading()], **more)
