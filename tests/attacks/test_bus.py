"""Attacks on the data-sharing bus: on a real gateway, and on the addresses that it and the webhooks are sent to.

What is refused has to be refused in words, has to reach no provider, and has to stand in a log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from hienluong.foundation.actions import InvalidInput
from hienluong.services.bus import catalogue, upstreams
from hienluong.services.bus.gateway import accesslog, handover
from hienluong.services.bus.gateway.configuration import ACCESS_LOG, SKEW
from hienluong.services.mediation import bodies
from hienluong.services.streams import addresses
from tests.house.running import free_port, wait_until
from tests.services.bus.gateway.authority import Authority, client_context
from tests.services.bus.gateway.running import AGREEMENT, CLIENT, ISSUER, Key, Running, grant, reading, service
from tests.services.bus.sample import Province
from tests.services.streams.sample import Office

PATIENCE = 1.5
PLACE = "/lgsp/dan-cu/v1/nguoi/001"


@pytest.fixture(scope="module")
def _attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(tmp_path_factory.mktemp("gateway"), options={"request_s": PATIENCE}).start()
    found.publish(
        service(
            found.provider.url,
            reading(grant(), grant("TT-2", "so-y-te")),
            reading(method="POST", name="post"),
            reading(method="POST", name="large", template="/lon", max_body=8_000_000),
        )
    )
    yield found
    found.stop()
    found.provider.stop()


@pytest.fixture
def gateway(_attacked: Running) -> Running:
    """It runs, lets the calls of one agreement pass, and its provider has seen nothing."""
    _attacked.provider.seen.clear()
    return _attacked


def logged(gateway: Running, wait: float = 0) -> list[accesslog.Call]:
    """What stands in the access log, which Envoy writes out twice a second; `wait` seconds for what comes still."""
    time.sleep(wait)
    file = gateway.folder / ACCESS_LOG
    return [accesslog.read(line) for line in file.read_bytes().splitlines()] if file.exists() else []


def part(told: Any) -> str:
    text = told if isinstance(told, bytes) else json.dumps(told).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    told = {"iss": ISSUER, "aud": ISSUER, "sub": CLIENT, "client_id": CLIENT, "exp": int(time.time()) + 600}
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


def signed(key: Key, told: Any, **head: Any) -> str:
    """A token with any head and any claims, signed by this key."""
    first = f"{part({'alg': 'RS256', 'kid': key.kid, 'typ': 'at+jwt', **head})}.{part(told)}"
    return f"{first}.{part(jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(first.encode(), key.private))}"


def with_secret(key: Key, secret: bytes) -> str:
    """A token signed with HMAC, the public key being the secret: for who takes the algorithm from the token."""
    first = f"{part({'alg': 'HS256', 'kid': key.kid})}.{part(claims())}"
    return f"{first}.{part(hmac.digest(secret, first.encode(), hashlib.sha256))}"


def public(key: Key, form: serialization.PublicFormat, encoding: serialization.Encoding) -> bytes:
    return key.private.public_key().public_bytes(encoding, form)


def forged(key: Key) -> dict[str, str]:
    """Tokens that look like ours and are not good, by what is wrong with them."""
    now = int(time.time())
    stranger = Key(key.kid)
    good = signed(key, claims())
    head, body, signature = good.split(".")
    pem = public(key, serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM)
    der = public(key, serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.DER)
    return {
        "audience": signed(key, claims(aud="https://tinh-khac.example.vn")),
        "audience longer": signed(key, claims(aud=f"{ISSUER}.ke-gian.example")),
        "audience below": signed(key, claims(aud=f"{ISSUER}/khac")),
        "audience missing": signed(key, claims(aud=None)),
        "issuer": signed(key, claims(iss="https://tinh-khac.example.vn")),
        "issuer longer": signed(key, claims(iss=f"{ISSUER}.ke-gian.example")),
        "issuer missing": signed(key, claims(iss=None)),
        "none": f"{part({'alg': 'none'})}.{part(claims())}.",
        "None": f"{part({'alg': 'None', 'kid': key.kid})}.{part(claims())}.",
        "none, with a signature": f"{part({'alg': 'none', 'kid': key.kid})}.{body}.{signature}",
        "HS256, PEM": with_secret(key, pem),
        "HS256, PEM without its last line": with_secret(key, pem.strip()),
        "HS256, DER": with_secret(key, der),
        "HS256, JWK": with_secret(key, json.dumps(key.public).encode()),
        "HS256, nothing": with_secret(key, b""),
        "another algorithm": signed(key, claims(), alg="PS256"),
        "expired": signed(key, claims(exp=now - SKEW - 5)),
        "without end": signed(key, claims(exp=None)),
        "end that is no number": signed(key, claims(exp="never")),
        "not yet": signed(key, claims(nbf=now + SKEW + 30)),
        "a stranger's key": signed(stranger, claims()),
        "a stranger's key in the head": signed(stranger, claims(), kid=None, jwk=stranger.public),
        "a stranger's key elsewhere": signed(stranger, claims(), jku="http://127.0.0.1:9/keys"),
        "another kid": signed(key, claims(), kid="../../../dev/null"),
        "nobody's": signed(key, claims(client_id=None)),
        "nobody, by name": signed(key, claims(client_id="")),
        "claims changed": f"{head}.{part(claims(client_id='so-y-te'))}.{signature}",
        "signature cut off": f"{head}.{body}.",
        "four parts": f"{good}.{signature}",
        "two tokens": f"{good},{good}",
        "no object": signed(key, [claims()]),
        "no JSON": signed(key, b"{"),
        "very long": signed(key, claims(more="x" * 8000)) + "x" * 8000,
    }


def test_tokens_that_are_not_for_us_are_refused_and_logged(gateway: Running) -> None:
    wrong = forged(gateway.key)
    before = len(logged(gateway, 1))
    for what, token in wrong.items():
        answer = gateway.call(token=token)
        assert (answer.status, answer.json["code"]) == (401, "gateway.token"), what
        assert "www-authenticate" in answer.headers, what
    good = gateway.key.token()
    assert gateway.call(token=None, path=f"{PLACE}?access_token={good}").status == 401  # not where addresses are kept
    assert gateway.call(token=None, headers={"Cookie": f"access_token={good}"}).status == 401
    assert gateway.call(token=None, headers={"Authorization": f"Basic {good}"}).status == 401
    assert not gateway.provider.seen
    wait_until(lambda: len(logged(gateway)) >= before + len(wrong) + 3, "not logged", 5)
    assert {(call.status, call.refused) for call in logged(gateway)[before:]} == {(401, True)}
    assert not any(good in line for line in (gateway.folder / ACCESS_LOG).read_text().splitlines())


def test_clocks_may_differ_by_a_minute_and_no_more(gateway: Running) -> None:
    """The leeway is SKEW, on both ends of a token's life: that of the gateway's, not of Envoy's next release."""
    assert SKEW == 60
    now = int(time.time())
    for told, status in (
        ({"exp": now - SKEW + 20}, 200),
        ({"exp": now - SKEW - 2}, 401),
        ({"nbf": now + SKEW - 20}, 200),
        ({"nbf": now + SKEW + 20}, 401),
    ):
        assert gateway.call(token=signed(gateway.key, claims(**told))).status == status, told


