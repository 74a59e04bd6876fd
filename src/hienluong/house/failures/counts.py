"""How much waits for a person, in one look at the database; for ``status`` and ``doctor``, which need no Django."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

_QUERIES = {
    "events_given_up": "SELECT count(*) FROM events_handover WHERE given_up_at IS NOT NULL",
    "events_failing": "SELECT count(*) FROM events_handover WHERE given_up_at IS NULL AND attempts > 0",
    "events_late": "SELECT count(*) FROM events_event WHERE dispatched_at IS NULL"
    " AND occurred_at < now() - interval '5 minutes'",
    "jobs_failed": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
    "jobs_late": "SELECT count(*) FROM procrastinate_jobs AS job WHERE status = 'todo' AND attempts = 0"
    " AND coalesce(scheduled_at, now()) <= now() AND EXISTS (SELECT 1 FROM procrastinate_events"
    " WHERE job_id = job.id AND type = 'deferred' AND at < now() - interval '15 minutes')",
    "deliveries_failed": "SELECT count(*) FROM notifications_delivery WHERE state = 'failed'",
    "webhooks_given_up": "SELECT count(*) FROM streams_undelivered WHERE given_up_at IS NOT NULL",
    "leaving_late": "SELECT count(*) FROM events_event WHERE leaving AND occurred_at < now() - interval '5 minutes'",
}


@dataclass(frozen=True)
class Counts:
    """What failed (given up, a person's to decide), is failing (tried again by itself) or is late (nobody took it)."""

    events_given_up: int
    events_failing: int
    events_late: int
    jobs_failed: int
    jobs_late: int
    deliveries_failed: int
    webhooks_given_up: int
    leaving_late: int

    @property
    def for_a_person(self) -> int:
        """What will not mend itself."""
        return self.events_given_up + self.jobs_failed + self.deliveries_failed + self.webhooks_given_up


def count(connection: psycopg.Connection[tuple[object, ...]]) -> Counts | None:
    """Count now; None when the database holds no product yet, or one of an older version."""
    found: dict[str, int] = {}
    try:
        for name, query in _QUERIES.items():
            row = connection.execute(query).fetchone()
            found[name] = int(str(row[0])) if row else 0
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        connection.rollback()
        return None
    return Counts(**found)
