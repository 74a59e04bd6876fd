"""Fast and accessible on a phone: the layouts themselves, served as in production."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser import ROOT
from tests.lighthouse import scores

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(built_assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product under granian with compressed, hashed static files; these pages need no database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "HIENLUONG_STATE": str(tmp_path_factory.mktemp("state")),
        "HIENLUONG_URL": address,
        "DJANGO_SETTINGS_MODULE": "hienluong.house.settings",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONWARNINGS": "ignore",
    }
    manage = [sys.executable, str(ROOT / "manage.py"), "collectstatic", "--noinput", "-v0"]
    subprocess.run(manage, env=environment, check=True)
    granian = Path(sys.executable).parent / "granian"
    port = address.rsplit(":", 1)[1]
    arguments = [str(granian), "--interface", "wsgi", "--port", port, "hienluong.house.wsgi:application"]
    server = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"{address}/dang-nhap", timeout=5).raise_for_status()
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.mark.parametrize("path", ["/dang-nhap", "/thiet-ke"])
def test_a_page_is_accessible_and_fast_on_a_phone(served: str, path: str) -> None:
    measured = scores(served + path)
    assert measured["accessibility"] == 100
    assert measured["performance"] >= 90
    assert measured["best-practices"] >= 95
