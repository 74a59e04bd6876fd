"""Background work of certificates: their papers. Idempotent, retried."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hienluong.capabilities.registers.models import CertificateAct

from . import notices, papers

RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)


@app.task(queue="results", name="certificates.make_paper", retry=RETRY)
def make_paper(act_id: int) -> None:
    """Render, sign and publish the paper of an act."""
    found = CertificateAct.objects.select_related("record__register", "organization", "official", "change")
    papers.produce(found.get(pk=act_id))


@app.periodic(cron="*/5 * * * *")
@app.task(queue="papers", name="certificates.sweep", queueing_lock="certificates.sweep")
def sweep(timestamp: int) -> int:
    """Take up the papers that a crash left behind; returns how many."""
    stuck = timezone.now() - timedelta(minutes=3)
    due = CertificateAct.objects.filter(paper=CertificateAct.Paper.DUE, undone_at=None, at__lt=stuck).order_by("at")
    found = list(due.values_list("pk", flat=True)[:200])
    for act_id in found:
        make_paper.defer(act_id=act_id)
    return len(found)


@app.periodic(cron="30 23 * * *")  # 06:30 in Việt Nam
@app.task(queue="mail", name="certificates.announce_ends", queueing_lock="certificates.announce_ends")
def announce_ends(timestamp: int) -> int:
    """Once a day: suspensions that ran out are lifted, ends that come near are announced; returns how many were."""
    return notices.lift_what_ran_out() + notices.announce_ends()
