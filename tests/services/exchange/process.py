"""The simulated document axis as a process, and calls of it as the published SDK makes them."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from hienluong.services.exchange import edxml
from tests.capabilities.payments.process import free_port, wait_until

SYSTEMS = {"H50": "bi-mat-h50", "H57": "bi-mat-h57"}


class AxisProcess:
    """``python -m hienluong.house.simulators.axis``, started as the supervisor starts it."""

    def __init__(self, folder: Path, **systems: str) -> None:
        self.port, self.folder, self.systems = free_port(), folder, systems or SYSTEMS
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it, on what it knew before."""
        command = [sys.executable, "-m", "hienluong.house.simulators.axis", "--port", str(self.port)]
        command += ["--state", str(self.folder / "axis"), "--slow", "1", "--hold", "1"]
        env = {**os.environ, "HIENLUONG_AXIS_SYSTEMS": json.dumps(self.systems)}
        self.out = (self.folder / "axis.out").open("ab")
        self.process = subprocess.Popen(command, env=env, stdout=self.out, stderr=self.out)
        wait_until(self._listens, "the axis does not listen", 60)

    def _listens(self) -> bool:
        assert self.process.poll() is None, (self.folder / "axis.out").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)
        self.out.close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.out.close()

    def switch(self, **faults: float) -> None:
        """Let faults happen so many times; a name that ends in ``_pt`` is a share in percent. Others are switched off."""
        form = {name.replace("_", "-"): str(value) for name, value in faults.items()}
        httpx.post(f"{self.url}/loi", data=form, trust_env=False, timeout=20)

    def connection(self, system: str, **more: str) -> dict[str, str]:
        """The settings of an installation that is this system."""
        return {
            "url": self.url,
            "system": system,
            "secret": self.systems[system],
            "form": "axis",
            "codes": "current",
            "sign": "never",
            "signature": "form",
            "altered": "hold",
            **more,
        }

    def call(self, name: str, system: str = "H50", content: bytes = b"", **headers: str) -> dict[str, Any]:
        """One call; `secret` among the headers replaces the system's own."""
        sent = {"systemid": system, "secret": self.systems.get(system, "x"), **headers}
        answer = httpx.post(f"{self.url}/{name}", content=content, headers=sent, trust_env=False, timeout=20)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def register(self, system: str, code: str, name: str = "Cơ quan") -> dict[str, Any]:
        return self.call("registerAgency", system, json.dumps({"code": code, "name": name}).encode())

    def send(
        self, package: edxml.Package, to: str, system: str = "H50", form: edxml.Form = edxml.AXIS, **headers: str
    ) -> dict[str, Any]:
        kind = "status" if isinstance(package, edxml.StatusPackage) else "edoc"
        given = {"from": package.sender.code, "to": json.dumps([to]), "servicetype": "eDoc", "messagetype": kind}
        return self.call("sendEdoc", system, edxml.write(package, form), **{**given, **headers})

    def waiting(self, system: str, kind: str = "") -> list[dict[str, str]]:
        return list(self.call("getReceivedEdocList", system, messagetype=kind)["data"])

    def get(self, system: str, id: str) -> bytes:
        return base64.b64decode(self.call("getEdoc", system, docId=id)["data"])

    def page(self, path: str) -> str:
        answer = httpx.get(self.url + path, trust_env=False, timeout=30)
        assert answer.status_code == 200
        return answer.text
