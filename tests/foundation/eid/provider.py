"""The simulated identity providers as processes, and a person who goes through one with a browser without a screen."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from django.test import Client

from hienluong.foundation.eid import configured
from hienluong.foundation.eid.configured import Provider
from hienluong.house.simulators.identity_book import entry
from tests.capabilities.payments.process import free_port, wait_until

HERE, SECRET = "https://testserver", "bi-mat-kiem-thu"
LANH, BINH, MOI, LEVEL_ONE = "045190001234", "045082004321", "045201007788", "045303005566"


class Simulator:
    """``python -m hienluong.house.simulators.identity``, started as the supervisor starts it."""

    def __init__(self, key: str, folder: Path, product: str = HERE) -> None:
        self.key, self.port = key, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "hienluong.house.simulators.identity", key, "--port", str(self.port)]
        env = {**os.environ, "HIENLUONG_IDENTITY_SECRET": SECRET}
        self.out = (folder / f"{key}.out").open("ab")
        self.process = subprocess.Popen(
            [*command, "--product", product], env=env, stdout=self.out, stderr=self.out, cwd=folder
        )
        wait_until(self._listens, f"{key} does not listen", 60)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.out.close()

    def configured(self, **changes: Any) -> Provider:
        """How the product is told of it."""
        return configured.provider({**entry(self.key, self.url, SECRET), **changes})

    def switch(self, **faults: int) -> None:
        """Let faults happen so many times."""
        form = {name.replace("_", "-").lstrip("-"): str(times) for name, times in faults.items()}
        httpx.post(f"{self.url}/loi", data=form, trust_env=False, timeout=20)


def browser() -> Client:
    return Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Chrome/140"})


def go(client: Client, key: str, **params: str) -> str:
    """Press the button on the page of signing in; returns the provider's address that the product leads to."""
    answer = client.get(f"/dang-nhap/dinh-danh/{key}", params, secure=True)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def agree(address: str, number: str = LANH, **form: str) -> str:
    """Open the simulator's page, choose who one is and agree; returns the address of return."""
    page = httpx.get(address, trust_env=False, timeout=20)
    assert page.status_code == 200, page.text
    assert "MÔ PHỎNG" in page.text
    kept = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page.text))
    there = urlsplit(address)
    told = {"ai": number, "viec": "dong-y", **form}
    answer = httpx.post(
        f"{there.scheme}://{there.netloc}/oauth2/authorize", data={**kept, **told}, trust_env=False, timeout=20
    )
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def come_back(client: Client, address: str, **changes: str) -> Any:
    """Follow the address of return, with other parameters when they are told."""
    parts = urlsplit(address)
    params = {**dict(parse_qsl(parts.query)), **changes}
    return client.get(parts.path, params, secure=True)


def enter(client: Client, key: str = "vneid", number: str = LANH, *, to: str = "", **form: str) -> Any:
    """The whole way."""
    return come_back(client, agree(go(client, key, **({"next": to} if to else {})), number, **form))


def is_in(client: Client) -> bool:
    return bool(client.get("/tai-khoan/bao-mat", secure=True).status_code == 200)


def using(settings: Any, *providers: Provider) -> Mapping[str, Provider]:
    """Let the product know these providers."""
    settings.IDENTITY_PROVIDERS = {each.key: each for each in providers}
    settings.BASE_URL = HERE
    return settings.IDENTITY_PROVIDERS  # type: ignore[no-any-return]
