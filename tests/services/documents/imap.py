"""A small IMAP server for tests: one folder, the commands that a fetcher sends, real sockets."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Handler(socketserver.StreamRequestHandler):
    server: ImapServer

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, _space, command = line.decode().strip().partition(" ")
            self._answer(tag, command)
            if command.upper() == "LOGOUT":
                return

    def _answer(self, tag: str, command: str) -> None:
        verb = command.split()[0].upper()
        if verb == "LOGIN" and "dung-mat-khau" not in command:
            self.wfile.write(f"{tag} NO wrong\r\n".encode())
            return
        if verb == "CAPABILITY":
            self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
        if verb == "SELECT":
            self.wfile.write(f"* {len(self.server.messages)} EXISTS\r\n".encode())
            self.wfile.write(f"* OK [UIDVALIDITY {self.server.validity}] ids\r\n".encode())
        if verb == "UID":
            self._uid(command)
        self.wfile.write(f"{tag} OK done\r\n".encode())

    def _uid(self, command: str) -> None:
        messages, flags = self.server.messages, self.server.flags
        if "SEARCH" in command:
            new = [str(uid) for uid in messages if r"\Flagged" not in flags.get(uid, "")]
            self.wfile.write(f"* SEARCH {' '.join(new)}\r\n".encode())
            return
        uid = int(re.search(r"(?:FETCH|STORE) (\d+)", command)[1])  # type: ignore[index]
        if uid not in messages:
            return
        if "STORE" in command:
            flags[uid] = command.rpartition("(")[2].rstrip(")")
        elif "RFC822.SIZE" in command:
            self.wfile.write(f"* {uid} FETCH (UID {uid} RFC822.SIZE {self.server.sizes.get(uid, 100)})\r\n".encode())
        elif uid in self.server.breaks:
            self.connection.shutdown(socket.SHUT_RDWR)
        elif uid not in self.server.vanishes:
            body = messages[uid]
            self.wfile.write(f"* {uid} FETCH (UID {uid} BODY[] {{{len(body)}}}\r\n".encode() + body + b")\r\n")


class ImapServer(socketserver.ThreadingTCPServer):
    """Messages by uid, and the flags they were given."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: dict[int, bytes] = {}
        self.flags: dict[int, str] = {}
        self.sizes: dict[int, int] = {}
        self.validity = 1
        self.breaks: set[int] = set()  # messages at which the connection breaks
        self.vanishes: set[int] = set()  # messages that are gone when their content is asked for

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


@contextmanager
def imap_server() -> Iterator[Any]:
    """A server that runs until the block ends."""
    server = ImapServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
