"""Background work of dossiers: papers, results, silence as consent, reminders. Idempotent, retried."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hienluong.capabilities.workflow.engine import NotAtThatStep
from hienluong.foundation.actions import DomainError, system
from hienluong.foundation.organisations.models import Organization

from . import handover, issuing, notices, publishing
from .actions import escalate_silence, expire_supplement, look_at_post, take_silence_as_consent, withdraw_opinion
from .lawful import DossierClosed
from .models import OPEN_STATES, IssuedPaper, Opinion, PostOrder, Result, Supplement

logger = logging.getLogger(__name__)

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
    """Render, sign and publish a result."""
    publishing.produce(Result.objects.select_related("dossier__procedure_version", "signed_by").get(pk=result_id))


@app.task(queue="default", name="dossiers.move_work", retry=RETRY)
def move_work(predecessor_id: int, successor_id: int) -> int:
    """Move the work in hand of an organisation that has ended, dossier by dossier."""
    return handover.move_work(Organization.objects.get(pk=predecessor_id), Organization.objects.get(pk=successor_id))


@app.task(queue="default", name="dossiers.follow_move", retry=RETRY)
def follow_move(organization_id: int) -> int:
    """Renew the paths that dossiers repeat of an organisation that was moved."""
    return handover.follow_move(Organization.objects.get(pk=organization_id))


@app.periodic(cron="*/5 * * * *")
@app.task(queue="papers", name="dossiers.sweep", queueing_lock="dossiers.sweep")
def sweep(timestamp: int) -> None:
    """Take up what a crash left behind, and record silence as consent."""
    stuck = timezone.now() - timedelta(minutes=3)
    unsigned = Result.objects.filter(
        state=Result.State.SIGNING, signed_at__lt=stuck, dossier__state__in=OPEN_STATES
    ).order_by("signed_at")
    for result_id in unsigned.values_list("pk", flat=True)[:200]:
        make_result.defer(result_id=result_id)
    unmade = IssuedPaper.objects.filter(file__isnull=True, issued_at__lt=stuck, issued_at__gt=stuck - timedelta(days=2))
    for paper_id in unmade.values_list("pk", flat=True)[:500]:  # an older one is made when somebody asks for it
        make_paper.defer(paper_id=paper_id)
    record_silence()
    record_expiry()


@app.periodic(cron="0 0 * * *")  # 07:00 in Việt Nam
@app.task(queue="mail", name="dossiers.remind", queueing_lock="dossiers.remind")
def remind(timestamp: int) -> int:
    """Reminders before the due date, escalation after it."""
    return notices.remind() + notices.remind_of_supplements()


@app.periodic(cron="*/2 * * * *")
@app.task(queue="national", name="dossiers.follow_post", queueing_lock="dossiers.follow_post")
def follow_post(timestamp: int) -> int:
    """Ask the post where the parcels are whose time has come; returns how many."""
    due = PostOrder.objects.filter(next_look_at__lte=timezone.now()).order_by("next_look_at")
    done = 0
    for order in due.select_related("dossier__received_at_org", "dossier__filer")[:200]:
        try:
            look_at_post(system("Bưu chính công ích"), order=order)
            done += 1
        except DomainError:
            logger.warning("the post cannot be asked about order %s", order.pk)
            break
    return done


def record_silence() -> int:
    """Take silence for consent where the procedure does, escalate it where it does not; returns how many.

    An opinion that no longer has a place in its dossier is withdrawn, so that it is not tried again.
    """
    silent = Opinion.objects.filter(
        given_at__isnull=True, withdrawn_at__isnull=True, escalated_at__isnull=True, due_at__lte=timezone.now()
    ).order_by("due_at", "pk")
    done = 0
    for opinion in silent.select_related("organization")[:500]:
        act = take_silence_as_consent if opinion.tacit_allowed else escalate_silence
        try:
            act(system("Hạn cho ý kiến"), opinion=opinion)
            done += 1
        except (DossierClosed, NotAtThatStep) as error:
            withdraw_opinion(system("Hạn cho ý kiến"), opinion=opinion, why=str(error.message))
        except DomainError:
            logger.exception("silence about opinion %s was not recorded", opinion.pk)
    return done


def record_expiry() -> int:
    """Tell officials of supplements that did not come in time; returns how many."""
    expired = Supplement.objects.filter(
        answered_at__isnull=True, expired_at__isnull=True, answer_by__lte=timezone.now()
    ).order_by("answer_by", "pk")
    done = 0
    for supplement in expired[:500]:
        try:
            expire_supplement(system("Hạn bổ sung"), supplement=supplement)
            done += 1
        except DomainError:
            logger.exception("the end of supplement %s was not recorded", supplement.pk)
    return done