def test_a_token_that_was_good_is_not_remembered_beyond_its_end(gateway: Running) -> None:
    token = signed(gateway.key, claims(exp=int(time.time()) - SKEW + 2))
    assert gateway.call(token=token).status == 200
    wait_until(lambda: gateway.call(token=token).status == 401, "still good", 6)


SMUGGLED = {
    "two agreements": f"GET {PLACE} HTTP/1.1\n@\nX-Agreement: TT-2\nConnection: close\n\n",
    "two agreements in one": f"GET {PLACE} HTTP/1.1\n~\nX-Agreement: TT-1, TT-2\nConnection: close\n\n",
    "the same after a comma": f"GET {PLACE} HTTP/1.1\n~\nX-Agreement: TT-1,TT-1\nConnection: close\n\n",
    "a comma": f"GET {PLACE} HTTP/1.1\n~\nX-Agreement: TT-1,\nConnection: close\n\n",
    "a tab within": f"GET {PLACE} HTTP/1.1\n~\nX-Agreement: TT-1\tTT-2\nConnection: close\n\n",
    "small letters": f"GET {PLACE} HTTP/1.1\n~\nX-Agreement: tt-1\nConnection: close\n\n",
    "quotes": f'GET {PLACE} HTTP/1.1\n~\nX-Agreement: "TT-1"\nConnection: close\n\n',
    "underscore": f"GET {PLACE} HTTP/1.1\n~\nX_Agreement: TT-1\nConnection: close\n\n",
    "underscore besides": f"GET {PLACE} HTTP/1.1\n@\nX_Agreement: TT-2\nConnection: close\n\n",
    "underscore of the client": f"GET {PLACE} HTTP/1.1\n@\nX_Client_Id: so-y-te\nConnection: close\n\n",
    "space before the colon": f"GET {PLACE} HTTP/1.1\n@\nX-Client-Id : so-y-te\nConnection: close\n\n",
    "folded agreement": f"GET {PLACE} HTTP/1.1\n~\nX-Agreement:\n TT-2\nConnection: close\n\n",
    "no name": f"GET {PLACE} HTTP/1.1\n@\n: TT-2\nConnection: close\n\n",
    "both lengths": f"POST {PLACE} HTTP/1.1\n@\nContent-Length: 6\nTransfer-Encoding: chunked\n\n0\n\nGET",
    "both lengths, other order": f"POST {PLACE} HTTP/1.1\n@\nTransfer-Encoding: chunked\nContent-Length: 6\n\n0\n\nGET",
    "chunked twice": f"POST {PLACE} HTTP/1.1\n@\nTransfer-Encoding: chunked, chunked\n\n0\n\n",
    "chunked, then not": f"POST {PLACE} HTTP/1.1\n@\nTransfer-Encoding: chunked, identity\n\n0\n\n",
    "chunked with a tab": f"POST {PLACE} HTTP/1.1\n@\nTransfer-Encoding: \x0bchunked\n\n0\n\n",
    "negative chunk": f"POST {PLACE} HTTP/1.1\n@\nTransfer-Encoding: chunked\n\n-1\n\n0\n\n",
    "endless chunk": f"POST {PLACE} HTTP/1.1\n@\nTransfer-Encoding: chunked\n\nfffffffffffffffff\nx\n0\n\n",
    "negative length": f"POST {PLACE} HTTP/1.1\n@\nContent-Length: -1\n\n",
    "length in hex": f"POST {PLACE} HTTP/1.1\n@\nContent-Length: 0x4\n\nabcd",
    "two lengths in one": f"POST {PLACE} HTTP/1.1\n@\nContent-Length: 4, 5\n\nabcd",
    "another's place": "GET http://169.254.169.254/latest/meta-data HTTP/1.1\n@\nConnection: close\n\n",
    "a place without a path": "GET http://127.0.0.1:5432 HTTP/1.1\n@\nConnection: close\n\n",
    "a file": "GET file:///etc/passwd HTTP/1.1\n@\nConnection: close\n\n",
    "a star": "OPTIONS * HTTP/1.1\n@\nConnection: close\n\n",
    "a tunnel": "CONNECT 169.254.169.254:80 HTTP/1.1\n@\n\n",
    "another method": f"PURGE {PLACE} HTTP/1.1\n@\nConnection: close\n\n",
    "method in small letters": f"get {PLACE} HTTP/1.1\n@\nConnection: close\n\n",
    "method written over": "GET /lgsp/dan-cu/v1/lon HTTP/1.1\n@\nX-HTTP-Method-Override: POST\nConnection: close\n\n",
    "path written over": "GET / HTTP/1.1\n@\nX-Original-URL: /lgsp/dan-cu/v1/nguoi/001\nConnection: close\n\n",
    "HTTP/1.2 and two lines": f"GET {PLACE} HTTP/1.1 HTTP/1.1\n@\nConnection: close\n\n",
    "HTTP/2 by name": f"GET {PLACE} HTTP/2.0\n@\nConnection: close\n\n",
}


