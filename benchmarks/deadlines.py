"""How long it takes to reckon 10,000 deadlines in the calendar of 2022-2027, each with its explanation.

Run with ``python -m benchmarks.deadlines``; prints one JSON line per figure and exits 0 when all goals hold.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta

import django

COUNT = 10_000
GOAL_SECONDS = {"working_day": 2.0, "working_hour": 2.0, "calendar_day": 2.0}


def main() -> int:
    """Measure each unit on organisations with and without closures of their own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('organisations_organization')")
        if cursor.fetchone()[0] is None:
            call_command("migrate", verbosity=0)
    results = [_measure(unit, goal) for unit, goal in GOAL_SECONDS.items()]
    for result in results:
        print(json.dumps(result))
    return 0 if all(result["holds"] for result in results) else 1


def _measure(unit: str, goal: float) -> dict[str, object]:
    from hienluong.foundation.calendars import deadlines
    from hienluong.foundation.calendars.seed import load_viet_nam
    from hienluong.foundation.organisations.models import Organization
    from hienluong.foundation.organisations.seed import load_quang_tri

    load_quang_tri()
    load_viet_nam()
    organizations = list(Organization.objects.filter(kind="commune"))
    dice = random.Random(1954)
    asked = [
        (
            datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(4 * 365 * 24 * 60)),
            dice.randint(1, 30),
            dice.choice(organizations),
        )
        for _each in range(COUNT)
    ]
    start = time.perf_counter()
    for begun, amount, organization in asked:
        deadlines.compute(begun, amount, unit, organization)  # type: ignore[arg-type]
    seconds = time.perf_counter() - start
    return {
        "bench": "deadlines",
        "metric": f"{COUNT} deadlines by {unit}",
        "value": round(seconds, 3),
        "unit": "s",
        "baseline": None,
        "ratio": None,
        "goal": goal,
        "holds": seconds <= goal,
    }


if __name__ == "__main__":
    sys.exit(main())
