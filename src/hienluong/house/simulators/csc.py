"""A service that signs from afar, for demo and tests: a process that speaks the CSC API v2 and shows a telephone.

It says on each page that it is a simulator. Holders confirm at ``/``, certificates are made at ``/dang-ky``, and what
should go wrong can be switched on at ``/loi``. See ``csc_book.py`` for what it knows.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import time
from binascii import Error as NotBase64
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from . import csc_book as book
from . import csc_pages as pages
from .csc_book import Question

#: Largest request, in bytes; seconds by which a slow answer is late.
MOST_BODY, SLOW = 256 * 1024, 12.0
RSA_SHA256 = "1.2.840.113549.1.1.11"


class Handler(BaseHTTPRequestHandler):
    """Pages for holders, the API for systems, the lists of the authority."""

    book: book.Book

    def send(self, status: int, content: bytes, kind: str = "text/html; charset=utf-8", location: str = "") -> None:
        """One whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(content)

    def say(self, status: int, told: dict[str, Any]) -> None:
        """An answer for a program."""
        self.send(status, json.dumps(told, ensure_ascii=False).encode(), "application/json")

    def do_GET(self) -> None:
        """A page, or what the authority publishes."""
        path = urlsplit(self.path).path
        question = self._question(path)
        if path == "/":
            self.send(200, pages.telephone(self.book))
        elif question is not None:
            self.send(200, pages.confirm(self.book, question))
        elif path == "/dang-ky":
            self.send(200, pages.register())
        elif path == "/loi":
            self.send(200, pages.faults(self.book))
        elif path in ("/ca/root.crl", "/ca/issuing.crl"):
            name = path.removeprefix("/ca/").removesuffix(".crl")
            self.send(200, self.book.crl(name), "application/pkix-crl")
        elif path.startswith("/ca/issuing.ocsp/"):
            self._answer_ocsp(base64.b64decode(unquote_plus(path.removeprefix("/ca/issuing.ocsp/"))))
        else:
            self.send(404, pages.page("Không có trang này", ""))

    def do_POST(self) -> None:
        """A decision of a holder, a new certificate, faults to come, or a question of the API."""
        path = urlsplit(self.path).path
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY:
            self.send(413, b"")
            return
        body = self.rfile.read(length)
        if path.startswith("/csc/v2/") or path == "/oauth2/token":
            self._api(path, body)
            return
        if path == "/ca/issuing.ocsp":
            self._answer_ocsp(body)
            return
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        question = self._question(path)
        if question is not None:
            self._decide(question, form)
        elif path == "/dang-ky":
            self._register(form)
        elif path == "/thu-hoi":
            try:
                self.book.revoke(form.get("credential", ""))
            except book.Refusal as refusal:
                self.send(422, pages.register(revoke_fault=refusal.words))
                return
            self.send(200, pages.register(done=form["credential"], words="Đã thu hồi chứng thư"))
        elif path == "/loi":
            for fault in book.FAULTS:
                times = form.get(fault, "")
                if times.isascii() and times.isdigit():
                    self.book.faults[fault] = min(int(times[:6]), 1000)
            self.send(303, b"", location="/loi")
        else:
            self.send(404, pages.page("Không có trang này", ""))

    def _question(self, path: str) -> Question | None:
        return self.book.questions.get(path.removeprefix("/xac-nhan/")) if path.startswith("/xac-nhan/") else None

    def _decide(self, question: Question, form: dict[str, str]) -> None:
        if form.get("viec") == "thoi":
            self.book.refuse(question.handle)
            self.send(200, pages.over("Đã từ chối ký"))
            return
        wrong = self.book.confirm(question.handle, form.get("pin", ""))
        if wrong:
            self.send(422, pages.confirm(self.book, question, wrong))
        else:
            self.send(200, pages.over("Đã xác nhận ký"))

    def _register(self, form: dict[str, str]) -> None:
        try:
            made = self.book.register(
                form.get("user", ""), form.get("name", ""), form.get("organization", ""), form.get("pin", "")
            )
        except book.Refusal as refusal:
            self.send(422, pages.register(refusal.words, typed=form))
            return
        self.send(200, pages.register(done=made.credential))

    def _api(self, path: str, body: bytes) -> None:
        if self.book.strikes("503"):
            self.say(503, {"error": "server_error"})
            return
        if self.book.strikes("slow"):
            time.sleep(SLOW)
        try:
            if self.book.strikes("refuse"):
                raise book.Refusal("invalid_request", "bị từ chối theo yêu cầu kiểm thử")
            status, told = self._told(path, body)
        except book.Refusal as refusal:
            status = 401 if str(refusal) in ("invalid_client", "invalid_token") else 400
            told = {"error": str(refusal), "error_description": refusal.words}
        except (ValueError, TypeError, AttributeError):
            status, told = 400, {"error": "invalid_request", "error_description": "không đọc được"}
        if self.book.strikes("lost"):
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.say(status, told)

    def _told(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if path == "/oauth2/token":
            client, secret = self._basic()
            return 200, {"access_token": self.book.token(client, secret), "token_type": "Bearer", "expires_in": 600}
        asked, method = json.loads(body or b"{}"), path.removeprefix("/csc/v2/")
        if method == "info":
            return 200, self._info()
        if not self.book.knows(self.headers.get("Authorization", "").removeprefix("Bearer ")):
            raise book.Refusal("invalid_token", "hãy đăng nhập")
        if method == "credentials/list":
            return 200, {"credentialIDs": self.book.owned_by(str(asked.get("userID", "")))}
        if method == "credentials/info":
            return 200, self._credential(asked)
        if method == "credentials/authorize":
            return 202, {"handle": self.book.ask(asked).handle}
        if method == "credentials/authorizeCheck":
            activation = self.book.check(asked.get("handle"))
            return (
                (200, {"SAD": activation, "expiresIn": book.HOLDS})
                if activation
                else (202, {"handle": asked["handle"]})
            )
        if method == "signatures/signHash":
            return 200, {"signatures": self.book.sign(asked)}
        raise book.Refusal("invalid_request", "không có phương thức này")

    def _info(self) -> dict[str, Any]:
        return {
            "specs": "2.0.0.2",
            "name": "Ký từ xa (mô phỏng)",
            "logo": f"{self.book.url}/logo",
            "region": "VN",
            "lang": "vi-VN",
            "authType": ["oauth2client"],
            "oauth2": self.book.url,
            "methods": [
                "credentials/list",
                "credentials/info",
                "credentials/authorize",
                "credentials/authorizeCheck",
                "signatures/signHash",
            ],
            "signAlgorithms": {"algos": [RSA_SHA256]},
        }

    def _credential(self, asked: dict[str, Any]) -> dict[str, Any]:
        account = self.book.account(asked.get("credentialID"))
        return {
            "description": f"Chứng thư của {account.name}",
            "key": {"status": "enabled", "algo": [RSA_SHA256], "len": 2048},
            "cert": {"status": "valid", "certificates": self.book.chain(account)},
            "auth": {"mode": "explicit", "expression": "PIN"},
            "SCAL": "2",
            "multisign": 100,
        }

    def _basic(self) -> tuple[str, str]:
        try:
            told = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        except ValueError:
            return "", ""
        name, _, secret = told.partition(":")
        return unquote_plus(name), unquote_plus(secret)

    def _answer_ocsp(self, asked: bytes) -> None:
        try:
            self.send(200, self.book.answer_ocsp(asked), "application/ocsp-response")
        except (ValueError, NotBase64):
            self.send(400, b"")

    def log_message(self, format: str, *args: object) -> None:
        """One line a request, without what was asked."""
        print(time.strftime("%H:%M:%S"), self.command, urlsplit(self.path).path, args[1:2], flush=True)


def main() -> None:
    """Run until told to stop; the secret of the province's account comes from ``HIENLUONG_CSC_SECRET``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    url = f"http://127.0.0.1:{arguments.port}"
    Handler.book = book.Book(arguments.state, url, os.environ["HIENLUONG_CSC_SECRET"])
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