def raw(gateway: Running, text: str, wait: float = 2.5) -> str:
    """`~` stands for all that ``@`` does but the agreement."""
    without = f"Host: x\nAuthorization: Bearer {gateway.key.token()}\nX-Purpose: thu"
    return gateway.raw(text.replace("~", without), wait=wait)


@pytest.mark.parametrize("what", SMUGGLED)
def test_requests_that_two_would_read_differently_reach_nobody(gateway: Running, what: str) -> None:
    said = raw(gateway, SMUGGLED[what])
    if said:
        assert said.split(" ")[1] in ("400", "401", "403", "404", "426", "501", "505"), said
    assert said.count("HTTP/1.1 ") <= 1, said  # never an answer to a second request that hid in the first
    assert not gateway.provider.seen
    assert gateway.call().status == 200


def test_what_only_we_say_is_not_believed_from_outside(gateway: Running) -> None:
    """Blanks and tabs around a value are none of it (RFC 9110, 5.5); another host or an absolute address changes nothing.

    A folded line is one value (RFC 9112, 5.2), and a carriage return by itself is never passed on.
    """
    secret = handover.secret(gateway.folder)
    told = f"X-Gateway-Secret: {secret}\nX-Bus-Route: dan-cu|1|get|TT-2\nX-Client-Id: so-y-te\nx-client-id: so-y-te"
    for text in (
        f"GET {PLACE} HTTP/1.1\n@\n{told}\nConnection: close\n\n",
        f"GET {PLACE} HTTP/1.1\n~\nX-Agreement: \t TT-1\t \nConnection: close\n\n",
        f"GET {PLACE} HTTP/1.1\n@\nConnection: close, X-Client-Id, X-Agreement, X-Request-Id\n\n",
        f"GET http://169.254.169.254{PLACE} HTTP/1.1\n@\nConnection: close\n\n",
        f"GET {PLACE} HTTP/1.1\n@\nX-Note: a\n X-Agreement: TT-2\nConnection: close\n\n",
        f"GET {PLACE} HTTP/1.1\n@\nX-Note: a\rX-Agreement: TT-2\nConnection: close\n\n",
        f"GET {PLACE} HTTP/1.1\n@\nHost: ke-gian.example\nConnection: close\n\n",
    ):
        gateway.provider.seen.clear()
        said = raw(gateway, text)
        assert said.split(" ")[1] in ("200", "400", "403"), said
        for seen in gateway.provider.seen:
            assert (seen.headers["x-client-id"], seen.headers["x-agreement"]) == (CLIENT, AGREEMENT)
            assert seen.headers["host"] == gateway.provider.url.removeprefix("http://")
            assert secret not in str(seen.headers)
            assert handover.ROUTE not in seen.headers
            assert not any("\r" in value or "\n" in value for value in seen.headers.values())
            assert seen.path == "/nguoi/001"
    answer = gateway.call(agreement="TT-2", headers={"X-Client-Id": "so-y-te", handover.SECRET: secret})
    assert (answer.status, answer.json["code"]) == (403, "gateway.no_agreement")
    assert gateway.call(headers={"Host": "ke-gian.example"}).status == 200
    assert gateway.provider.seen[-1].headers["host"] == gateway.provider.url.removeprefix("http://")


