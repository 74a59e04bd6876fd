"""The national document axis for demo and tests, as a separate process with the published style of interface.

It says on each page that it is a simulator. Systems register agencies, send packages, list and fetch what came, and
say what became of it; what should go wrong can be switched on. See ``axis_book.py`` for what it knows.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from . import axis_pages as pages
from .axis_book import ERRORS, FAULTS, OWN_AGENCIES, Axis, Refusal

#: Largest package, in bytes.
MOST_BODY = 200 * 1024 * 1024
CALLS = {
    "registerAgency",
    "getAgenciesList",
    "sendEdoc",
    "getReceivedEdocList",
    "getSentEdocList",
    "getEdoc",
    "downloadEdoc",
    "updateStatus",
    "countReceiveEdoc",
    "countReceiveStatus",
}


class Handler(BaseHTTPRequestHandler):
    """The calls of systems at their published names, the pages for people beside them."""

    axis: Axis
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # head and body in one packet: else the second waits for the first to be acknowledged
    disable_nagle_algorithm = True

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
        """A page, a package, or one of the calls that ask how many."""
        path = unquote(urlsplit(self.path).path)
        head, _, rest = path.strip("/").partition("/")
        axis = self.axis
        if head in CALLS:
            self._call(head, b"")
        elif path == "/":
            self.send(200, pages.packages(axis))
        elif head == "goi-tin" and rest in axis.packages:
            self.send(200, pages.package(axis, axis.packages[rest]))
        elif head == "tep" and rest in axis.packages:
            self.send(200, axis.content(rest), "application/octet-stream")
        elif path == "/gui":
            self.send(200, pages.write(axis))
        elif path == "/co-quan":
            self.send(200, pages.agencies(axis))
        elif path == "/loi":
            self.send(200, pages.faults(axis))
        else:
            self.send(404, pages.missing())

    def do_POST(self) -> None:
        """A call of a system, or a form of a person."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY:
            self.close_connection = True
            self.send(413, pages.missing())
            return
        body = self.rfile.read(length)
        head, _, rest = unquote(urlsplit(self.path).path).strip("/").partition("/")
        if head in CALLS:
            self._call(head, body)
            return
        fields = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        axis = self.axis
        if head == "goi-tin" and rest in axis.packages and fields.get("ma") in pages.ANSWERS:
            code = fields["ma"]
            axis.answer(rest, code, _words(fields.get("ly-do", "")) or pages.ANSWERS[code])
            self.send(303, b"", location="/")
        elif head == "gui" and fields.get("tu") in OWN_AGENCIES and fields.get("den") in axis.agencies:
            axis.write(fields["tu"], fields["den"], _words(fields.get("trich-yeu", "")))
            self.send(303, b"", location="/")
        elif head == "loi":
            for fault in FAULTS:
                axis.switch(fault, int(_number(fields.get(fault, "0"))), _number(fields.get(f"{fault}-pt", "0")))
            self.send(303, b"", location="/loi")
        else:
            self.send(404, pages.missing())

    def _call(self, name: str, body: bytes) -> None:
        """One call, with the faults that are switched on."""
        axis = self.axis
        if axis.strikes("away"):
            self._cut()
            return
        if axis.strikes("slow"):
            time.sleep(axis.slow)
        if axis.strikes("500"):
            self._note(name, "500")
            self.send(500, b"")
            return
        try:
            if axis.strikes("refuse"):
                raise Refusal("99")
            answer: dict[str, Any] = {
                "status": "OK",
                "ErrorCode": "0",
                "ErrorDesc": ERRORS["0"],
                **self._do(name, body),
            }
        except Refusal as error:
            answer = {"status": "FAIL", "ErrorCode": error.code, "ErrorDesc": str(error), "DocId": "", "data": []}
        self._note(name, answer["ErrorCode"])
        if axis.strikes("lost"):
            self._cut()
            return
        if name == "downloadEdoc" and answer["status"] == "OK":
            self.send(200, base64.b64decode(answer["data"]), "application/octet-stream")
            return
        self.send(200, json.dumps(answer, ensure_ascii=False).encode(), "application/json")

    def _do(self, name: str, body: bytes) -> dict[str, Any]:
        axis, given = self.axis, {key.lower(): value for key, value in self.headers.items()}
        secret = given.get("secret") or given.get("secretkey") or given.get("x-secretkey", "")
        system = axis.system(given.get("systemid") or given.get("x-systemid", ""), secret)
        kind = given.get("messagetype", "")
        if name == "registerAgency":
            told = _object(body)
            axis.register(system, str(told.get("code", "")), str(told.get("name", "")))
            return {}
        if name == "getAgenciesList":
            listed = sorted(axis.agencies.items())
            return {"data": [{"code": code, "name": words, "system": owner} for code, (owner, words) in listed]}
        if name == "sendEdoc":
            return {"DocId": axis.send(system, given, body)}
        if name == "getReceivedEdocList":
            return {"data": axis.received(system, kind)}
        if name == "getSentEdocList":
            return {"data": axis.sent(system, kind, given.get("senderdocid", ""))}
        if name in ("getEdoc", "downloadEdoc"):
            return {"data": base64.b64encode(axis.get(system, given.get("docid", ""))).decode()}
        if name == "updateStatus":
            axis.update(system, given.get("docid", ""), given.get("status", ""))
            return {}
        return {"count": axis.count(system, "edoc" if name == "countReceiveEdoc" else "status")}

    def _note(self, name: str, code: str) -> None:
        self.axis.calls = [*self.axis.calls[-499:], (self.headers.get("systemid", ""), name, code)]

    def _cut(self) -> None:
        """End the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """One line a request."""
        print(time.strftime("%H:%M:%S"), format % args, flush=True)


def _words(text: str) -> str:
    """What was typed, without the characters that XML cannot carry."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:500]


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Refusal("10") from error
    if not isinstance(found, dict):
        raise Refusal("10")
    return found


def _number(text: str) -> float:
    return min(float(text), 100_000.0) if re.fullmatch(r"[0-9]{1,6}([.][0-9]{1,3})?", text) else 0.0


def main() -> None:
    """Run until told to stop; ``HIENLUONG_AXIS_SYSTEMS`` is a JSON object of the systems and their secrets."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--slow", type=float, default=10.0, help="seconds by which a slow answer is late")
    parser.add_argument("--hold", type=float, default=3.0, help="seconds for which a held package is not seen")
    arguments = parser.parse_args()
    systems = {str(name): str(secret) for name, secret in json.loads(os.environ["HIENLUONG_AXIS_SYSTEMS"]).items()}
    Handler.axis = Axis(arguments.state, systems, slow=arguments.slow, hold=arguments.hold)
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.request_queue_size = 64
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
