"""Background work of the house itself."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from . import anchors

#: Seconds without a sign of life after which a worker's jobs are given to another (it signs every 10 s).
SILENCE = 40

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * * */20")
@app.task(queue="default", queueing_lock="house.take_up_stalled")
async def take_up_stalled(timestamp: int) -> None:
    """Put jobs of a worker that died back in the queue: a job is done at least once."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        logger.warning("job %s (%s) was left by a dead worker; it goes back to the queue", job.id, job.task_name)
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # the same waits there already, since the queue holds it once
            await app.job_manager.finish_job(job, status=Status.SUCCEEDED, delete_job=True)


@app.periodic(cron="7 * * * *")
@app.task(queue="default", queueing_lock="house.anchor_audit_log")
def anchor_audit_log(timestamp: int) -> None:
    """Once an hour: sign the heads of the audit log and the transparency log and keep them outside the database."""
    anchors.take()


@app.task(queue="default", queueing_lock="house.begin_demo_flow")
def begin_demo_flow(left: int) -> None:
    """Start the composed service that the demo shows; looks again while what it calls does not run, so many times."""
    from .demo import bus

    if not bus.begin() and left > 1:
        begin_demo_flow.configure(schedule_in={"seconds": bus.PAUSE}).defer(left=left - 1)
