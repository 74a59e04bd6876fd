"""Background jobs of composed services."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import engine, runs


@app.periodic(cron="25 18 * * *")  # 01:25 in Việt Nam
@app.task(queueing_lock="flows.empty_old")
def empty_old(timestamp: int = 0) -> int:
    """Take out what old runs were asked and answered."""
    emptied = 0
    while found := runs.to_empty():
        emptied += runs.empty(engine.WHO, runs=found)
    return emptied
