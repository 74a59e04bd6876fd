"""npm ``oidc-provider`` as a process, and a browser without a screen that goes through it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx

from hienluong.foundation.eid import configured
from hienluong.foundation.eid.configured import Provider
from tests.capabilities.payments.process import free_port, wait_until
from tests.foundation.eid.provider import HERE

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]


class NodeProvider:
    """``provider.mjs``: honest, until it is told to lie."""

    def __init__(self, folder: Path, key: str = "node") -> None:
        self.key, self.port = key, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = ROOT / ".tools/node/node"
        node = str(own) if own.exists() else shutil.which("node")
        assert node, "Node.js is missing: scripts/frontend puts it into .tools/node"
        back = f"{HERE}/dang-nhap/dinh-danh/{key}/quay-lai"
        self.out = (folder / "node.out").open("ab")
        self.process = subprocess.Popen(
            [node, str(FOLDER / "provider.mjs"), str(self.port), back], stdout=self.out, stderr=self.out
        )
        wait_until(self._listens, "oidc-provider does not listen: scripts/identity-providers installs it", 60)

    def _listens(self) -> bool:
        assert self.process.poll() is None, Path(self.out.name).read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.out.close()

    def configured(self, **changes: Any) -> Provider:
        """How the product is told of it."""
        entry = {
            "key": self.key,
            "name": "oidc-provider",
            "issuer": self.url,
            "client_id": "tinh",
            "client_secret": "bi-mat-kiem-thu-cua-tinh-rat-dai",
            "scopes": ["openid", "profile"],
            "acr_values": "LoA2",
            "levels": {"LoA1": 1, "LoA2": 2},
        }
        return configured.provider({**entry, **changes})

    def tell(self, **what: str) -> int:
        """Say who comes (`person`), what to lie about (`fault`); returns how often its keys were read so far."""
        said = httpx.post(f"{self.url}/test", content=json.dumps(what), trust_env=False, timeout=20).json()
        return int(said["reads"])

    def through(self, address: str) -> str:
        """Follow the provider's own pages; returns the address of return."""
        with httpx.Client(trust_env=False, timeout=20) as browser:
            for _step in range(8):
                answer = browser.get(address)
                assert answer.is_redirect, answer.text
                address = str(answer.next_request.url) if answer.next_request else ""
                if address.startswith(HERE):
                    return address
        raise AssertionError(address)
