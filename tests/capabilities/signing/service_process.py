"""The simulated signing service as a process of its own, started as the supervisor starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.capabilities.payments.process import free_port, wait_until

PIN = "246810"


class SigningService:
    """``python -m hienluong.house.simulators.csc``."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    @property
    def told(self) -> dict[str, Any]:
        """What the settings of the product say of it."""
        return {"name": "Ký từ xa thử", "url": self.url, "client_id": "hienluong", "client_secret": "bi-mat"}

    def start(self) -> None:
        command = [sys.executable, "-m", "hienluong.house.simulators.csc", "--port", str(self.port)]
        command += ["--state", str(self.folder / "csc")]
        self.out = (self.folder / "csc.out").open("ab")
        self.process = subprocess.Popen(
            command, env={**os.environ, "HIENLUONG_CSC_SECRET": "bi-mat"}, stdout=self.out, stderr=self.out
        )
        wait_until(self._answers, "the signing service does not answer", 60)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "csc.out").read_text()
        try:
            return httpx.get(self.url, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, *, kill: bool = False) -> None:
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(20)
        self.out.close()

    def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form of one of its pages."""
        return httpx.post(self.url + path, data=form, trust_env=False, timeout=20)

    def register(self, user: str, name: str, organization: str = "") -> str:
        """A new certificate; the number of its credential."""
        page = self.post("/dang-ky", user=user, name=name, organization=organization, pin=PIN).text
        found = re.search(r"mp-[0-9a-f]{12}", page)
        assert found, page
        return found[0]

    def fault(self, **times: int) -> None:
        """Let the next calls go wrong."""
        self.post("/loi", **{{"away": "503"}.get(name, name): str(count) for name, count in times.items()})

    def waiting(self) -> list[str]:
        """The addresses of what waits for a telephone."""
        return re.findall(r'href="(/xac-nhan/[0-9a-f]+)"', httpx.get(self.url, trust_env=False).text)

    def confirm(self, *, pin: str = PIN, answer: str = "ky") -> httpx.Response:
        """Take up the newest question on the telephone."""
        return self.post(self.waiting()[0], pin=pin, viec=answer)

    @property
    def root(self) -> bytes:
        """The certificate of its root authority (PEM)."""
        content = (self.folder / "csc" / "root.pem").read_bytes()
        return content[content.index(b"-----BEGIN CERTIFICATE-----") :]
