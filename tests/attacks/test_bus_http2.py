"""Attacks on the gateway of the data-sharing bus over HTTP/2, with frames made by hand.

Nothing that is wrong may reach a provider, hold others up or go unrecorded: what belongs to a call stands in the record of
calls, what ends a connection before there is one in that of connections.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hienluong.services.bus.gateway.configuration import ACCESS_LOG, CONNECTIONS_LOG
from tests.attacks import frames
from tests.attacks.frames import END_HEADERS, END_STREAM, Headers, Line, frame, number, packed
from tests.house.running import wait_until
from tests.services.bus.gateway.running import AGREEMENT, CLIENT, Running, grant, reading, service

PLACE = "/lgsp/dan-cu/v1/nguoi/001"
PATIENCE = 1.5


@pytest.fixture(scope="module")
def _attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(tmp_path_factory.mktemp("gateway"), options={"request_s": PATIENCE}).start()
    found.publish(
        service(
            found.provider.url,
            reading(grant(per_minute=60_000), grant("TT-2", "so-y-te")),
            reading(method="POST", name="post"),
        )
    )
    yield found
    found.stop()
    found.provider.stop()


@pytest.fixture
def gateway(_attacked: Running) -> Running:
    _attacked.provider.seen.clear()
    return _attacked


def lines(gateway: Running) -> int:
    """How much is on record."""
    files = [gateway.folder / name for name in (ACCESS_LOG, CONNECTIONS_LOG)]
    return sum(len(file.read_bytes().splitlines()) for file in files if file.exists())


def good(gateway: Running, *more: tuple[str | bytes, str | bytes], without: str = "", **changed: str) -> Headers:
    """The headers of a call that passes; `changed` by name without its colon."""
    told = {
        ":method": "GET",
        ":scheme": "http",
        ":authority": "lgsp",
        ":path": PLACE,
        "authorization": f"Bearer {gateway.key.token()}",
        "x-agreement": AGREEMENT,
        "x-purpose": "thu",
    }
    told |= {f":{name}": value for name, value in changed.items()}
    return [*((name, value) for name, value in told.items() if name != without), *more]


def test_a_good_call_passes(gateway: Running) -> None:
    with Line(gateway.port) as line:
        line.ask(1, good(gateway))
        assert line.hear(5).statuses == {1: 200}
    (seen,) = gateway.provider.seen
    assert (seen.headers["x-client-id"], seen.headers["host"]) == (CLIENT, gateway.provider.url[7:])
    with Line(gateway.port) as line:
        line.ask(1, good(gateway, without="authorization"))
        assert line.hear(5).statuses == {1: 401}
        line.ask(3, good(gateway, ("x-agreement", "TT-2"), without="x-agreement"))
        assert line.hear(5, answers=2).statuses == {1: 401, 3: 403}


WRONG: dict[str, list[tuple[str | bytes, str | bytes]]] = {
    "a line more in a value": [("x-note", "a\r\nx-agreement: TT-2")],
    "a request more in a value": [("x-note", f"a\r\n\r\nGET {PLACE} HTTP/1.1\r\nHost: x\r\n\r\n")],
    "a line feed in a value": [("x-note", "a\nx-agreement: TT-2")],
    "a carriage return in a value": [("x-note", "a\rx-agreement: TT-2")],
    "nothing in a value": [("x-note", "a\x00b")],
    "a line more in a name": [("x-note: a\r\nx-agreement", "TT-2")],
    "a colon in a name": [("x-agreement:", "TT-2")],
    "a space in a name": [("x-agreement ", "TT-2")],
    "a name in capitals": [("X-Agreement", "TT-2")],
    "an empty name": [("", "TT-2")],
    "an underscore": [("x_agreement", "TT-2")],
    "chunked": [("transfer-encoding", "chunked")],
    "chunked, hidden": [("transfer-encoding", "\tchunked")],
    "connection": [("connection", "x-agreement")],
    "keep-alive": [("keep-alive", "timeout=5")],
    "proxy-connection": [("proxy-connection", "keep-alive")],
    "upgrade": [("upgrade", "h2c")],
    "other than trailers": [("te", "chunked")],
    "a second agreement": [("x-agreement", "TT-2")],
    "a second token": [("authorization", "Bearer x")],
    "a second path": [(":path", "/quan-tri")],
    "a second method": [(":method", "DELETE")],
    "a method after the others": [(":method", "GET")],
    "a status in a request": [(":status", "200")],
    "nobody knows it": [(":hello", "a")],
    "a length that is none": [("content-length", "-1")],
    "two lengths": [("content-length", "4"), ("content-length", "5")],
    "two lengths in one": [("content-length", "4, 5")],
    "a length that is not kept": [("content-length", "10")],
}
CHANGED: dict[str, dict[str, str]] = {
    "a line in the path": {"path": f"{PLACE} HTTP/1.1\r\nX-Agreement: TT-2"},
    "a space in the path": {"path": "/lgsp/dan-cu/v1/nguoi/001 HTTP/1.1"},
    "no path": {"path": ""},
    "a path that begins with nothing": {"path": "lgsp/dan-cu/v1/nguoi/001"},
    "another's place": {"path": "http://169.254.169.254/"},
    "escaped slash": {"path": "/lgsp/dan-cu/v1/nguoi%2f001"},
    "dots": {"path": "/lgsp/dan-cu/v1/nguoi/..;/..;/quan-tri"},
    "a line in the method": {"method": f"GET {PLACE} HTTP/1.1\r\nHost: x\r\n\r\nDELETE"},
    "a method with a space": {"method": "GET /"},
    "no method": {"method": ""},
    "another method": {"method": "PURGE"},
    "a tunnel": {"method": "CONNECT", "authority": "169.254.169.254:80"},
    "a tunnel by another name": {"method": "CONNECT", "protocol": "websocket"},
    "a line in the authority": {"authority": "x\r\nX-Agreement: TT-2"},
    "a space in the authority": {"authority": "lgsp HTTP/1.1"},
    "a line in the scheme": {"scheme": "http://x/ HTTP/1.1\r\nX: y"},
}
MISSING = (":method", ":path", ":scheme", "x-agreement", "x-purpose", "authorization")


def test_nothing_that_is_wrong_passes_and_all_of_it_is_on_record(gateway: Running) -> None:
    time.sleep(1)
    before = lines(gateway)
    cases: dict[str, Headers] = {
        **{what: good(gateway, *more) for what, more in WRONG.items()},
        **{what: good(gateway, **changed) for what, changed in CHANGED.items()},
        **{f"without {name}": good(gateway, without=name) for name in MISSING},
        "a pseudo field after others": [*good(gateway, without=":path"), (":path", PLACE)],
    }
    for what, headers in cases.items():
        started = time.monotonic()
        with Line(gateway.port) as line:
            line.ask(1, headers, b"abcd" if "length" in what or "chunked" in what else None)
            heard = line.hear(6)
        assert not heard.passed, (what, heard)
        assert heard.statuses or heard.resets or heard.closed, (what, "no answer at all")
        assert all(status in (400, 401, 403, 404, 408, 413, 431, 501) for status in heard.statuses.values()), (
            what,
            heard,
        )
        assert time.monotonic() - started < PATIENCE + 4, what
        assert not gateway.provider.seen, what
    wait_until(lambda: lines(gateway) >= before + len(cases), lambda: f"{lines(gateway) - before} of {len(cases)}", 5)
    assert gateway.call().status == 200


def test_another_authority_changes_nothing(gateway: Running) -> None:
    """Nobody is led elsewhere by the name of a host: the provider hears its own, and one call is one call."""
    for changed, more in (
        ({"authority": "ke-gian.example"}, []),
        ({"authority": "169.254.169.254"}, [("host", "127.0.0.1")]),
        ({}, [("host", "ke-gian.example")]),
        ({}, [("host", "a"), ("host", "b")]),
        ({"authority": "ten:mat-khau@lgsp"}, []),
        ({"scheme": "https"}, []),
        ({"scheme": "file"}, []),
        ({}, [("x-forwarded-host", "ke-gian.example"), ("x-forwarded-proto", "https"), ("x-client-id", "so-y-te")]),
    ):
        gateway.provider.seen.clear()
        with Line(gateway.port) as line:
            line.ask(1, good(gateway, *more, **changed))  # type: ignore[misc]
            heard = line.hear(5)
        assert heard.passed == bool(gateway.provider.seen)
        for seen in gateway.provider.seen:
            assert seen.headers["host"] == gateway.provider.url.removeprefix("http://")
            assert (seen.headers["x-forwarded-proto"], seen.headers["x-client-id"]) == ("http", CLIENT)
            assert "ke-gian" not in str(seen.headers)
        assert len(gateway.provider.seen) <= 1


def test_a_body_is_no_longer_and_no_shorter_than_was_said(gateway: Running) -> None:
    before = lines(gateway)
    smuggled = f"GET {PLACE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    for length in ("0", "3", "4000"):
        with Line(gateway.port) as line:
            line.ask(1, good(gateway, ("content-length", length), method="POST"), smuggled)
            assert not line.hear(5).passed
    with Line(gateway.port) as line:  # more than the operation takes, and no length said
        line.send(frame(frames.HEADERS, END_HEADERS, 1, packed(good(gateway, method="POST"))))
        for _ in range(3 * 64):
            if not line.send(frame(frames.DATA, 0, 1, b"x" * 16_384)):
                break
            line.hear(0.001)
        heard = line.hear(5)
        assert not heard.passed
        assert heard.closed or heard.statuses.get(1) in (413, 408, None)
    with Line(gateway.port) as line:  # fields after the body that decide
        line.send(frame(frames.HEADERS, END_HEADERS, 1, packed(good(gateway, method="POST"))))
        line.send(frame(frames.DATA, 0, 1, b"{}"))
        trailers: Headers = [(":path", "/quan-tri"), ("x-agreement", "TT-2")]
        line.send(frame(frames.HEADERS, END_HEADERS | END_STREAM, 1, packed(trailers)))
        assert not line.hear(5).passed
    assert not gateway.provider.seen
    wait_until(lambda: lines(gateway) >= before + 5, lambda: f"{lines(gateway) - before} of 5", 5)


def test_who_opens_calls_only_to_drop_them_is_shown_out(gateway: Running) -> None:
    """The rapid reset of CVE-2023-44487: the connection ends, others are served meanwhile, and it is on record."""
    before = lines(gateway)
    headers = packed(good(gateway))
    with Line(gateway.port) as line:
        opened = 0
        started = time.monotonic()
        for stream in range(1, 8001, 2):
            content = frame(frames.HEADERS, END_HEADERS | END_STREAM, stream, headers)
            if not line.send(content + frame(frames.RESET, 0, stream, b"\0\0\0\x08")):
                break
            opened += 1
            if stream % 1000 == 1:
                assert gateway.call().status == 200
                line.hear(0.01, answers=9999)
        heard = line.hear(5, answers=9999)
    assert heard.closed, (opened, heard.goaway)
    assert time.monotonic() - started < 20
    wait_until(lambda: lines(gateway) > before + 100, "not on record", 5)
    assert gateway.call().status == 200


def test_floods_of_frames_that_cost_nothing_are_shown_out(gateway: Running) -> None:
    asked = packed(good(gateway))
    headers = frame(frames.HEADERS, 0, 1, asked)
    post = frame(frames.HEADERS, END_HEADERS, 1, packed(good(gateway, method="POST")))
    name = b"\x40" + number(4, 7) + b"x-ab" + number(3000, 7) + b"y" * 3000  # remembered, then said 3,000 times
    floods: dict[str, tuple[bytes, bytes]] = {
        "settings": (b"", frame(frames.SETTINGS, 0, 0, b"\x00\x03\x00\x00\x00\x64")),
        "pings": (b"", frame(frames.PING, 0, 0, b"12345678")),
        "empty data": (post, frame(frames.DATA, 0, 1)),
        "continued headers": (headers, frame(frames.CONTINUATION, 0, 1, packed([("x-more", "x" * 4000)]))),
        "empty continuations": (headers, frame(frames.CONTINUATION, 0, 1)),
        "priorities": (b"", frame(frames.PRIORITY, 0, 1, b"\0\0\0\0\x10")),
        "windows": (post, frame(frames.WINDOW, 0, 1, struct.pack("!I", 1))),
        "a table full of bombs": (b"", frame(frames.HEADERS, END_HEADERS, 1, asked + name + b"\xbe" * 3000)),
    }
    wrong: dict[str, bytes] = {
        "a window of nothing": post + frame(frames.WINDOW, 0, 0, struct.pack("!I", 0)),
        "a window beyond all": frame(frames.WINDOW, 0, 0, struct.pack("!I", 0x7FFFFFFF)),
        "a frame too long": frame(frames.DATA, 0, 1, b"x" * 70_000),
        "data of nobody": frame(frames.DATA, 0, 5, b"x"),
        "an even stream": frame(frames.HEADERS, END_HEADERS | END_STREAM, 2, asked),
        "a promise": frame(frames.PUSH, END_HEADERS, 1, b"\0\0\0\x02" + asked),
        "padding beyond the frame": frame(frames.HEADERS, END_HEADERS | frames.PADDED, 1, b"\xff" + asked[:100]),
        "headers of nothing": frame(frames.HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\xff\xff\xff\xff\xff"),
        "a continuation of nothing": frame(frames.CONTINUATION, END_HEADERS, 1, asked),
    }
    before = lines(gateway)
    settings = b"\x00\x01\x00\x00\x10\x00"
    harmless = {"settings", "pings"}  # as long as who sends them reads the answers, of which there is one each
    stayed = []
    for what, (first, drop) in floods.items():
        started = time.monotonic()
        with Line(gateway.port, settings=settings) as line:
            line.send(first)
            for at in range(60 if what in harmless else 400):
                if not line.send(drop * 50) or line.hear(0.0005, answers=2).goaway is not None:
                    break
                if at % 50 == 0:
                    assert gateway.call().status == 200, what
                if time.monotonic() - started > 10:
                    break
            heard = line.hear(0.1 if what in harmless else 3, answers=2)
        assert not heard.passed, what
        if not (heard.closed or heard.goaway is not None or heard.resets or heard.statuses):
            stayed.append(what)
        assert time.monotonic() - started < 15, what
    assert set(stayed) <= harmless
    for what, sent in wrong.items():
        with Line(gateway.port) as line:
            line.send(sent)
            heard = line.hear(PATIENCE + 3)
        assert not heard.passed, what
        assert heard.closed or heard.goaway is not None or heard.resets or heard.statuses, what
    assert not [seen for seen in gateway.provider.seen if seen.method != "GET"]
    wait_until(
        lambda: lines(gateway) - before >= len(floods) - len(harmless) + len(wrong),
        lambda: f"{lines(gateway) - before} of {len(floods) + len(wrong)}",
        5,
    )
    assert gateway.call().status == 200


def test_who_opens_more_calls_than_are_allowed_gets_no_more(gateway: Running) -> None:
    gateway.provider.delay = 4
    try:
        with Line(gateway.port) as line:
            for stream in range(1, 601, 2):
                line.ask(stream, good(gateway))
            line.hear(1.5, answers=300)
            assert len(gateway.provider.seen) <= 100
            gateway.provider.delay = 0
            assert gateway.call().status == 200
            heard = line.hear(12, answers=300)
        assert sum(status == 200 for status in heard.statuses.values()) <= 100
        assert heard.closed or heard.resets
    finally:
        gateway.provider.delay = 0


def test_who_drips_headers_or_body_is_shown_out_in_time(gateway: Running) -> None:
    before = lines(gateway)
    block = packed(good(gateway, method="POST"))
    slow = {
        "headers": (
            frame(frames.HEADERS, 0, 1, block[:40]),
            lambda at: frame(frames.CONTINUATION, 0, 1, block[40 + at : 41 + at]),
        ),
        "body": (frame(frames.HEADERS, END_HEADERS, 1, block), lambda _at: frame(frames.DATA, 0, 1, b"x")),
        "nothing": (frame(frames.HEADERS, END_HEADERS, 1, block), lambda _at: b""),
    }
    for what, (first, drop) in slow.items():
        started = time.monotonic()
        with Line(gateway.port) as line:
            line.send(first)
            for at in range(60):
                if not line.send(drop(at)):
                    break
                heard = line.hear(0.15)
                if heard.closed or heard.statuses or heard.resets:
                    break
            assert time.monotonic() - started < PATIENCE + 4, what
            assert line.heard.closed or line.heard.statuses.get(1) == 408 or line.heard.resets, (what, line.heard)
        assert not line.heard.passed
        assert gateway.call().status == 200
    assert all(seen.method == "GET" for seen in gateway.provider.seen)
    wait_until(lambda: lines(gateway) >= before + 2 * len(slow), "not on record", 5)


def test_no_secret_and_no_path_is_on_record(gateway: Running) -> None:
    text = "".join(
        (gateway.folder / name).read_text()
        for name in (ACCESS_LOG, CONNECTIONS_LOG)
        if Path(gateway.folder / name).exists()
    )
    assert "Bearer" not in text
    assert "/nguoi/001" not in text


def test_who_takes_nothing_of_an_answer_is_shown_out_in_time(gateway: Running) -> None:
    no_window = struct.pack("!HIHI", 1, 0, 4, 0)  # no table, and room for no byte of an answer
    with Line(gateway.port, settings=no_window) as line:
        line.ask(1, good(gateway))
        assert line.hear(5).statuses == {1: 200}
        line.heard.statuses.clear()
        line.hear(PATIENCE + 4)
        assert 1 in line.heard.resets or line.heard.closed
    assert gateway.call().status == 200
