"""The national portal for demo and tests, as a separate process that speaks its published services (v1) over HTTP.

It says on each page that it is a simulator. People file on it and see how far their dossier is; the province signs in
and synchronises; what should go wrong can be switched on. See ``national_book.py`` for what it knows.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from . import national_pages as pages
from .national_book import FAULTS, RETRIES, Portal, Refusal

#: Largest request, in bytes.
MOST_BODY = 60 * 1024 * 1024
File = tuple[str, str, bytes]


class Handler(BaseHTTPRequestHandler):
    """The pages for people, ``/mapi/…`` for the province, ``/tep/…`` for files that it fetches."""

    portal: Portal

    def send(self, status: int, content: bytes, kind: str = "text/html; charset=utf-8", location: str = "") -> None:
        """One whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        """A page, or a file."""
        split = urlsplit(self.path)
        path, query = unquote(split.path), {k: v[-1] for k, v in parse_qs(split.query).items()}
        head, _, rest = path.strip("/").partition("/")
        if head == "tep":
            content = self.portal.attached(rest)
            self.send(200 if content is not None else 404, content or b"", "application/octet-stream")
        elif path == "/":
            self.send(200, pages.home(self.portal, query.get("q", "")))
        elif head == "nop" and rest:
            found = pages.form(self.portal, rest)
            self.send(200 if found else 404, found or pages.missing())
        elif head == "ho-so" and rest in self.portal.dossiers:
            self.send(200, pages.dossier(self.portal, rest))
        elif path == "/ho-so":
            self.send(200, pages.dossiers(self.portal))
        elif path == "/loi":
            self.send(200, pages.faults(self.portal))
        else:
            self.send(404, pages.missing())

    def do_POST(self) -> None:
        """A call of the province, or a form of a person."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY:
            self.send(413, pages.missing())
            return
        body = self.rfile.read(length)
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/mapi/"):
            self._service(path, body)
            return
        fields, files = self._fields(body)
        head, _, rest = path.strip("/").partition("/")
        number, _, verb = rest.partition("/")
        if head == "nop":
            self._to(f"/ho-so/{self.portal.file(pages.told(self.portal, rest, fields), files)}")
        elif head == "ho-so" and number in self.portal.dossiers and verb == "bo-sung":
            self.portal.answer(number, fields.get("noi-dung", ""), files)
            self._to(f"/ho-so/{number}")
        elif head == "ho-so" and number in self.portal.dossiers and verb == "rut":
            self.portal.withdraw(number, fields.get("ly-do", ""))
            self._to(f"/ho-so/{number}")
        elif head == "ho-so" and number in self.portal.dossiers and verb == "day-lai":
            filed = self.portal.dossiers[number]["filed"]
            if filed:
                self.portal.push(filed)
            self._to(f"/ho-so/{number}")
        elif path == "/loi":
            for fault in FAULTS:
                times = fields.get(fault, "")
                if times.isascii() and times.isdigit():
                    self.portal.switch(fault, min(int(times[:6]), 100_000))
            self._to("/loi")
        else:
            self.send(404, pages.missing())

    def _to(self, where: str) -> None:
        self.send(303, b"", location=where)

    def _service(self, path: str, body: bytes) -> None:
        """One call of the province, with the faults that are switched on."""
        portal = self.portal
        try:
            asked = json.loads(body)
            asked = asked if isinstance(asked, dict) else {}
        except ValueError:
            asked = {}
        name = "login" if path == "/mapi/login" else str(asked.get("service", ""))
        if name != "login" and portal.strikes("slow"):
            time.sleep(portal.slow)
        if name != "login" and portal.strikes("500"):
            portal.calls.append((name, "500"))
            self.send(500, b"")
            return
        try:
            answer = portal.login(asked) if name == "login" else portal.serve(asked)
        except Refusal as error:
            answer = {"error_code": error.code, "message": str(error)}
        portal.calls = [*portal.calls[-499:], (name, answer["error_code"])]
        if name != "login" and portal.strikes("lost"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send(200, json.dumps(answer, ensure_ascii=False).encode(), "application/json")

    def _fields(self, body: bytes) -> tuple[dict[str, str], list[File]]:
        """The fields of a form, and its files by paper code."""
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return {k: v[-1] for k, v in parse_qs(body.decode("utf-8", "replace")).items()}, []
        message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        fields: dict[str, str] = {}
        files: list[File] = []
        for part in message.get_payload():
            if isinstance(part, str):
                continue
            name = str(part.get_param("name", "", header="content-disposition"))
            content: Any = part.get_payload(decode=True) or b""
            filename = part.get_filename()
            if filename is None:
                fields[name] = content.decode("utf-8", "replace")
            elif content:
                files.append((name.removeprefix("tep-"), Path(filename).name[:100] or "tep", content))
        return fields, files

    def log_message(self, format: str, *args: object) -> None:
        """One line a request."""
        print(time.strftime("%H:%M:%S"), format % args, flush=True)


def main() -> None:
    """Run until told to stop; secrets come from ``HIENLUONG_NATIONAL_SECRET`` and ``HIENLUONG_NATIONAL_PASSWORD``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--product", required=True)
    parser.add_argument("--session-seconds", type=float, default=900.0, help="how long a session lasts")
    parser.add_argument("--slow", type=float, default=15.0, help="seconds by which a slow answer is late")
    parser.add_argument("--retries", default="", help="seconds before each try to push, separated by commas")
    arguments = parser.parse_args()
    Handler.portal = Portal(
        arguments.product.rstrip("/"),
        os.environ["HIENLUONG_NATIONAL_SECRET"],
        os.environ["HIENLUONG_NATIONAL_PASSWORD"],
        arguments.state,
        f"http://127.0.0.1:{arguments.port}",
        session_seconds=arguments.session_seconds,
        slow=arguments.slow,
        retries=tuple(float(wait) for wait in arguments.retries.split(",")) if arguments.retries else RETRIES,
    )
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
