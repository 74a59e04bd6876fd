"""The national agent node for demo and tests, on the port of the simulated ministries: who speaks TLS there speaks to it.

It speaks what X-Road publishes (PR-REST, r1): certificates on both sides, members and subsystems, access rights for each
service, its own error types. The systems behind it are ours. What should go wrong is switched on at ``/nut-dai-ly``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid
from html import escape
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

#: What can go wrong, with the number of times it does. Error types of X-Road are given as they are.
FAULTS = {
    "down": "đóng kết nối, không trả lời",
    "slow": "trả lời chậm",
    "Server.ClientProxy.OutdatedGlobalConf": "cấu hình chung quá hạn",
    "Server.ServerProxy.AccessDenied": "không có quyền truy cập dịch vụ",
    "Server.ServerProxy.ServiceDisabled": "dịch vụ đang tắt",
    "Server.ServerProxy.ServiceFailed.HttpError": "hệ thống cung cấp không trả lời",
    "Server.ServerProxy.InternalError": "nút gặp lỗi",
    "not-json": "trả lời không phải JSON",
    "other": "trả lời cho thông điệp khác",
    "no-id": "trả lời không có mã thông điệp",
    "409": "báo trùng (HTTP 409)",
    "500": "hệ thống cung cấp trả lời HTTP 500",
}
#: The services behind it, and who may call them at first.
POPULATION = "VN/GOV/G01/DANCU/tra-cuu"
CLOSED = "VN/GOV/G12/THUE/ma-so"
MOST_BODY = 1024 * 1024
#: A number that ends so is known to nobody.
UNKNOWN = "0404"


class Node:
    """What the node knows: its certificates, who may call what, what came."""

    def __init__(self, folder: Path, slow: float) -> None:
        self.folder, self.slow = folder, slow
        self.lock = threading.RLock()
        self.faults = dict.fromkeys(FAULTS, 0)
        self.rights: dict[str, list[str]] = {POPULATION: ["VN/GOV/H50/LGSP"], CLOSED: []}
        self.seen: list[dict[str, Any]] = []  # of the last messages: their fields, never their bodies
        if not (folder / "ca.pem").exists():
            subprocess.run(  # apart, so that what makes certificates does not stay in this process
                [sys.executable, "-m", "hienluong.house.simulators.node_papers", str(folder)], check=True
            )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_cert_chain(folder / "node.pem", folder / "node.key")

    def strikes(self) -> str:
        """The fault that happens to this message; empty when none does."""
        with self.lock:
            for fault, left in self.faults.items():
                if left > 0:
                    self.faults[fault] -= 1
                    return fault
        return ""

    def switch(self, form: dict[str, str]) -> None:
        """Faults and rights, as a form says."""
        with self.lock:
            for fault in FAULTS:
                times = form.get(fault, "")
                if times.isascii() and times.isdigit():
                    self.faults[fault] = min(int(times[:6]), 100_000)
            for service in self.rights:
                if service in form:
                    self.rights[service] = [each.strip() for each in form[service].split("\n") if each.strip()][:50]

    def speak(self, line: socket.socket, address: Any, server: Any) -> None:
        """One connection that began with TLS, to its end."""
        line.settimeout(60)
        with self.context.wrap_socket(line, server_side=True) as safe:
            type("Handler", (Handler,), {"node": self})(safe, address, server)


class Handler(BaseHTTPRequestHandler):
    """Messages, as security servers take them from information systems."""

    node: Node
    protocol_version = "HTTP/1.1"
    timeout = 60

    def _message(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY:
            self.close_connection = True
            self._error("Client.BadRequest", "too large")
            return
        body = self.rfile.read(length)
        with self.node.lock:
            told = {name.lower(): value for name, value in self.headers.items()}
            self.node.seen = [*self.node.seen[-99:], {"path": urlsplit(self.path).path, "fields": told}]
        fault = self.node.strikes()
        if fault == "down":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if fault == "slow":
            time.sleep(self.node.slow)
        if "." in fault:
            self._error(fault, FAULTS[fault])
            return
        wrong = self._refused()
        if wrong:
            self._error(*wrong)
            return
        self._serve(fault, body)

    do_GET = do_POST = do_PUT = do_DELETE = _message  # noqa: N815 - named by http.server

    def _parts(self) -> tuple[str, str]:
        parts = urlsplit(self.path).path.split("/")
        return "/".join(map(unquote, parts[2:7])), "/" + "/".join(parts[7:])

    def _client(self) -> str:
        return "/".join(map(unquote, self.headers.get("X-Road-Client", "").split("/")))

    def _refused(self) -> tuple[str, str] | None:
        if urlsplit(self.path).path.split("/")[1:2] != ["r1"]:
            return "Client.BadRequest", "Error parsing the client's REST request."
        client, (service, _below) = self._client(), self._parts()
        if len(client.split("/")) not in (3, 4):
            return "Client.BadRequest", "X-Road-Client is missing or malformed"
        shown: Any = self.connection.getpeercert()
        names = {value for part in shown.get("subject", ()) for name, value in part if name == "commonName"}
        if client.split("/")[2] not in names:
            return "Server.ClientProxy.SslAuthenticationFailed", "Client does not match the TLS certificate"
        if service not in self.node.rights:
            return "Server.ServerProxy.UnknownService", "Unknown service"
        if client not in self.node.rights[service]:
            return "Server.ServerProxy.AccessDenied", "Request is not allowed"
        return None

    def _serve(self, fault: str, body: bytes) -> None:
        _service, below = self._parts()
        number = below.rsplit("/", 1)[-1]
        status, answer = 200, json.dumps({"soDinhDanh": number, "hoTen": "Nguyễn Thị Mô Phỏng", "khop": True}).encode()
        if number.endswith(UNKNOWN):
            status, answer = 404, b'{"message":"khong co"}'
        if fault in ("409", "500"):
            status, answer = int(fault), b'{"message":"loi mo phong"}'
        elif fault == "not-json":
            answer = b"<html>Bao tri he thong</html>"
        self._send(status, answer, "application/json;charset=utf-8", self._marks(fault, body))

    def _marks(self, fault: str, body: bytes) -> dict[str, str]:
        service, _below = self._parts()
        fields = "".join(f"{name}:{value}\r\n" for name, value in self.headers.items()).encode()
        hashed = hashlib.sha512(fields).digest() + (hashlib.sha512(body).digest() if body else b"")
        whole = hashlib.sha512(hashed).digest() if body else hashed
        marks = {
            "x-road-client": self.headers.get("X-Road-Client", ""),
            "x-road-service": service,
            "x-road-id": self.headers.get("X-Road-Id") or str(uuid.uuid4()),
            "x-road-request-id": str(uuid.uuid4()),
            "x-road-request-hash": base64.b64encode(whole).decode(),
        }
        if fault == "other":
            marks["x-road-id"] = str(uuid.uuid4())
        if fault == "no-id":
            del marks["x-road-id"]
        return marks

    def _error(self, kind: str, message: str) -> None:
        told = json.dumps({"type": kind, "message": message, "detail": str(uuid.uuid4())}).encode()
        status = 400 if kind.startswith("Client.") else 500
        self._send(status, told, "application/json;charset=utf-8", {"X-Road-Error": kind})

    def _send(self, status: int, content: bytes, kind: str, fields: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **fields}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """One line a message, without what was asked."""
        print(time.strftime("%H:%M:%S"), "node", self.command, *args[1:2], flush=True)


def body_of_page(node: Node) -> str:
    """The page of the node, below its heading: rights, faults, the last messages."""
    rights = "".join(
        f'<label for="{escape(service)}"><code>{escape(service)}</code></label>'
        f'<textarea id="{escape(service)}" name="{escape(service)}" rows="2" cols="40">{escape(chr(10).join(clients))}</textarea>'
        for service, clients in node.rights.items()
    )
    boxes = "".join(
        f'<label for="{fault}">{escape(words)} <code>{escape(fault)}</code></label>'
        f'<input type="number" min="0" id="{fault}" name="{fault}" value="{node.faults[fault]}">'
        for fault, words in FAULTS.items()
    )
    rows = "".join(
        f"<tr><td>{escape(each['fields'].get('x-road-client', ''))}</td>"
        f"<td>{escape('/'.join(each['path'].split('/')[2:7]))}</td><td>{escape(each['fields'].get('x-road-id', ''))}</td></tr>"
        for each in reversed(node.seen[-20:])
    )
    return (
        "<p>Nói giao thức X-Road REST (r1) qua TLS hai chiều, cùng cổng với trang này. Không phải nút đại lý của Bộ Công an.</p>"
        f'<form method="post"><h2>Quyền truy cập từng dịch vụ</h2><p>Mỗi dòng một phân hệ được gọi.</p>{rights}'
        f"<h2>Gây lỗi</h2><p>Số lần mỗi lỗi sẽ xảy ra.</p>{boxes}<button>Ghi</button></form>"
        '<h2>Thông điệp gần đây</h2><div class="scroll"><table><tr><th scope="col">Phân hệ gọi</th>'
        f'<th scope="col">Dịch vụ</th><th scope="col">Mã thông điệp</th></tr>{rows}</table></div>'
    )
