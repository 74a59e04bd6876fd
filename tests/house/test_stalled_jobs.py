"""Jobs of a worker that died go back to the queue; what the queue holds once and has again already is let go."""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from hienluong.house.tasks import take_up_stalled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def job(status: str, lock: str | None, worker: int | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, queueing_lock, worker_id)"
            " VALUES ('default', 'tests.job', '{}', %s, %s, %s) RETURNING id",
            [status, lock, worker],
        )
        return int(cursor.fetchone()[0])


def dead_worker() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        return int(cursor.fetchone()[0])


def states() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status FROM procrastinate_jobs WHERE task_name = 'tests.job'")
        return dict(cursor.fetchall())


async def run() -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as worker:
        async with worker.open_async():
            await take_up_stalled.func(0)


def test_what_waits_again_already_holds_up_nothing() -> None:
    worker = dead_worker()
    twin, waiting = job("doing", "once", worker), job("todo", "once")
    alone, plain = job("doing", "other", worker), job("doing", None, worker)
    asyncio.run(run())
    assert states() == {waiting: "todo", alone: "todo", plain: "todo"}
    assert twin not in states()
