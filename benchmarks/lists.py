"""The inbox, the search and the leader's dashboard with a million dossiers, against the same pages with ten thousand.

The ten thousand are the demo province's own: its agencies, procedures, people, dates, ratings and late ones in its
proportions. The million are these again, a hundred times, each copy moved by some days so that the load of every
agency grows a hundredfold. Both are databases of the tests' server, and the pages are opened now on one, now on the
other, so that a machine that gets slower or faster meanwhile does so for both. Run with ``make bench NAME=lists``;
``LISTS_ROWS`` changes the size.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from benchmarks.reporting import Report

SMALL = int(os.environ.get("LISTS_SMALL", "10000"))
LARGE = int(os.environ.get("LISTS_ROWS", "1000000"))
#: So many times each page is opened: rounds on either database, openings a round.
ROUNDS, OPENINGS = 4, 15
#: Each page as the demo account that opens it.
PAGES = {
    "inbox": ("", "/lam-viec/"),  # the account with the fullest inbox, so that the page is full at both sizes
    "search by words": ("lanhdao", "/lam-viec/tra-cuu?q=nguyen+van"),
    "search by code": ("lanhdao", "/lam-viec/tra-cuu?q={code}"),
    "dashboard": ("dieuhanh", "/dieu-hanh"),
}
#: Dossiers that live again in copies; the number of a copy moves its dates back by that many days, at most a fortnight.
_COPY_INSTANCES = """
INSERT INTO workflow_instance (id, model_id, params, history, ready, completed)
SELECT {first} + (row_number() OVER (ORDER BY d.id)), i.model_id, i.params, i.history, i.ready, i.completed
  FROM dossiers_dossier d JOIN workflow_instance i ON i.id = d.process_id WHERE d.id <= {last}
"""
_COPY_DOSSIERS = """
INSERT INTO dossiers_dossier ({columns})
SELECT {values} FROM (SELECT d.*, row_number() OVER (ORDER BY d.id) AS n FROM dossiers_dossier d WHERE d.id <= {last}) d
"""
_COPY_SCORES = """
INSERT INTO oversight_satisfaction (dossier_id, mean)
SELECT {offset} + d.n, s.mean
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM dossiers_dossier WHERE id <= {last}) d
  JOIN oversight_satisfaction s ON s.dossier_id = d.id
"""
_DATES = ("submitted_at", "received_at", "due_at", "finished_at", "returned_at", "closed_at")


def main() -> int:
    """Grow the table to both sizes and measure the same pages at each."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    old = setup_databases(verbosity=0, interactive=False)
    report = Report("lists")
    try:
        _province()
        large = str(connection.settings_dict["NAME"])
        with _copy(f"{large}_small") as small:
            began = time.monotonic()
            _grow(LARGE)
            report.note("seconds to write the copies", time.monotonic() - began, "s")
            for name, (username, url) in PAGES.items():
                _report(report, name, *_measure(username or _busiest(), url, (small, large)))
    finally:
        teardown_databases(old, verbosity=0)
    return report.finish()


def _report(report: Report, name: str, small: list[float], large: list[float], queries: int) -> None:
    base = statistics.median(small)
    baseline = round(statistics.quantiles(small, n=20)[-1], 3)
    p95 = statistics.quantiles(large, n=20)[-1]
    report.at_most(f"{name}: p95 with {LARGE} dossiers", p95, "ms", goal=250, baseline=baseline)
    report.at_most(f"{name}: queries", queries, "queries", goal=15)
    ratio = statistics.median(large) / base
    report.at_most(f"{name}: median, ratio to {SMALL}", ratio, "times", goal=1.3, baseline=round(base, 3))


@contextmanager
def _copy(name: str) -> Iterator[str]:
    """The database as it is now under another name; dropped afterwards."""
    large = _use("postgres")
    _administer(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{large}"')
    _use(large)
    try:
        yield name
    finally:
        _use("postgres")
        _administer(f'DROP DATABASE "{name}"')
        _use(large)


def _use(name: str) -> str:
    """Connect to another database; the name of the one before."""
    from django.db import connection

    connection.close()
    before = str(connection.settings_dict["NAME"])
    connection.settings_dict["NAME"] = name
    return before


def _administer(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _province() -> None:
    from hienluong.house import demo
    from hienluong.services.oversight import figures

    demo.load(dossiers=SMALL)
    figures.refresh()
    _settle()


def _grow(size: int) -> None:
    """Copy the first dossiers until the table holds `size`."""
    from django.db import connection

    from hienluong.services.dossiers.models import Dossier
    from hienluong.services.oversight import figures

    columns = [field.column for field in Dossier._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SELECT count(*), max(id) FROM dossiers_dossier")
        count, last = cursor.fetchone() or (0, 0)
        for copy in range(1, max(0, round(size / count) - 1) + 1):
            offset, first = last + copy * 100_000_000, copy * 100_000_000
            moved = f"make_interval(days => {copy % 14})"
            values = {
                "id": f"{offset} + d.n",
                "process_id": f"{first} + d.n",
                "code": rf"substring(d.code from '^(.*-)\d+$') || (substring(d.code from '\d+$')::int + {copy} * 10000)",
                "national_code": "''",
                "uid": "gen_random_uuid()",
                **{name: f"d.{name} - {moved}" for name in _DATES},
            }
            shape = {
                "columns": ", ".join(f'"{column}"' for column in columns),
                "values": ", ".join(values.get(column, f'd."{column}"') for column in columns),
                "first": first,
                "offset": offset,
                "last": last,
            }
            for statement in (_COPY_INSTANCES, _COPY_DOSSIERS, _COPY_SCORES):
                cursor.execute(statement.format(**shape))
    figures.refresh()
    _settle()


@cache
def _busiest() -> str:
    """The demo account with the fullest inbox."""
    from hienluong.foundation.identity.models import Account
    from hienluong.foundation.identity.queries import actor_of
    from hienluong.services.dossiers import queries

    accounts = Account.objects.filter(official__isnull=False).order_by("pk")
    return max(accounts, key=lambda account: queries.inbox(actor_of(account)).count()).username


def _settle() -> None:
    """What autovacuum does on a living server, now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _measure(username: str, url: str, databases: tuple[str, str]) -> tuple[list[float], list[float], int]:
    """Milliseconds of every opening on the small and on the large database, and the queries of one page on the large."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from hienluong.foundation.identity.models import Account
    from hienluong.foundation.identity.queries import actor_of
    from hienluong.services.dossiers import access

    clients: dict[str, Client] = {}
    if "{code}" in url:  # the oldest, which both have
        visible = access.visible_to(actor_of(Account.objects.get(username=username))).order_by("pk")
        url = url.format(code=visible.values_list("code", flat=True)[0])
    for database in databases:
        _use(database)
        clients[database] = Client()
        clients[database].force_login(Account.objects.get(username=username))
    times: dict[str, list[float]] = {database: [] for database in databases}
    queries = 0
    for _ in range(ROUNDS):
        for database in databases:
            _use(database)
            for opening in range(-5, OPENINGS):  # the first warm the new connection up
                began = time.perf_counter()
                assert clients[database].get(url).status_code == 200
                if opening >= 0:
                    times[database].append((time.perf_counter() - began) * 1000)
            with CaptureQueriesContext(connection) as captured:
                clients[database].get(url)
            queries = len(captured)
    return times[databases[0]], times[databases[1]], queries


if __name__ == "__main__":
    sys.exit(main())