PATHS = (
    "/lgsp/dan-cu/v1/nguoi%2f001",
    "/lgsp%2fdan-cu/v1/nguoi/001",
    "/lgsp/dan-cu/v1/nguoi%2F..%2F..%2Fquan-tri",
    "/lgsp/dan-cu/v1/nguoi/..;/..;/quan-tri",
    "/lgsp/dan-cu/v1/nguoi/..;x=1/quan-tri",
    "/lgsp/dan-cu/v1/nguoi;/001",
    "/lgsp/dan-cu/v1;a=b/nguoi/001",
    "/lgsp/dan-cu/v1/nguoi/;",
    "/lgsp/dan-cu/v1/nguoi/.;",
    "/lgsp/dan-cu/v1/nguoi/%252e%252e%252fquan-tri",
    "/lgsp/dan-cu/v1/nguoi/%25252e%25252e",
    "/lgsp/dan-cu/v1/nguoi/%2e",
    "/lgsp/dan-cu/v1/nguoi/.",
    "/lgsp/dan-cu/v1/nguoi/...",
    "/lgsp/dan-cu/v1/nguoi/.%2e",
    "/lgsp/dan-cu/v1/nguoi/%2e%2e%5cquan-tri",
    "/lgsp/dan-cu/v1/nguoi/..\\quan-tri",
    "\\lgsp\\dan-cu\\v1\\nguoi\\001",
    "/lgsp/dan-cu/v1/nguoi/%c0%af..%c0%afquan-tri",
    "/lgsp/dan-cu/v1/nguoi/%c0%ae%c0%ae",
    "/lgsp/dan-cu/v1/nguoi/%e0%80%af",
    "/lgsp/dan-cu/v1/nguoi/%f0%80%80%af",
    "/lgsp/dan-cu/v1/nguoi/001%ff",
    "/lgsp/dan-cu/v1/nguoi/001%ed%a0%80",
    "/lgsp/dan-cu/v1/nguoi/001%00.json",
    "/lgsp/dan-cu/v1/nguoi/001%0a",
    "/lgsp/dan-cu/v1/nguoi/001%7f",
    "/lgsp/dan-cu/v1/nguoi/001%u002f",
    "/lgsp/dan-cu/v1/nguoi/001%",
    "/lgsp/dan-cu/v1/nguoi/001%2",
    "/lgsp/dan-cu/v1/nguoi/001%3f",
    "/lgsp/../../quan-tri",
    "/lgsp/dan-cu/v1/nguoi/../../../../../quan-tri",
    "/../lgsp/dan-cu/v1/nguoi/001/..",
    "lgsp/dan-cu/v1/nguoi/001",
    "//ke-gian.example/lgsp/dan-cu/v1/nguoi/001",
    "/lgsp/dan-cu/v1/nguoi/001\x00",
    "/lgsp/dan-cu/v1/nguoi/001\tx",
    "/lgsp/dan-cu/v1/nguoi/\xe1\xbb\x80\xc0\xaf",
)


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_round_the_agreement(gateway: Running, path: str) -> None:
    said = gateway.raw(f"GET {path} HTTP/1.1\nConnection: close\n@\n\n")
    assert said.split(" ")[1] in ("400", "403", "404"), said
    assert not gateway.provider.seen


