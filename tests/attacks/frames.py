"""Frames of HTTP/2 (RFC 9113) made by hand, so that they may be wrong; headers without compression (RFC 7541, 6.2.2)."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass, field

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED = 0x1, 0x4, 0x8
#: Statuses of the static table (RFC 7541, A), and the codes of digits (B).
_INDEXED = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
_DIGITS = {
    "00000": "0",
    "00001": "1",
    "00010": "2",
    **{f"{0b011001 + at:06b}": str(3 + at) for at in range(7)},
}
Headers = list[tuple[str | bytes, str | bytes]]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def number(value: int, bits: int, first: int = 0) -> bytes:
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    made, value = [first | most], value - most
    while value >= 128:
        made.append(value % 128 + 128)
        value //= 128
    return bytes([*made, value])


def packed(headers: Headers) -> bytes:
    """Each header as it is, whatever it is made of."""
    made = b""
    for pair in headers:
        made += b"\x00"
        for text in pair:
            raw = text if isinstance(text, bytes) else text.encode("latin-1")
            made += number(len(raw), 7) + raw
    return made


@dataclass
class Heard:
    """What came back: statuses and resets by stream, and whether the other end hung up."""

    statuses: dict[int, int] = field(default_factory=dict)
    resets: dict[int, int] = field(default_factory=dict)
    goaway: int | None = None
    closed: bool = False
    data: bytes = b""

    @property
    def passed(self) -> bool:
        return any(200 <= status < 300 for status in self.statuses.values())


class Line:
    """One connection of a caller that keeps to no rule."""

    def __init__(self, port: int, *, settings: bytes = b"\x00\x01\x00\x00\x00\x00") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.heard = Heard()
        self._kept = b""
        self.send(PREFACE + frame(SETTINGS, 0, 0, settings))  # no table: so statuses can be read without remembering

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.socket.close()

    def send(self, content: bytes) -> bool:
        """Whether the other end still took it."""
        try:
            self.socket.sendall(content)
        except OSError:
            self.heard.closed = True
        return not self.heard.closed

    def ask(self, stream: int, headers: Headers, body: bytes | None = None) -> bool:
        ends = END_STREAM if body is None else 0
        sent = frame(HEADERS, END_HEADERS | ends, stream, packed(headers))
        return self.send(sent if body is None else sent + frame(DATA, END_STREAM, stream, body))

    def hear(self, seconds: float, *, answers: int = 1) -> Heard:
        """Listen so long, or until so many streams are answered, or until the other end hangs up."""
        until = time.monotonic() + seconds
        while not self.heard.closed and time.monotonic() < until:
            if len({*self.heard.statuses, *self.heard.resets}) >= answers:
                break
            self.socket.settimeout(max(0.01, until - time.monotonic()))
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                break
            except OSError:
                piece = b""
            if not piece:
                self.heard.closed = True
            self._kept += piece
            self._take()
        return self.heard

    def _take(self) -> None:
        while len(self._kept) >= 9:
            length = int.from_bytes(self._kept[:3], "big")
            if len(self._kept) < 9 + length:
                return
            kind, flags = self._kept[3], self._kept[4]
            stream, payload = int.from_bytes(self._kept[5:9], "big"), self._kept[9 : 9 + length]
            self._kept = self._kept[9 + length :]
            if kind == HEADERS and stream not in self.heard.statuses:
                self.heard.statuses[stream] = status_of(payload)
            elif kind == DATA:
                self.heard.data += payload
            elif kind == RESET:
                self.heard.resets[stream] = int.from_bytes(payload, "big")
            elif kind == GOAWAY:
                self.heard.goaway = int.from_bytes(payload[4:8], "big")
            elif kind == SETTINGS and not flags & 1:
                self.send(frame(SETTINGS, 1, 0))


def status_of(block: bytes) -> int:
    """The status at the beginning of a block of headers; 0 for trailers."""
    while block and block[0] & 0xE0 == 0x20:  # a table of another size
        block = block[1:]
    if not block:
        return 0
    if block[0] & 0x80:
        return _INDEXED.get(block[0] & 0x7F, 0)
    if block[0] not in (0x08, 0x18, 0x48):
        return 0
    length, text = block[1] & 0x7F, block[2 : 2 + (block[1] & 0x7F)]
    if not block[1] & 0x80:
        return int(text)
    bits, said, at = "".join(f"{each:08b}" for each in text[:length]), "", ""
    for bit in bits:
        at += bit
        if at in _DIGITS:
            said, at = said + _DIGITS[at], ""
    return int(said)
