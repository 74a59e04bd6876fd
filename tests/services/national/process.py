"""The simulated national portal as a process, and messages signed as it signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from django.test import Client
from PIL import Image

from tests.capabilities.payments.process import free_port, wait_until

DOOR = "/api/v1/national-portal/messages"
SECRET, PASSWORD = "bi-mat-kiem-thu", "mat-khau-kiem-thu"


class PortalProcess:
    """``python -m hienluong.house.simulators.national``, started as the supervisor starts it."""

    def __init__(self, folder: Path, product: str) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.connection = {"url": self.url, "user": "H50", "password": PASSWORD, "secret": SECRET}
        command = [sys.executable, "-m", "hienluong.house.simulators.national", "--port", str(self.port)]
        command += ["--state", str(folder / "portal"), "--product", product, "--slow", "1"]
        command += ["--retries", ",".join(["0", *["0.3"] * 60])]
        env = {**os.environ, "HIENLUONG_NATIONAL_SECRET": SECRET, "HIENLUONG_NATIONAL_PASSWORD": PASSWORD}
        self.out = (folder / "portal.out").open("ab")
        self.process = subprocess.Popen(command, env=env, stdout=self.out, stderr=self.out)
        wait_until(self._listens, "the portal does not listen", 60)

    def _listens(self) -> bool:
        assert self.process.poll() is None, (self.folder / "portal.out").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.out.close()

    def switch(self, **faults: int) -> None:
        """Let faults happen so many times."""
        form = {name.replace("_", "-"): str(times) for name, times in faults.items()}
        httpx.post(f"{self.url}/loi", data=form, trust_env=False, timeout=20)

    def ask(self, service: str, **question: Any) -> dict[str, Any]:
        """One call of a service with a fresh session."""
        session = httpx.post(
            f"{self.url}/mapi/login", json={"username": "H50", "password": PASSWORD}, trust_env=False, timeout=20
        ).json()["session"]
        return dict(
            httpx.post(
                f"{self.url}/mapi/g",
                json={"session": session, "service": service, **question},
                trust_env=False,
                timeout=30,
            ).json()
        )

    @property
    def book(self) -> dict[str, dict[str, Any]]:
        """What the portal knows, by number."""
        file = self.folder / "portal" / "dossiers.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def file(self, code: str = "8.000900", files: dict[str, tuple[str, bytes]] | None = None, **fields: str) -> str:
        """Fill in the portal's page and send it; returns the portal's number."""
        form = {
            "HoTen": "Trần Thị Cổng",
            "MaDoiTuong": "045190000777",
            "SoDienThoai": "0912345678",
            "MaXa": "19333",
            "HinhThucTra": "2",
            "f-reason": "Vay vốn sửa nhà",
            **fields,
        }
        upload = {f"tep-{paper}": content for paper, content in (files or {}).items()} or {"x": ("", b"")}
        answer = httpx.post(f"{self.url}/nop/{code}", data=form, files=upload, trust_env=False, timeout=30)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].removeprefix("/ho-so/")


def picture(width: int = 40) -> bytes:
    """A PNG of noise, as large as it is wide."""
    out = BytesIO()
    Image.frombytes("RGB", (width, width), os.urandom(width * width * 3)).save(out, "PNG")
    return out.getvalue()


def message(**more: Any) -> dict[str, Any]:
    """A message with a new dossier for the small province."""
    return {
        "LoaiGoiTin": "NOP",
        "MaHoSo": f"000.00.00.G22-261125-{uuid.uuid4().int % 1_000_000:06d}",
        "MaTTHC": "8.000900",
        "MaXa": "19333",
        "ChuHoSo": {"HoTen": "Trần Thị Cổng", "LoaiDoiTuong": "1", "MaDoiTuong": "045190000777"},
        "NgayNopHoSo": "20261125083000",
        "HinhThucTra": "1",
        "DuLieuBieuMau": {"reason": "Vay vốn sửa nhà"},
        "TaiLieuNop": [
            {
                "MaThanhPhanHoSo": "CC",
                "TenTepDinhKem": "cccd.png",
                "NoiDungTep": base64.b64encode(picture()).decode(),
            }
        ],
        **more,
    }


def tell(
    told: Any, *, secret: str = SECRET, at: int | None = None, nonce: str = "", client: Client | None = None
) -> Any:
    """Send a message through the door, signed."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    moment, number = str(at if at is not None else int(time.time())), nonce or uuid.uuid4().hex
    signed = hmac.new(secret.encode(), f"{moment}.{number}.".encode() + body, hashlib.sha256).hexdigest()
    client = client or Client(raise_request_exception=False)
    headers = {"X-Time": moment, "X-Nonce": number, "X-Signature": signed}
    return client.post(DOOR, data=body, content_type="application/json", headers=headers)
