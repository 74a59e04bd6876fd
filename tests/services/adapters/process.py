"""The simulated systems of ministries as a process of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from hienluong.services.adapters.connections import SIMULATED, Connection
from tests.capabilities.payments.process import free_port, wait_until

TOKEN = "the-truy-cap-kiem-thu"
#: Seconds to wait for an answer (a machine may be busy), and by which a slow answer is late.
PATIENCE, LATE = 20.0, 3.0


class MinistriesProcess:
    """``python -m hienluong.house.simulators.ministries``, started as the supervisor starts it."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "hienluong.house.simulators.ministries", "--port", str(self.port)]
        self.command += ["--state", str(folder / "ministries"), "--slow", str(LATE)]
        self.start()

    def start(self) -> None:
        self.out = (self.folder / "ministries.out").open("ab")
        env = {**os.environ, "HIENLUONG_MINISTRIES_SECRET": TOKEN}
        self.process = subprocess.Popen(self.command, env=env, stdout=self.out, stderr=self.out)
        wait_until(self._listens, "the ministries do not listen", 60)

    def _listens(self) -> bool:
        assert self.process.poll() is None, (self.folder / "ministries.out").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.out.close()

    def connections(self, *, token: str = TOKEN, patience: float = PATIENCE) -> dict[str, Connection]:
        """The connections of an installation."""
        from hienluong.services.adapters.base import adapter

        return {
            code: Connection(
                f"{self.url}{path}",
                {"Authorization": f"Bearer {token}"},
                operations={each.name: {"timeout_s": patience} for each in adapter(code).operations},
                simulator=True,
            )
            for code, path in SIMULATED.items()
        }

    def switch(self, code: str, **faults: int) -> None:
        """Let faults of one system happen so many times."""
        system = SIMULATED[code].strip("/")
        form = {f"{system}.{name.replace('_', '-').removeprefix('-')}": str(times) for name, times in faults.items()}
        httpx.post(f"{self.url}/loi", data=form, trust_env=False, timeout=20)

    def settle(self) -> None:
        """Nothing goes wrong any more."""
        from hienluong.house.simulators.ministries_book import FAULTS, SYSTEMS

        form = {f"{system}.{fault}": "0" for system in SYSTEMS for fault in FAULTS}
        httpx.post(f"{self.url}/loi", data=form, trust_env=False, timeout=20)

    def page(self, path: str) -> str:
        """One page of the simulator."""
        return httpx.get(f"{self.url}{path}", trust_env=False, timeout=20).text

    def enter(self, number: str, name: str, birth_date: str = "") -> None:
        """Write a person into the book of the population database."""
        form = {"so": number, "ten": name, "ngay": birth_date}
        httpx.post(f"{self.url}/so/dan-cu", data=form, trust_env=False, timeout=20)

    def move(self, order: str, state: str) -> None:
        """Bring a parcel to a state."""
        form = {"ma": order, "trang-thai": state}
        httpx.post(f"{self.url}/so/buu-chinh", data=form, trust_env=False, timeout=20)
