"""Prints how far browser and server agree: ``scripts/agreement``."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from .comparing import Count


def _table(title: str, counts: list[Count]) -> int:
    """Print the counts with their sums and what differs; how many cases do."""
    print(f"\n{title:32}{'cases':>8}{'agree':>8}{'left':>8}{'differ':>8}")
    rows = [(count.name, count.cases, count.agreed, count.left, len(count.differences)) for count in counts]
    sums = [sum(row[column] for row in rows) for column in range(1, 5)]
    for name, *numbers in [*rows, ("together", *sums)]:
        print(f"{name:32}" + "".join(f"{number:8}" for number in numbers))
    for count in counts:
        for words in count.differences:
            print(f"  {words}")
    return sums[3]


def main() -> int:
    """Run the suite and the table through both judges; 1 when they contradict one another anywhere."""
    with tempfile.TemporaryDirectory() as state:
        os.environ |= {"HIENLUONG_STATE": state, "DATABASE_URL": "postgresql://nobody@127.0.0.1/none"}  # never reached
        os.environ["DJANGO_SETTINGS_MODULE"] = "hienluong.house.settings"
        django.setup()
        logging.disable(logging.WARNING)  # expressions that fail are the point of some cases
        return _compare()


def _compare() -> int:
    from . import comparing

    judge = comparing.BrowserJudge()
    differing = _table("JSON-Schema-Test-Suite, draft 2020-12, required", comparing.schemas(judge))
    differing += _table("Expressions", comparing.table(judge))
    differing += _table("Identifiers", comparing.identifiers(judge))
    judge.close()
    print("\nThe browser contradicts the server nowhere." if not differing else f"\n{differing} contradictions.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
