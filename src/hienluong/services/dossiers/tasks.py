"""Background work of dossiers: papers, results, silence as consent, reminders. Idempotent, retried."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hienluong.foundation.actions import DomainError, system

from . import issuing, notices, publishing
from .actions import take_silence_as_consent
from .models import IssuedPaper, Opinion, Result

RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)


@app.task(queue="papers", name="dossiers.make_paper", retry=RETRY)
def make_paper(paper_id: int) -> None:
    """Make the PDF of an issued paper."""
    with transaction.atomic():
        issuing.make_file(
            IssuedPaper.objects.select_for_update(of=("self",)).select_related("dossier").get(pk=paper_id)
        )


@app.task(queue="results", name="dossiers.make_result", retry=RETRY)
def make_result(result_id: int) -> None:
    """Render, sign and publish a result, in one transaction: either all of it or none."""
    with transaction.atomic():
        publishing.produce(
            Result.objects.select_for_update(of=("self",))
            .select_related("dossier__procedure_version", "signed_by")
            .get(pk=result_id)
        )


@app.periodic(cron="*/5 * * * *")
@app.task(queue="papers", name="dossiers.sweep", queueing_lock="dossiers.sweep")
def sweep(timestamp: int) -> None:
    """Take up what a crash left behind, and record silence as consent."""
    stuck = timezone.now() - timedelta(minutes=3)
    for result_id in Result.objects.filter(state=Result.State.SIGNING, signed_at__lt=stuck).values_list(
        "pk", flat=True
    )[:200]:
        make_result.defer(result_id=result_id)
    waiting = IssuedPaper.objects.filter(
        file__isnull=True, issued_at__lt=stuck, issued_at__gt=stuck - timedelta(days=2)
    )
    for paper_id in waiting.values_list("pk", flat=True)[:500]:  # an older one is made when somebody asks for it
        make_paper.defer(paper_id=paper_id)
    record_silence()


@app.periodic(cron="0 0 * * *")  # 07:00 in Việt Nam
@app.task(queue="mail", name="dossiers.remind", queueing_lock="dossiers.remind")
def remind(timestamp: int) -> int:
    """Reminders before the due date, escalation after it."""
    return notices.remind()


def record_silence() -> int:
    """Record tacit consent for opinions whose deadline has passed; returns how many."""
    done = 0
    for opinion in Opinion.objects.filter(given_at__isnull=True, due_at__lte=timezone.now()).select_related(
        "organization"
    )[:500]:
        try:
            take_silence_as_consent(system("Im lặng là đồng ý"), opinion=opinion)
            done += 1
        except DomainError:
            continue  # the dossier has left that step meanwhile
    return done