def test_a_path_reaches_the_provider_as_it_was_matched(gateway: Running) -> None:
    for path in (
        "//lgsp///dan-cu/v1/nguoi//001",
        "/./lgsp/./dan-cu/v1/./nguoi/./001",
        "/lgsp/dan-cu/v1/nguoi\\001",
        "/lgsp/dan-cu/v1/%6eguoi/001",
        "/lgsp/dan-cu/v1/x/%2e%2e/nguoi/001",
        "/lgsp/khac/v9/../../dan-cu/v1/nguoi/001",
    ):
        status = gateway.raw(f"GET {path} HTTP/1.1\nConnection: close\n@\n\n").split(" ")[1]
        assert status in ("200", "400", "403"), (path, status)
    assert {seen.path for seen in gateway.provider.seen} <= {"/nguoi/001"}
    gateway.provider.seen.clear()
    gateway.raw(f"GET {PLACE}?next=/../../quan-tri%2f..;/&x=%00%c0%af HTTP/1.1\nConnection: close\n@\n\n")
    assert all(seen.path.startswith("/nguoi/001?next=") for seen in gateway.provider.seen)


def test_refusals_of_requests_stand_in_the_access_log_without_paths(gateway: Running) -> None:
    before = len(logged(gateway, 1))
    number = "044170000009"
    told = (
        f"GET /lgsp/dan-cu/v1/nguoi/{number}%2f..%2fquan-tri HTTP/1.1\nConnection: close\n@\n\n",
        f"GET /lgsp/dan-cu/v1/nguoi/{number};/x HTTP/1.1\nConnection: close\n@\n\n",
        f"GET /lgsp/dan-cu/v1/nguoi/{number} HTTP/1.1\n@\nX-Agreement: TT-2\nConnection: close\n\n",
        f"GET /lgsp/dan-cu/v1/nguoi/{number} HTTP/1.1\n@\nX_Agreement: TT-2\nConnection: close\n\n",
        f"POST /lgsp/dan-cu/v1/nguoi/{number} HTTP/1.1\n@\nContent-Length: 2000000\n\n",
        f"POST /lgsp/dan-cu/v1/nguoi/{number} HTTP/1.1\n@\nContent-Length: 10\n\nabc",
        f"GET /lgsp/dan-cu/v1/nguoi/{number} HTTP/1.1\n@\nX-Long: {'x' * 40_000}\n\n",
    )
    for text in told:
        gateway.raw(text)
    wait_until(lambda: len(logged(gateway)) >= before + len(told), "not logged", 5)
    found = logged(gateway)[before:]
    assert {call.status for call in found} <= {400, 403, 408, 413, 431}, found
    assert len(found) == len(told)
    assert number not in (gateway.folder / ACCESS_LOG).read_text()
    assert not gateway.provider.seen


