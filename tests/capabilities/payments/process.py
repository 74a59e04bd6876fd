"""The simulated bank as a process of its own, and a gate on the line between it and the product."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.capabilities.payments import actions
from hienluong.capabilities.payments.models import Charge
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER

#: Seconds before each try of the bank in tests: quick, and many, for a loaded machine.
RETRIES = ",".join(["0", *["0.3"] * 60])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], bool], words: str, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, words
        time.sleep(0.05)


@dataclass
class Message:
    """One message that came to the gate, and what the product answered (0: it was not let through)."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    answer: bytes = b""


class Gate:
    """Stands where the product is for the bank: passes on, answers 503, swallows answers, or is away altogether.

    `faults` holds what happens to the next messages, first one first: ``503`` or ``lost`` (done, but the answer never
    arrives); after them everything passes.
    """

    def __init__(self, product: str) -> None:
        self.product, self.port = product, free_port()
        self.faults: list[str] = []
        self.messages: list[Message] = []
        self.server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> Gate:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gate.pass_on(self)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def close(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def pass_on(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers["Content-Length"]))
        names = ("X-Time", "X-Nonce", "X-Signature", "Content-Type")
        message = Message(asked.path, {name: asked.headers[name] for name in names}, body)
        fault = self.faults.pop(0) if self.faults else ""
        if fault != "503":
            told = httpx.post(self.product + asked.path, content=body, headers=message.headers, trust_env=False)
            message.status, message.answer = told.status_code, told.content
        self.messages.append(message)
        if fault == "lost":
            asked.connection.shutdown(socket.SHUT_RDWR)
            return
        asked.send_response(message.status or 503)
        asked.send_header("Content-Length", str(len(message.answer)))
        asked.end_headers()
        asked.wfile.write(message.answer)

    @property
    def statuses(self) -> list[int]:
        return [message.status for message in self.messages]


class BankProcess:
    """``python -m hienluong.house.simulators.bank``, started as the supervisor starts it."""

    def __init__(self, folder: Path, product: str, secrets: dict[str, str], *options: str) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "hienluong.house.simulators.bank", "--port", str(self.port)]
        command += ["--state", str(folder / "bank"), "--product", product, "--retries", RETRIES, *options]
        env = {
            **os.environ,
            "HIENLUONG_BANK_SECRET": secrets["bank"],
            "HIENLUONG_GATEWAY_SECRET": secrets.get("gateway", secrets["bank"]),
        }
        self.command, self.env = command, env
        self.start()

    def start(self) -> None:
        self.out = (self.folder / "bank.out").open("ab")
        self.process = subprocess.Popen(self.command, env=self.env, stdout=self.out, stderr=self.out)
        wait_until(self._listens, "the bank does not listen", 60)

    def _listens(self) -> bool:
        assert self.process.poll() is None, (self.folder / "bank.out").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.out.close()

    def transfer(self, code: str, *faults: str) -> httpx.Response:
        """Scan a VietQR payload and confirm, as a person with a phone does."""
        form: dict[str, Any] = {"ma": code, "loi": list(faults)}
        return httpx.post(f"{self.url}/chuyen", data=form, trust_env=False, timeout=20)

    @property
    def ledger(self) -> list[dict[str, Any]]:
        """What the bank has in its books."""
        return self.book("ledger")

    def book(self, name: str) -> list[dict[str, Any]]:
        """One book: ``ledger`` of the bank, ``gateway`` of the gateway."""
        file = self.folder / "bank" / f"{name}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def make_charge(agency: Organization, amount: int = 15_000) -> Charge:
    """A fee charged to nobody in particular: whoever holds the link pays."""
    line = {"code": "PHI", "name": "Phí xác nhận", "amount": amount, "legal_basis": "Nghị quyết kiểm thử"}
    return actions.create_charge(
        TESTER, subject_ref="thu:1", payer_id=None, organization=agency, lines=[line], kind="fee"
    )


def forget_jobs() -> None:
    """Empty the queue: its tables are not Django's, so nobody empties them between tests."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def work_off(task: Any) -> int:
    """Do the jobs of one task that wait in the queue, as the worker would; returns how many."""
    jobs = list(ProcrastinateJob.objects.filter(task_name=task.name).order_by("pk"))
    for job in jobs:
        task(**job.args)
    return len(jobs)
