"""The gateway before the web: a real Envoy with our files, before a web that says what it was sent."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from hienluong.house.children import Plan, listens
from hienluong.house.state import StateFolder
from hienluong.services.bus.gateway.configuration import Listening
from hienluong.services.bus.gateway.front import Front
from hienluong.services.bus.gateway.server import Gateway
from tests.house.running import Installation, free_port, wait_until
from tests.house.test_firewall import Says

MOST, IDLE = 300_000, 1.5


class Hears(Says):
    """As that one, and keeps how many requests began."""

    begun = 0

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        type(self).begun += 1
        super().do_GET()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_TRACE = do_GET  # noqa: N815 - named by http.server


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Front]]:
    """Starts a gateway before that web; `proxies` before it are believed."""
    behind = ThreadingHTTPServer(("127.0.0.1", 0), Hears)
    behind.daemon_threads = True
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    running: dict[tuple[str, ...], tuple[Front, subprocess.Popen[bytes]]] = {}

    def start(*proxies: str) -> Front:
        if proxies not in running:
            folder = tmp_path_factory.mktemp("front")
            made = Front("127.0.0.1", free_port(), behind.server_port, MOST, proxies, IDLE, whole_s=4)
            gateway = Gateway(folder)
            gateway.prepare(Listening("127.0.0.1", free_port()), made)
            with (folder / "envoy.out").open("wb") as out:
                process = subprocess.Popen(
                    gateway.argv(), cwd=folder, env=gateway.environment(), stdout=out, stderr=out
                )
            running[proxies] = made, process
            said = (folder / "envoy.out").read_text
            wait_until(lambda: listens(made.port) or process.poll() is not None, said, 20)
            assert process.poll() is None, said()
        return running[proxies][0]

    yield start
    for _made, process in running.values():
        process.terminate()
        process.wait(20)
    behind.shutdown()


@pytest.fixture
def client(front: Callable[..., Front]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{front().port}", trust_env=False, timeout=20) as found:
        yield found


def raw(port: int, text: bytes, wait: float = 8) -> bytes:
    """What comes back for bytes sent as they are."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as line:
        line.sendall(text)
        got = b""
        try:
            while piece := line.recv(65536):
                got += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return got


PRETENDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=203.0.113.9;proto=https",
    "X-Real-IP": "203.0.113.9",
    "X-Client-Certificate-Subject": "CN=so-tu-phap",
}


def test_a_stranger_is_not_believed(client: httpx.Client) -> None:
    got = client.get("/", headers={**PRETENDED, "X-HTTP-Method-Override": "DELETE", "Cookie": "a=1"}).json()["headers"]
    assert got["x-forwarded-for"] == "127.0.0.1"
    assert got["x-forwarded-proto"] == "http"
    assert got["forwarded"] == 'for="127.0.0.1";proto=http'
    assert got["cookie"] == "a=1"
    assert {"x-forwarded-host", "x-real-ip", "x-client-certificate-subject", "x-http-method-override"} & set(
        got
    ) == set()
    assert [name for name in got if name.startswith("x-envoy")] == []


def test_a_proxy_of_ours_is(front: Callable[..., Front]) -> None:
    port = front("127.0.0.0/8").port
    got = httpx.get(f"http://127.0.0.1:{port}/", headers=PRETENDED, trust_env=False).json()["headers"]
    assert got["x-forwarded-for"] == "203.0.113.9"
    assert got["x-forwarded-proto"] == "https"
    assert got["x-forwarded-host"] == "evil.example"
    assert got["forwarded"] == "for=203.0.113.9;proto=https"
    assert got["x-client-certificate-subject"] == "CN=so-tu-phap"


def test_addresses_hosts_and_answers_go_through(client: httpx.Client) -> None:
    path = "/ho-so/000.00.25.H50-26-0001?page=2&q=%C4%91%E1%BA%A5t&u=http://a//b/%2f.."
    got = client.get(path, headers={"Host": "dichvucong.tinh.example"}).json()
    assert got["path"] == path
    assert got["headers"]["host"] == "dichvucong.tinh.example"
    assert client.get("/cam").status_code == 403
    assert client.get("/a/./b//c/../d").json()["path"] == "/a/b/d"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_methods_of_the_api_pass(client: httpx.Client, method: str) -> None:
    assert client.request(method, "/scim/v2/Users/1", content=b'{"active": true}').status_code == 200


BAD = {
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "odd chunks": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "odd encoding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "negative": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "space before the colon": b"GET / HTTP/1.1\r\nHost: x\r\nX-A : 1\r\n\r\n",
    "underscore": b"GET / HTTP/1.1\r\nHost: x\r\nX_Forwarded_For: 203.0.113.9\r\n\r\n",
    "escaped slash": b"GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n",
    "zero byte": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "no http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a word": b"GET\r\n\r\n",
    "old": b"GET / HTTP/1.0\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: 1\r\n" * 200 + b"\r\n",
    "large headers": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 40_000 + b"\r\n\r\n",
    "tunnel": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n",
    "upgrade": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD)
def test_what_could_mean_two_things_reaches_nobody(front: Callable[..., Front], name: str) -> None:
    before = Hears.begun
    began = time.monotonic()
    got = raw(front().port, BAD[name])
    assert time.monotonic() - began < 6  # no hang
    assert not got or got.startswith(b"HTTP/1.1 4"), got[:200]
    assert Hears.begun == before