def drip(port: int, first: bytes, drop: bytes, *, most: float = 10.0, each: float = 0.2) -> tuple[float, bytes]:
    """Send `first`, then `drop` again and again; how many seconds the other end took part, and what it said."""
    started = time.monotonic()
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=each) as line:
        line.sendall(first)
        while time.monotonic() - started < most:
            try:
                piece = line.recv(65536)
                if not piece:
                    return time.monotonic() - started, said
                said += piece
            except TimeoutError:
                try:
                    line.sendall(drop)
                except OSError:
                    return time.monotonic() - started, said
            except OSError:
                return time.monotonic() - started, said
    return most, said


def test_who_drips_is_shown_out_in_time(gateway: Running) -> None:
    good = f"Host: x\r\nAuthorization: Bearer {gateway.key.token()}\r\nX-Agreement: TT-1\r\nX-Purpose: thu\r\n"
    slow = {
        "request line": (f"GET {PLACE}".encode(), b"x"),
        "headers": (f"GET {PLACE} HTTP/1.1\r\n{good}".encode(), b"X-a: b\r\n"),
        "one header": (f"GET {PLACE} HTTP/1.1\r\n{good}X-Long: ".encode(), b"x"),
        "body": (f"POST {PLACE} HTTP/1.1\r\n{good}Content-Length: 1000\r\n\r\n".encode(), b"x"),
        "chunks": (f"POST {PLACE} HTTP/1.1\r\n{good}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\nx\r\n"),
        "large body": (f"POST /lgsp/dan-cu/v1/lon HTTP/1.1\r\n{good}Content-Length: 5000000\r\n\r\n".encode(), b"x"),
    }
    before = len(logged(gateway, 1))
    found: dict[str, tuple[float, bytes]] = {}
    threads = [
        threading.Thread(target=lambda name=name, sent=sent: found.__setitem__(name, drip(gateway.port, *sent)))
        for name, sent in slow.items()
    ]
    for thread in threads:
        thread.start()
    assert gateway.call().status == 200  # others are served meanwhile
    for thread in threads:
        thread.join()
    for name, (seconds, said) in found.items():
        assert seconds < PATIENCE + 3, (name, seconds, said)
        assert not said or b" 408 " in said.split(b"\r\n")[0] or b" 400 " in said.split(b"\r\n")[0], (name, said)
    # Only a body that is too large to be taken in whole before has begun to reach a provider, and never its end.
    assert {(seen.path, len(seen.body) < 100) for seen in gateway.provider.seen} <= {
        ("/lon", True),
        ("/nguoi/001", True),
    }
    assert len(gateway.provider.seen) <= 2
    wait_until(lambda: len(logged(gateway)) > before + 3, "not logged", 5)
    assert {408} <= {call.status for call in logged(gateway)[before:]}


