"""Long runs: many clients at once, and processes killed at random moments under load. ``make soak``."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from benchmarks.lifecycle import free_port
from hienluong.house import runlog

pytestmark = pytest.mark.soak

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "30"))
FILED = int(os.environ.get("SOAK_DOSSIERS", "2000"))
PROVE = """
import json, sys
import django; django.setup()
from hienluong.foundation.audit import chain
from hienluong.foundation.files import integrity
from hienluong.services.dossiers.models import Dossier, IssuedPaper
codes = json.load(sys.stdin)
rows = {d.code: d for d in Dossier.objects.filter(code__in=codes).prefetch_related("handovers", "papers").select_related("process")}
print(json.dumps({
    "all": sorted(Dossier.objects.values_list("code", flat=True)),
    "missing": [c for c in codes if c not in rows],
    "broken": [c for c, d in rows.items() if [h.verb for h in d.handovers.all()].count("file") != 1 or len(d.papers.all()) != 1 or not d.process.ready],
    "papers_without_file": IssuedPaper.objects.filter(file__isnull=True).count(),
    "audit": [f.message for f in chain.verify()],
    "files": [str(f) for f in integrity.check()],
}))
"""
SEED = """
import django; django.setup()
from benchmarks.lifecycle import _prepare
import json; print("COOKIES" + json.dumps(_prepare()))
"""


@dataclass
class House:
    """One installation of its own, running."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What a Django process beside it needs."""
        url = psutil.Process(self.child("web")).environ()["DATABASE_URL"]
        return {
            **os.environ,
            "HIENLUONG_STATE": str(self.folder),
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "hienluong.house.settings",
        }

    def child(self, name: str) -> int:
        """The process id of a child now."""
        _url, notes = runlog.read(self.folder)
        return next(note.pid for note in notes if note.name == name)

    def answers(self) -> bool:
        """Whether the web answers, database included."""
        try:
            return httpx.get(f"{self.url}/song", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def wait(self, seconds: float = 60, after: str = "the start") -> None:
        """Until it answers; else say what was killed and the last words of each log."""
        until = time.monotonic() + seconds
        while not self.answers():
            assert self.process.poll() is None, "the supervisor stopped"
            if time.monotonic() > until:
                logs = sorted((self.folder / "log").glob("*.log"))
                words = "\n".join(f"== {log.name}\n{runlog.last_words(log)[-1500:]}" for log in logs)
                pytest.fail(f"did not come back after {after}\n{words}")
            time.sleep(0.1)

    def python(self, code: str, given: str = "") -> str:
        """Run a piece of code beside it."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            input=given,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def client(self, role: str) -> httpx.Client:
        """A browser of this role, signed in."""
        token = secrets.token_hex(16)
        cookies = {**self.cookies[role], "csrftoken": token}
        return httpx.Client(
            base_url=self.url, cookies=cookies, headers={"X-CSRFToken": token}, timeout=20, trust_env=False
        )


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of our own: pytest closes its own to other users, and PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="hienluong-soak-") as name:
        yield Path(name)


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    environment["HIENLUONG_STATE"] = str(folder)
    command = [sys.executable, "-m", "hienluong.house.cli", "up", "--port", str(port), "--mail-port", str(free_port())]
    running = House(folder, port, subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
    try:
        running.wait(120)
        answer = running.python(SEED)
        running.cookies = json.loads(answer[answer.index("COOKIES") + 7 :].strip().splitlines()[0])
        yield running
    finally:
        running.process.terminate()
        running.process.wait(90)


def file_one(client: httpx.Client, number: int, serial: int) -> str:
    """File one dossier; the code when the answer was success, else empty."""
    form: dict[str, Any] = {
        "p-channel": "counter",
        "p-name": f"Người Thử {number}",
        "p-identifier": f"0451900{number:02d}{serial % 1000:03d}",
        "p-commune": "19333",
        "p-delivery": "online",
        "reason": "Chạy bền",
        "paper-CC": "on",
    }
    try:
        answer = client.post("/lam-viec/lap-ho-so/8.000900", data=form)
    except httpx.HTTPError:
        return ""
    assert answer.status_code == 302 or answer.status_code >= 500, answer.text[:500]
    return answer.headers["location"].rsplit("/", 1)[-1] if answer.status_code == 302 else ""


def prove(house: House, codes: list[str]) -> dict[str, Any]:
    """What is wrong, from the database and the files."""
    found: dict[str, Any] = json.loads(house.python(PROVE, json.dumps(codes)).strip().splitlines()[-1])
    return found


def assert_gap_free(codes: list[str]) -> None:
    """Codes of each counter and day run from 1 without a gap."""
    series: dict[str, list[int]] = {}
    for code in codes:
        stem, _, number = code.rpartition("-")
        series.setdefault(stem, []).append(int(number))
    for stem, numbers in series.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), stem


def test_eight_clients_file_two_thousand_dossiers(house: House) -> None:
    codes: list[str] = []
    share = FILED // 8

    def work(number: int) -> None:
        client = house.client("clerk")
        codes.extend(file_one(client, number, serial) for serial in range(share))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(codes)) == share * 8
    found = prove(house, codes)
    assert found["all"] == sorted(codes)
    assert_gap_free(codes)
    assert (found["missing"], found["broken"], found["audit"]) == ([], [], [])


def kill_something(house: House, chance: random.Random) -> str:
    """Kill -9 one process of the web, the worker or the database; says which. A child just being restarted waits."""
    name = chance.choice(("web", "worker", "postgres"))
    while True:
        try:
            main = psutil.Process(house.child(name))
            victim = chance.choice([main, *main.children(recursive=True)])
            words = f"kill -9 of {name}: {' '.join(victim.cmdline())[:80]}"
            victim.send_signal(signal.SIGKILL)
            return words
        except psutil.NoSuchProcess:
            time.sleep(0.1)


def test_what_was_answered_with_success_survives_kill_9(house: House) -> None:
    chance = random.Random(9)  # the same moments each time, as far as a busy machine lets them be
    codes: list[str] = []
    received: list[str] = []
    stop = threading.Event()

    def work(number: int) -> None:
        clerk, serial = house.client("clerk"), 0
        while not stop.is_set():
            serial += 1
            code = file_one(clerk, number, serial)
            if not code:
                time.sleep(0.2)
                continue
            codes.append(code)
            try:
                answer = clerk.post(f"/lam-viec/ho-so/{code}/viec/receive", data={"receive-note": ""})
            except httpx.HTTPError:
                continue
            if answer.status_code == 302 and re.search("da-tiep-nhan", answer.headers["location"]):
                received.append(code)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.3, 1.5))
            words = kill_something(house, chance)
            time.sleep(0.2)
            house.wait(after=words)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert codes, "nothing was filed: the test tried nothing"
    found = prove(house, codes)
    until = time.monotonic() + 420  # the sweep takes up what a killed worker left behind
    while found["papers_without_file"] and time.monotonic() < until:
        time.sleep(5)
        found = prove(house, codes)
    assert (found["missing"], found["broken"], found["audit"], found["files"]) == ([], [], [], [])
    assert found["papers_without_file"] == 0
    assert len(set(codes)) == len(codes)
    assert_gap_free(found["all"])
    assert received
