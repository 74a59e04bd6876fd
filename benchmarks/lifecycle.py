"""Complete life cycles of a dossier over HTTP with two web workers: filed at the counter, received, reviewed, checked, signed.

PDF work (receipt, signed result) goes on in the background worker meanwhile. The baseline writes the same rows with
bare SQL in the same run. Run with ``make bench NAME=lifecycle``.
"""

from __future__ import annotations

import logging
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from typing import Any

import httpx

from benchmarks import acts
from benchmarks.reporting import Report

SECONDS = 25
CLIENTS = 4
#: PostgreSQL's number for the type jsonb.
JSONB = 3802
#: The tables that one life cycle writes to, in the order in which their rows may be written.
TABLES = (
    ("workflow_instance", "id = (SELECT process_id FROM dossiers_dossier WHERE id = %(id)s)"),
    ("dossiers_dossier", "id = %(id)s"),
    ("dossiers_dossierpaper", "dossier_id = %(id)s"),
    ("dossiers_handover", "dossier_id = %(id)s"),
    ("dossiers_deadlinechange", "dossier_id = %(id)s"),
    ("dossiers_issuedpaper", "dossier_id = %(id)s"),
    ("dossiers_result", "dossier_id = %(id)s"),
    ("audit_entry", "target_type = 'dossiers.dossier' AND target_id = %(id)s::text"),
    ("events_event", "subject = 'dossiers.dossier:' || %(id)s"),
)


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Start an installation of its own, measure, stop it."""
    report = Report("lifecycle")
    with tempfile.TemporaryDirectory(prefix="hienluong-bench-") as folder:
        port, mail = free_port(), free_port()
        os.environ["HIENLUONG_STATE"] = folder
        os.environ["HIENLUONG_SECOND_FACTOR"] = "nobody"  # officials act without showing one
        os.environ.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "hienluong.house.cli", "up", "--port", str(port), "--mail-port", str(mail)]
        command += [
            "--events-port",
            str(free_port()),
            "--bus-port",
            str(free_port()),
            "--mediator-port",
            str(free_port()),
        ]
        command += ["--agency-port", str(free_port()), "--ministries-port", str(free_port())]
        house = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}/song", house)
            cookies = _prepare()
            durations, cycles, elapsed = _run(f"http://127.0.0.1:{port}", cookies)
            baseline = _bare_sql()
            report.at_least("life cycles", cycles / elapsed, "1/s", goal=5, baseline=round(baseline, 2))
            for step in acts.STEPS:
                p95 = statistics.quantiles(durations[step], n=20)[-1] * 1000
                report.at_most(f"p95 of {step}", p95, "ms", goal=1500)
            report.note("background lag after the run", _drain(), "s")
        finally:
            house.terminate()
            house.wait(60)
    return report.finish()


def _wait(url: str, house: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if house.poll() is not None:
            raise RuntimeError("the installation stopped at start")
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the installation did not answer")


def _prepare() -> dict[str, dict[str, str]]:
    """A small province in that installation, and a session for each role."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "hienluong.house.settings"
    import django

    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a request would be part of what is measured
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from hienluong.foundation.identity.models import Account
    from tests.services.dossiers.province import Province

    province = Province()
    cookies = {}
    for role in ("clerk", "officer", "head", "leader", "other_clerk"):
        account = Account.objects.get(pk=getattr(province, role).account_id)
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.create()
        cookies[role] = {settings.SESSION_COOKIE_NAME: str(session.session_key)}
    return cookies


def _run(base: str, cookies: dict[str, dict[str, str]]) -> tuple[dict[str, list[float]], int, float]:
    durations: dict[str, list[float]] = defaultdict(list)
    lock = threading.Lock()
    done = [0]
    faults: list[str] = []
    until = time.monotonic() + SECONDS

    def client(number: int) -> None:
        browsers = {role: acts.browser(base, jar) for role, jar in cookies.items()}
        serial = 0
        while time.monotonic() < until and not faults:
            serial += 1
            times: dict[str, float] = {}
            try:
                began = time.monotonic()
                code = acts.file(browsers["clerk"], number, serial)
                times["file"] = time.monotonic() - began
                for verb, role in acts.ROLE_OF.items():
                    began = time.monotonic()
                    acts.act(browsers[role], verb, code)
                    times[verb] = time.monotonic() - began
            except (acts.Refused, httpx.HTTPError) as error:
                faults.append(f"{type(error).__name__}: {error}")
                return
            with lock:
                done[0] += 1
                for step, seconds in times.items():
                    durations[step].append(seconds)

    began = time.monotonic()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(faults[0])
    return durations, done[0], time.monotonic() - began


def _bare_sql(cycles: int = 200) -> float:
    """Life cycles a second when the rows of one life cycle are written again with bare SQL, one transaction a step.

    Into tables of their own, logged as the product's are, without indexes: the same rows many times.
    """
    from django.db import connection, transaction
    from psycopg.types.json import Json

    from hienluong.services.dossiers.models import Dossier

    model = Dossier.objects.filter(results__isnull=False).order_by("pk").first()
    assert model is not None
    copies: list[tuple[str, str, list[tuple[Any, ...]]]] = []
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bare")
        for table, where in TABLES:
            cursor.execute(f"CREATE TABLE bare.{table} (LIKE {table} INCLUDING DEFAULTS)")
            cursor.execute(f"SELECT * FROM {table} WHERE {where}", {"id": model.pk})
            found, shape = cursor.fetchall(), cursor.description or ()
            columns = ", ".join(f'"{column.name}"' for column in shape)
            is_json = [column.type_code == JSONB for column in shape]
            rows = [tuple(Json(v) if j else v for v, j in zip(row, is_json, strict=True)) for row in found]
            copies.append((f"bare.{table}", f"({columns}) VALUES ({', '.join(['%s'] * len(shape))})", rows))
        began = time.monotonic()
        for _ in range(cycles):
            for step in range(len(acts.STEPS)):
                with transaction.atomic():
                    for number, (table, shape, rows) in enumerate(copies):
                        if rows and number % len(acts.STEPS) == step:
                            cursor.executemany(f"INSERT INTO {table} {shape}", rows)
        return cycles / (time.monotonic() - began)


def _drain() -> float:
    """Seconds until the background has made every result; raises RuntimeError when it does not come to an end."""
    from hienluong.services.dossiers.models import Result

    began = time.monotonic()
    while Result.objects.filter(state=Result.State.SIGNING).exists():
        if time.monotonic() - began > 300:
            raise RuntimeError("results are still unsigned after five minutes")
        time.sleep(0.5)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