def test_who_never_agrees_on_tls_is_shown_out_in_time(tmp_path: Path) -> None:
    port, authority = free_port(), Authority("CA", tmp_path / "ca")
    shown = authority.issue("lgsp", host="127.0.0.1")
    (tmp_path / "clients.pem").write_bytes(authority.pem)
    options = {
        "request_s": PATIENCE,
        "certificate_port": port,
        "certificate_file": str(shown.chain),
        "key_file": str(shown.key),
        "client_ca_file": str(tmp_path / "clients.pem"),
    }
    own = Running(tmp_path / "gateway", options=options).start()
    try:
        for first in (b"", b"\x16\x03\x01\x02\x00\x01"):
            seconds, said = drip(port, first, b"", most=8)
            assert seconds < PATIENCE + 3, (first, seconds, said)
        own.publish(service(own.provider.url), certificates={CLIENT: ["ab" * 32]})
        trust = client_context(None)
        good = f"Host: x\r\nAuthorization: Bearer {own.key.token()}\r\nX-Agreement: TT-1\r\nX-Purpose: thu\r\n"
        spoofed = "X-Forwarded-Client-Cert: Hash=" + "ab" * 32  # and none in TLS
        said = b""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line, trust.wrap_socket(line) as secure:
                secure.sendall(f"GET {PLACE} HTTP/1.1\r\n{good}{spoofed}\r\n\r\n".encode())
                said = secure.recv(1000)
        except OSError:
            pass  # not even heard
        assert not said, said
        assert not own.provider.seen
    finally:
        own.stop()
        own.provider.stop()


