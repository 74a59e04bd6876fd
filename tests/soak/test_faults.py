"""Long runs: many clients at once, and processes killed at random moments under load. ``make soak``."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from benchmarks import acts
from benchmarks.lifecycle import free_port
from hienluong.house import runlog

pytestmark = pytest.mark.soak

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "30"))
FILED = int(os.environ.get("SOAK_DOSSIERS", "2000"))
PROVE = """
import json, sys
import django; django.setup()
from collections import Counter
from django.db import connection
from hienluong.foundation.audit import chain
from hienluong.foundation.events.models import Event, Handover
from hienluong.foundation.files import integrity
from hienluong.services.dossiers.models import Dossier, IssuedPaper, Result
done = json.load(sys.stdin)
rows = {d.code: d for d in Dossier.objects.filter(code__in=done).prefetch_related("handovers", "papers", "results")}
broken, unsigned = [], []
for code, verbs in done.items():
    if code not in rows:
        continue
    kept = Counter(h.verb for h in rows[code].handovers.all())
    papers = [p for p in rows[code].papers.all() if p.replaced_by_id is None]
    if any(kept[verb] != 1 for verb in verbs if verb != "scan") or len(papers) != 1 or max(kept.values()) != 1:
        broken.append([code, verbs, dict(kept), len(papers)])
    if "scan" in verbs and not any(p.file_id for p in papers):
        broken.append([code, "the scan is gone"])
    if "sign" in verbs and [r.state for r in rows[code].results.all()] != [Result.State.SIGNED]:
        unsigned.append(code)
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'doing' OR "
                   "status = 'todo' AND (scheduled_at IS NULL OR scheduled_at < now())) FROM procrastinate_jobs")
    failed_jobs, jobs_waiting = cursor.fetchone()
print(json.dumps({
    "all": sorted(Dossier.objects.values_list("code", flat=True)),
    "missing": [code for code in done if code not in rows],
    "broken": broken,
    "unsigned": unsigned,
    "papers_without_file": IssuedPaper.objects.filter(file__isnull=True).count(),
    "events_waiting": Event.objects.filter(dispatched_at__isnull=True).count() + Handover.objects.count(),
    "failed_jobs": failed_jobs,
    "jobs_waiting": jobs_waiting,
    "audit": [f.message for f in chain.verify()],
    "files": [str(f) for f in integrity.check()],
}))
"""
#: What may still be under way when the killing ends, and must come to an end.
UNDER_WAY = ("unsigned", "papers_without_file", "events_waiting", "jobs_waiting")
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
        return acts.browser(self.url, self.cookies[role], timeout=20)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of our own: pytest closes its own to other users, and PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="hienluong-soak-") as name:
        yield Path(name)


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    environment |= {"HIENLUONG_STATE": str(folder), "HIENLUONG_SECOND_FACTOR": "nobody"}
    command = [sys.executable, "-m", "hienluong.house.cli", "up", "--port", str(port), "--mail-port", str(free_port())]
    command += ["--events-port", str(free_port()), "--bus-port", str(free_port()), "--mediator-port", str(free_port())]
    command += ["--agency-port", str(free_port()), "--ministries-port", str(free_port())]
    running = House(folder, port, subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
    try:
        running.wait(120)
        answer = running.python(SEED)
        running.cookies = json.loads(answer[answer.index("COOKIES") + 7 :].strip().splitlines()[0])
        yield running
    finally:
        running.process.terminate()
        running.process.wait(90)


def tried(what: Callable[..., Any], *given: Any) -> Any:
    """What an act gave, or None when its answer was a fault of the server or never came; anything else fails."""
    try:
        return what(*given)
    except httpx.HTTPError:
        return None
    except acts.Refused as refused:
        if re.search(r": 5\d\d ", str(refused)):
            return None
        raise


def prove(house: House, done: dict[str, list[str]]) -> dict[str, Any]:
    """What is wrong, from the database and the files, given what was answered with success: code → acts."""
    found: dict[str, Any] = json.loads(house.python(PROVE, json.dumps(done)).strip().splitlines()[-1])
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
        clerk = house.client("clerk" if number % 2 else "other_clerk")  # four at each of two counters
        codes.extend(acts.file(clerk, number, serial) for serial in range(share))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(codes)) == share * 8
    found = prove(house, {code: ["file"] for code in codes})
    assert found["all"] == sorted(codes)
    assert len({code.rpartition("-")[0] for code in codes}) == 2
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
    done: dict[str, list[str]] = {}
    wrong: list[str] = []
    stop = threading.Event()

    def live(number: int) -> None:
        """Dossier after dossier through its whole life; one whose act was lost is left where it stands."""
        browsers = {role: house.client(role) for role in ("clerk", "officer", "head", "leader")}
        serial = 0
        while not stop.is_set():
            serial += 1
            code = tried(acts.file, browsers["clerk"], number, serial)
            if not code:
                time.sleep(0.2)
                continue
            kept = done[code] = ["file"]
            if tried(lambda: acts.scan(browsers["clerk"], code) or "kept"):  # noqa: B023 - called at once
                kept.append("scan")
            for verb, role in acts.ROLE_OF.items():
                if not tried(lambda: acts.act(browsers[role], verb, code) or "done"):  # noqa: B023
                    break
                kept.append(verb)

    def work(number: int) -> None:
        try:
            live(number)
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")

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
    assert not wrong, wrong
    assert any("sign" in kept for kept in done.values()), "no dossier reached its end: the test tried too little"
    found = prove(house, done)
    until = time.monotonic() + 600  # the sweep takes up what a killed worker left behind
    while any(found[name] for name in UNDER_WAY) and time.monotonic() < until:
        time.sleep(5)
        found = prove(house, done)
    assert (found["missing"], found["broken"], found["audit"], found["files"]) == ([], [], [], [])
    assert {name: found[name] for name in (*UNDER_WAY, "failed_jobs")} == {
        "unsigned": [],
        "papers_without_file": 0,
        "events_waiting": 0,
        "jobs_waiting": 0,
        "failed_jobs": 0,
    }
    assert_gap_free(found["all"])
