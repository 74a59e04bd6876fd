"""Background work: making copies, deleting old ones, closing accounts, forgetting traces. Idempotent."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.foundation.actions import system

from . import closing, exporting, retention
from .models import Closure, Export

WHO = system("Bản sao dữ liệu, đóng tài khoản")
logger = logging.getLogger(__name__)


@app.task(queue="papers", name="privacy.make_export")
def make_export(export_id: int) -> None:
    """Make one copy; when it cannot be made its owner may ask again, and the fault is in the log."""
    asked = Export.objects.filter(pk=export_id).first()
    if asked is None:
        return
    try:
        exporting.make(WHO, export=asked)
    except Exception:
        logger.exception("the copy of data %s could not be made", export_id)
        exporting.fail(WHO, export=asked)
        raise


@app.periodic(cron="11 * * * *")
@app.task(queue="default", queueing_lock="privacy.hourly")
def hourly(timestamp: int) -> None:
    """Delete copies whose days are over, and close accounts whose time to take back is over.

    What fails for one account is said in the log and tried again in an hour; the others are closed all the same.
    """
    now = timezone.now()
    for export in Export.objects.filter(state=Export.State.READY, until__lte=now):
        exporting.expire(WHO, export=export)
    retention.keep_those_used()
    for closure in Closure.objects.filter(due_at__lte=now, taken_back_at=None, done_at=None):
        try:
            closing.close(WHO, closure=closure)
        except Exception:  # whatever it was, the next one's account must be closed
            logger.exception("could not close the account of closure %s", closure.pk)


@app.periodic(cron="47 19 * * *")  # 02:47 in Việt Nam
@app.task(queue="default", queueing_lock="privacy.nightly")
def nightly(timestamp: int) -> None:
    """Begin to close accounts that nobody uses; forget traces of signing in whose time is over."""
    begun, gone = retention.begin_closing(), retention.forget_traces()
    if begun or gone:
        logger.info("unused accounts that begin to close: %d; traces of signing in forgotten: %d", begun, gone)
