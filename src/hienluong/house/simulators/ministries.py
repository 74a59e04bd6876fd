"""The systems of ministries for demo and tests, all in one process: each under a path of its own, over real HTTP.

It says on each page that it is a simulator. What should go wrong is switched on for each system at ``/loi``. The
interfaces are ours: what ministries publish of theirs only to those whom they connect is nowhere written here. See
``ministries_book.py`` for what it knows.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from . import agent_node
from . import ministries_pages as pages
from .ministries_book import FAULTS, SYSTEMS, Books

#: Largest request, in bytes; seconds after which it may be asked again when it was too often.
MOST_BODY, AGAIN = 256 * 1024, 2
WRONG_SHAPE = {"errorCode": "0", "khop": "có lẽ", "truongKhongKhop": "?", "ketQua": [1, 2, 3]}


class Handler(BaseHTTPRequestHandler):
    """Pages for people under ``/``, ``/so/…`` and ``/loi``; each system under its own path."""

    books: Books
    node: agent_node.Node

    def send(self, status: int, content: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        """One whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def say(self, status: int, told: Any, **headers: str) -> None:
        """An answer for a program, under the number of its question."""
        number = self.headers.get("X-Request-Id", "")
        self.send(
            status,
            json.dumps(told, ensure_ascii=False).encode(),
            "application/json",
            **{"X_Request_Id": number, **headers},
        )

    def do_GET(self) -> None:
        """A page, or a question to a system that is asked by its address."""
        split = urlsplit(self.path)
        head, _, rest = unquote(split.path).strip("/").partition("/")
        if head in SYSTEMS and rest:
            self._ask(head, rest, dict(parse_qsl(split.query)))
        elif split.path == "/":
            self.send(200, pages.home(self.books))
        elif head == "so" and rest in SYSTEMS:
            self.send(200, pages.book(self.books, rest))
        elif split.path == "/loi":
            self.send(200, pages.faults(self.books))
        elif split.path == "/nut-dai-ly":
            self.send(200, pages.page("Nút đại lý quốc gia", agent_node.body_of_page(self.node)))
        else:
            self.send(404, pages.missing())

    def do_POST(self) -> None:
        """A question to a system, or a form of a page."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY:
            self.send(413, pages.missing())
            return
        body = self.rfile.read(length)
        head, _, rest = unquote(urlsplit(self.path).path).strip("/").partition("/")
        if head in SYSTEMS:
            try:
                asked = json.loads(body)
            except ValueError:
                asked = None
            self._ask(head, rest, asked if isinstance(asked, dict) else {})
            return
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if head == "nut-dai-ly":
            self.node.switch(form)
            self.send(303, b"", Location="/nut-dai-ly")
        elif head == "loi":
            self._switch(form)
            self.send(303, b"", Location="/loi")
        elif head == "so" and rest == "dan-cu" and len(form.get("so", "")) == 12:
            self.books.enter(form["so"], form.get("ten", ""), form.get("ngay", ""), form.get("hon-nhan", ""))
            self.send(303, b"", Location="/so/dan-cu")
        elif head == "so" and rest in ("buu-chinh", "ly-lich-tu-phap"):
            self.books.move(form.get("ma", ""), form.get("trang-thai", ""))
            self.send(303, b"", Location=f"/so/{rest}")
        else:
            self.send(404, pages.missing())

    def _switch(self, form: dict[str, str]) -> None:
        for system in SYSTEMS:
            for fault in FAULTS:
                times = form.get(f"{system}.{fault}", "")
                if times.isascii() and times.isdigit():
                    self.books.faults[system][fault] = min(int(times[:6]), 100_000)

    def _ask(self, system: str, service: str, asked: dict[str, Any]) -> None:
        """One question, with the fault that is switched on for it."""
        fault = self.books.strikes(system)
        if fault == "down":
            self._break()
            return
        if fault == "slow":
            time.sleep(self.books.slow)
        if fault in ("500", "duplicate", "401", "429"):
            status = {"500": 500, "duplicate": 409, "401": 401, "429": 429}[fault]
            headers = {"Retry_After": str(AGAIN)} if fault == "429" else {}
            self.say(status, {"errorCode": f"E{status}", "message": "lỗi mô phỏng"}, **headers)
            return
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.books.token}".encode()):
            self.say(401, {"errorCode": "01", "message": "thẻ truy cập sai"})
            return
        number = self.headers.get("X-Request-Id", "")
        answer = self.books.serve(system, service, asked, number)
        if fault == "lost":
            self._break()
        elif fault == "not-json":
            self.send(200, b"<html>Bao tri he thong</html>")
        elif fault == "wrong-shape":
            self.say(200, WRONG_SHAPE)
        elif fault == "other":
            self.say(200, answer, X_Request_Id="00000000-0000-0000-0000-000000000000")
        elif fault == "half-open":
            self._half(json.dumps(answer).encode())
        elif answer is None:
            self.say(404, {"errorCode": "03", "message": "không có dịch vụ này"})
        else:
            self.say(200, answer)

    def _break(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _half(self, content: bytes) -> None:
        """The head and half of an answer, then silence with the line open."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        time.sleep(self.books.slow)
        self._break()

    def log_message(self, format: str, *args: object) -> None:
        """One line a request, without what was asked: enterprises are asked for by their number in the address."""
        print(time.strftime("%H:%M:%S"), self.command, "/".join(self.path.split("/")[:2]), *args[1:], flush=True)


class Server(ThreadingHTTPServer):
    """Pages and systems in plain HTTP; what begins with TLS is for the agent node."""

    daemon_threads = True

    def finish_request(self, request: Any, client_address: Any) -> None:
        """One connection."""
        try:
            request.settimeout(10)
            begins = request.recv(1, socket.MSG_PEEK)
            request.settimeout(None)
            if begins == b"\x16":
                Handler.node.speak(request, client_address, self)
            elif begins:
                Handler(request, client_address, self)
        except OSError as problem:  # whoever it was is gone, or showed no certificate that counts
            print(time.strftime("%H:%M:%S"), type(problem).__name__, getattr(problem, "reason", ""), flush=True)


def main() -> None:
    """Run until told to stop; the token that questions must bring comes from ``HIENLUONG_MINISTRIES_SECRET``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--slow", type=float, default=15.0, help="seconds by which a slow answer is late")
    arguments = parser.parse_args()
    Handler.books = Books(arguments.state, os.environ["HIENLUONG_MINISTRIES_SECRET"], arguments.slow)
    Handler.node = agent_node.Node(arguments.state / "node", arguments.slow)
    Server(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
