"""VNeID or the national public-service account for demo and tests: a process that signs people in by OpenID Connect.

It says on each page that it is a simulator. People choose who they are; what should go wrong can be switched on at
``/loi``. See ``identity_book.py`` for what it knows.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from . import identity_book as book
from . import identity_pages as pages

#: Largest request, in bytes; seconds by which a slow answer is late.
MOST_BODY, SLOW = 64 * 1024, 12.0


class Handler(BaseHTTPRequestHandler):
    """Pages for people, endpoints for the province."""

    desk: book.Desk

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
        """A page, or what programs read."""
        desk, split = self.desk, urlsplit(self.path)
        params = {name: values[-1] for name, values in parse_qs(split.query).items()}
        if split.path == "/":
            self.send(200, pages.home(desk))
        elif split.path == "/loi":
            self.send(200, pages.faults(desk))
        elif desk.strikes("503"):
            self.send(503, pages.wrong(desk, "Hệ thống đang bảo trì."))
        elif split.path == "/oauth2/authorize":
            self._ask(params)
        elif split.path == "/oauth2/jwks":
            self.say(200, desk.jwks())
        elif split.path == "/oauth2/userinfo":
            said = desk.userinfo(self.headers.get("Authorization", "").removeprefix("Bearer "))
            self.say(200 if said else 401, said or {"error": "invalid_token"})
        elif split.path == "/.well-known/openid-configuration" and desk.kind.described:
            self.say(200, self._description())
        else:
            self.send(404, pages.wrong(desk, "Không có trang này."))

    def do_POST(self) -> None:
        """A decision of a person, faults to come, or a code for tokens."""
        desk, path = self.desk, urlsplit(self.path).path
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY:
            self.send(413, b"")
            return
        body = self.rfile.read(length).decode("utf-8", "replace")
        form = {name: values[-1] for name, values in parse_qs(body).items()}
        if path == "/oauth2/authorize":
            self._decide(form)
        elif path == "/oauth2/token":
            self._exchange(form)
        elif path == "/loi":
            for fault in book.FAULTS:
                times = form.get(fault, "")
                if times.isascii() and times.isdigit():
                    desk.faults[fault] = min(int(times[:6]), 1000)
            self.send(303, b"", location="/loi")
        else:
            self.send(404, pages.wrong(desk, "Không có trang này."))

    def _ask(self, params: dict[str, str]) -> None:
        desk = self.desk
        if not desk.registered(params):
            self.send(400, pages.wrong(desk, "Hệ thống hỏi không có trong danh sách đăng ký."))
        elif params.get("response_type") != "code" or params.get("code_challenge_method") != "S256":
            self.send(302, b"", location=book.safe_back(params, error="invalid_request"))
        else:
            self.send(200, pages.consent(desk, params))

    def _decide(self, form: dict[str, str]) -> None:
        desk = self.desk
        if not desk.registered(form):
            self.send(400, pages.wrong(desk, "Hệ thống hỏi không có trong danh sách đăng ký."))
            return
        if form.get("viec") != "dong-y":
            self.send(302, b"", location=book.safe_back(form, error="access_denied"))
            return
        identity = book.person(form)
        if identity is None:
            params = {name: value for name, value in form.items() if name not in ("ai", "so", "ten", "muc", "viec")}
            self.send(422, pages.consent(desk, params, "Điền số định danh gồm 12 chữ số và họ tên."))
            return
        self.send(302, b"", location=book.safe_back(form, code=desk.agree(form, identity)))

    def _exchange(self, form: dict[str, str]) -> None:
        desk = self.desk
        if desk.strikes("slow"):
            time.sleep(SLOW)
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        if desk.kind.proof == "client_secret_basic":
            name, secret = self._basic()
        try:
            self.say(200, desk.exchange(form, name, secret))
        except book.Refusal as refusal:
            self.say(401 if str(refusal) == "invalid_client" else 400, {"error": str(refusal)})

    def _basic(self) -> tuple[str, str]:
        try:
            told = b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        except ValueError:
            return "", ""
        name, _, secret = told.partition(":")
        return unquote_plus(name), unquote_plus(secret)

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.desk.issuer,
            **book.endpoints(self.desk.url),
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [self.desk.kind.proof],
            "acr_values_supported": list(self.desk.kind.acr.values()),
        }

    def log_message(self, format: str, *args: object) -> None:
        """One line a request, without what was asked: codes stand in addresses."""
        print(time.strftime("%H:%M:%S"), self.command, urlsplit(self.path).path, args[1:2], flush=True)


def main() -> None:
    """Run until told to stop; the secret comes from ``HIENLUONG_IDENTITY_SECRET``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=sorted(book.KINDS))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--product", required=True)
    arguments = parser.parse_args()
    Handler.desk = book.Desk(
        book.KINDS[arguments.kind],
        f"http://127.0.0.1:{arguments.port}",
        arguments.product.rstrip("/"),
        os.environ["HIENLUONG_IDENTITY_SECRET"],
    )
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