def test_who_sends_slowly_holds_no_worker_of_the_web(front: Callable[..., Front]) -> None:
    """Neither a small body nor a large one is begun at the web before it is whole."""
    port, before = front().port, Hears.begun
    for length in (100, 200_000):
        got = raw(port, b"POST /tep HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (length, b"a" * 50))
        assert got.startswith(b"HTTP/1.1 408"), got[:200]
    assert Hears.begun == before
    with socket.create_connection(("127.0.0.1", port), timeout=8) as line:
        line.sendall(b"POST /tep HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n")
        for _part in range(4):
            assert Hears.begun == before  # with the last part it is whole
            line.sendall(b"a" * 50_000)
            time.sleep(0.3)
        assert line.recv(100).startswith(b"HTTP/1.1 200")


def test_a_body_of_unknown_length_gets_one(client: httpx.Client) -> None:
    def parts() -> Iterator[bytes]:
        for _part in range(4):
            yield b"a" * 50_000

    got = client.post("/api/v1/x", content=parts())
    assert (got.status_code, got.json()["headers"]["content-length"]) == (200, "200000")


def test_what_is_too_large_is_refused_in_words(client: httpx.Client, front: Callable[..., Front]) -> None:
    before = Hears.begun
    told = b"POST /tep HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MOST + 1)
    got = raw(front().port, told)
    assert got.startswith(b"HTTP/1.1 413")
    assert "lớn hơn mức cho phép" in got.decode()
    assert Hears.begun == before


def test_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first of them is reached from outside, and the web believes only what is before it."""
    monkeypatch.setenv("HIENLUONG_TRUSTED_PROXIES", "10.0.0.7")

    def ports(**options: Any) -> tuple[dict[str, int], list[str]]:
        plan = Plan(StateFolder(tmp_path), host="0.0.0.0", **options)
        web = plan._web().argv
        found = {name: port for name, port in plan.ports().items() if name in ("web", "firewall", "front")}
        return found, web[web.index("--host") : web.index("--host") + 2]

    assert ports() == ({"web": 8000}, ["--host", "0.0.0.0"])
    assert ports(front=True) == ({"web": 8089, "front": 8000}, ["--host", "127.0.0.1"])
    both = {"web": 8089, "firewall": 8088, "front": 8000}
    assert ports(front=True, waf=True) == (both, ["--host", "127.0.0.1"])
    plan = Plan(StateFolder(tmp_path), front=True, waf=True)
    assert plan.environment()["HIENLUONG_TRUSTED_PROXIES"] == "10.0.0.7/32,127.0.0.1"
    assert (plan._front().behind, plan._front().proxies) == (8088, ("10.0.0.7/32",))
    made = json.loads((tmp_path / "gateway" / "bootstrap.json").read_text()) if plan._gateway() else {}
    assert [each["name"] for each in made["static_resources"]["listeners"]] == ["lgsp", "web"]


#: As in the regression tests of the Core Rule Set: attacks, odd HTTP, and what people send.
SENT = [
    b"GET /dich-vu?q=<script>alert(1)</script> HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"GET /dich-vu?q=1%27%20UNION%20SELECT%20password-- HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"GET /dich-vu?q=%00%c0%af HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"GET //%5c..%2f HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"POST /ho-so/tra-cuu HTTP/1.1\r\nHost: @\r\nConnection: close\r\nContent-Length: 5\r\n\r\nq=%%%",
    b"POST /ho-so/tra-cuu HTTP/1.1\r\nHost: @\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
    b"PROPFIND / HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: ke-gian.example\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: @\r\nConnection: close\r\nRange: bytes=0-1,2-3\r\nUser-Agent: () { :; }; /bin/id\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: @\r\nConnection: close\r\nContent-Type: ${jndi:ldap://x/a}\r\nCookie: a=;;=\r\n\r\n",
    b"GET http://127.0.0.1:5432/ HTTP/1.1\r\nHost: @\r\nConnection: close\r\n\r\n",
    b"\x16\x03\x01\x02\x00",
]


def test_the_portal_behind_it_answers_and_nothing_breaks_or_hangs(tmp_path: Path) -> None:
    portal = Installation(tmp_path / "state", "--front", migrated=True).start()
    try:
        page = httpx.get(portal.url, trust_env=False, timeout=20)
        assert page.status_code == 200
        assert "x-envoy-upstream-service-time" not in page.headers
        assert httpx.get(f"{portal.url}/song", trust_env=False).text == "ok"
        host = portal.url.removeprefix("http://").encode()
        for text in SENT:
            began = time.monotonic()
            got = raw(portal.port, text.replace(b"@", host), 20)
            assert time.monotonic() - began < 15, text
            assert not got or got.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4")), (text, got[:300])
        # A form that the web refuses without reading it: whoever sent it learns why, whatever its size.
        with httpx.Client(base_url=portal.url, trust_env=False, timeout=20) as client:
            form = b"a" * 24_000_000
            told = [client.post("/dang-nhap", content=form) for _time in range(20)]
        assert [answer.status_code for answer in told] == [403] * 20
        assert {child["name"] for child in portal.status()["children"]} >= {"gateway", "web"}
        assert portal.status()["healthy"]
        refused = (portal.state / "log" / "gateway.log").read_text()
        assert " web 400 " in refused
        assert "passwd" not in refused
    finally:
        portal.stop()
