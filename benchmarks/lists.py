"""The inbox, the search and the leader's dashboard with a million dossiers, against the same pages with ten thousand.

Run with ``make bench NAME=lists``; ``LISTS_ROWS`` changes the size. The database is a fresh one of the tests' server.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from typing import Any

from benchmarks.reporting import Report

SMALL = 10_000
LARGE = int(os.environ.get("LISTS_ROWS", "1000000"))
RUNS = 20
PAGES = {
    "inbox": ("clerk", "/lam-viec/"),
    "search": ("leader", "/lam-viec/tra-cuu?q=nguoi+thu+777"),
    "dashboard": ("oversight", "/dieu-hanh"),
}
#: Copies of the first dossier: 98 of 100 returned, the rest open, spread over 540 days and both communes.
_INSTANCES = """
INSERT INTO workflow_instance (model_id, params, history, ready, completed)
SELECT model_id, params, history, ready, completed FROM workflow_instance, generate_series(1, %(count)s)
 WHERE id = %(instance)s
RETURNING id
"""
_DOSSIERS = """
INSERT INTO dossiers_dossier ({columns})
SELECT {values}
  FROM dossiers_dossier d
  CROSS JOIN (SELECT id AS instance, row_number() OVER (ORDER BY id) AS n FROM workflow_instance WHERE id > %(after)s) x
 WHERE d.id = %(template)s
"""


def main() -> int:
    """Grow the table to both sizes and measure the same pages at each."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    old = setup_databases(verbosity=0, interactive=False)
    report = Report("lists")
    try:
        clients = _clients()
        _grow(SMALL)
        small = {name: _measure(clients[role], url) for name, (role, url) in PAGES.items()}
        _grow(LARGE - SMALL)
        for name, (role, url) in PAGES.items():
            p95, queries = _measure(clients[role], url)
            report.at_most(f"{name}: p95 with {LARGE} dossiers", p95, "ms", goal=250)
            report.at_most(f"{name}: queries", queries, "queries", goal=15)
            base = small[name][0]
            report.at_most(f"{name}: ratio to {SMALL}", p95 / base, "times", goal=1.3, baseline=round(base, 3))
    finally:
        teardown_databases(old, verbosity=0)
    return report.finish()


def _clients() -> dict[str, Any]:
    from django.test import Client

    from hienluong.foundation.identity.models import Account
    from tests.factories import actor_for_role
    from tests.services.dossiers.province import Province

    province = Province()
    province.file()
    overseer = actor_for_role("oversight", province.root)
    clients = {}
    for role, actor in (("clerk", province.clerk), ("leader", province.leader), ("oversight", overseer)):
        client = Client()
        client.force_login(Account.objects.get(pk=actor.account_id))
        clients[role] = client
    return clients


def _grow(count: int) -> None:
    from django.db import connection

    from hienluong.services.dossiers.models import Dossier
    from hienluong.services.oversight import figures

    first = Dossier.objects.order_by("pk").first()
    assert first is not None
    offset = Dossier.objects.count()
    given = {
        "count": count,
        "instance": first.process_id,
        "template": first.pk,
        "offset": offset,
    }
    changed = {
        "id": "nextval(pg_get_serial_sequence('dossiers_dossier', 'id'))",
        "process_id": "x.instance",
        "code": "'H50.31.01-' || to_char(date '2025-06-01' + ((x.n + %(offset)s) %% 540)::int, 'YYMMDD') || '-' || lpad((x.n + %(offset)s)::text, 7, '0')",
        "search_text": "'h50.31.01 nguoi thu ' || (x.n + %(offset)s) || ' xac nhan tinh trang nha o'",
        "subject_name": "'Người thử ' || (x.n + %(offset)s)",
        "state": "CASE WHEN x.n %% 100 < 98 THEN 'returned' WHEN x.n %% 100 = 98 THEN 'submitted' ELSE 'in_progress' END",
        "waiting_lane": "CASE WHEN x.n %% 100 < 98 THEN '' WHEN x.n %% 100 = 98 THEN 'clerk' ELSE 'officer' END",
        "waiting_task": "CASE WHEN x.n %% 100 < 98 THEN '' WHEN x.n %% 100 = 98 THEN 'receive' ELSE 'review' END",
        # the open ones are spread over five hundred offices, as in a province
        "waiting_path": "CASE WHEN x.n %% 100 < 98 THEN '' WHEN (x.n / 100) %% 500 = 0 THEN d.waiting_path ELSE '/0/' || ((x.n / 100) %% 500) || '/' END",
        "submitted_at": "now() - ((x.n + %(offset)s) %% 540) * interval '1 day' - interval '1 hour'",
        "received_at": "now() - ((x.n + %(offset)s) %% 540) * interval '1 day'",
        "due_at": "now() - ((x.n + %(offset)s) %% 540 - 3) * interval '1 day'",
        "finished_at": "CASE WHEN x.n %% 100 < 98 THEN now() - ((x.n + %(offset)s) %% 540) * interval '1 day' END",
    }
    columns = [field.column for field in Dossier._meta.concrete_fields]
    values = ", ".join(changed.get(column, f'd."{column}"') for column in columns)
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM workflow_instance")
        row = cursor.fetchone()
        assert row is not None
        cursor.execute(_INSTANCES, given)
        cursor.execute(_DOSSIERS.format(columns=named, values=values), {**given, "after": row[0]})
        cursor.execute("VACUUM ANALYZE dossiers_dossier")
    figures.refresh()


def _measure(client: Any, url: str) -> tuple[float, int]:
    """p95 in milliseconds over the runs after a warm-up, and the queries of one page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    queries = len(captured)  # taken now: the next request empties the log
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        client.get(url)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1], queries


if __name__ == "__main__":
    sys.exit(main())