DEEP = 200_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[" * DEEP, "json-depth"),
        (b"[" * DEEP + b"]" * DEEP, "json-depth"),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "json-depth"),
        (b"[" * 65 + b"]" * 65, "json-depth"),
        (b"[" + b"0," * 400_000 + b"0]", "json-pieces"),
        (b"[" + b"[]," * 400_000 + b"[]]", "json-pieces"),
        (b'{"a":1,"a":2}', "json-key-twice"),
        (b'{"a":1,"\\u0061":2}', "json-key-twice"),
        (b"[" + b"9" * 1_000_000 + b"]", "json-number"),
        (b"[1e999999999]", "json-number"),
        (b"[NaN]", "json-number"),
        (b'["\\ud800"]', "json-encoding"),
        (b"\xff\xfe[\x00]\x00", "json-encoding"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_json_bombs_are_put_out_quickly_and_in_words(content: bytes, code: str) -> None:
    started = time.process_time()
    with pytest.raises(bodies.BadBody) as refused:
        bodies.read_json(content)
    assert time.process_time() - started < 2
    assert refused.value.code in (code, "json"), refused.value.code
    assert len(str(refused.value)) < 50


def test_xml_bombs_are_put_out_quickly_and_in_words() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for content, code in (
        (f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>', "xml-entities"),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>', "xml-entities"),
        ('<!DOCTYPE x SYSTEM "http://169.254.169.254/x.dtd"><x/>', "xml-entities"),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://169.254.169.254/">%p;]><x/>', "xml-entities"),
        ("<a>" * 100_000, "xml-depth"),
        ("<x>" + "<a/>" * 400_000 + "</x>", "xml-pieces"),
        ("<x " + " ".join(f'a{n}="1"' for n in range(400_000)) + "/>", "xml-pieces"),
    ):
        started = time.process_time()
        with pytest.raises(bodies.BadBody) as refused:
            bodies.read_xml(content.encode())
        assert time.process_time() - started < 5, code
        assert refused.value.code == code


#: Hosts that lead into our own network, or that somebody reads so.
INSIDE = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[0:0:0:0:0:ffff:10.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001:0:1::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[fd00::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "metadata.google.internal",
    "may-chu.local",
    "may-chu",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "ke-gian.example@127.0.0.1",
    "ke-gian.example:80@127.0.0.1",
    "ke-gian.example\\@127.0.0.1",
    "127.0.0.1\\.ke-gian.example",
    "127.0.0.1#.ke-gian.example",
    "127.0.0.1 .ke-gian.example",
    "127.0.0.1\r\n.ke-gian.example",
)


@pytest.mark.parametrize("host", INSIDE)
def test_no_address_leads_into_our_own_network(host: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS, settings.BUS_UPSTREAMS = [], ()
    for scheme in ("https", "http"):
        for rest in ("/", ":8443/nhan", ""):
            address = f"{scheme}://{host}{rest}"
            assert addresses.fault(address), address
            assert upstreams.fault(address), address


@pytest.mark.parametrize("looked_up", ["::127.0.0.1", "::ffff:0:7f00:1", "fec0::1", "64:ff9b::a00:1", "fd00::1", "::1"])
def test_a_name_that_leads_inside_is_not_connected_to(looked_up: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert addresses.first_allowed([looked_up, "169.254.169.254"], secure=True) is None
    assert addresses.first_allowed([looked_up, "93.184.216.34"], secure=True) == "93.184.216.34"
    assert addresses.first_allowed(["93.184.216.34"], secure=False) is None


def refused_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "hienluong.refused"]


@pytest.mark.django_db
def test_a_refused_address_of_a_provider_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    here = Province()
    version = here.version()
    with caplog.at_level(logging.WARNING, "hienluong.refused"):
        for name in ("upstream", "sandbox"):
            given: dict[str, Any] = {"upstream": version.upstream, name: "https://ten:mat-khau@169.254.169.254/\r\nx"}
            with pytest.raises(InvalidInput) as refused:
                catalogue.serve(here.provider, version=version, **given)
            assert refused.value.field == name
    lines = refused_lines(caplog)
    assert len(lines) == 2
    assert all(f"account {here.provider.account_id}" in line and "169.254.169.254" in line for line in lines)
    assert not any("mat-khau" in line or "\n" in line for line in lines)
    version.refresh_from_db()
    assert "169.254" not in version.upstream + version.sandbox


@pytest.mark.django_db
def test_a_refused_address_of_a_webhook_is_logged(caplog: pytest.LogCaptureFixture, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    office = Office()
    with caplog.at_level(logging.WARNING, "hienluong.refused"), pytest.raises(InvalidInput) as refused:
        office.ask(way="webhook", url="https://ten:mat-khau@169.254.169.254/")
    assert refused.value.field == "url"
    (line,) = refused_lines(caplog)
    assert f"account {office.asker.account_id}" in line
    assert "169.254.169.254" in line
    assert "mat-khau" not in line
