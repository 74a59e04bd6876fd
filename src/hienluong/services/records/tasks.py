"""Imports and exports in the background, as the person who started them."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.capabilities.registers.ahead import Ahead
from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.foundation.files.models import StoredFile

from .models import Export, Import

#: How long a file of records is kept for who ordered it.
KEPT = timedelta(days=7)

logger = logging.getLogger(__name__)


def begin(batch: Import) -> None:
    """Hand an import to a worker; it begins when the transaction of the caller is there."""
    go_on.configure(lock=f"registers.import:{batch.pk}").defer(batch_id=str(batch.pk))


@app.task(queue="default", name="registers.import", retry=5)
def go_on(batch_id: str) -> None:
    """Write, or take back, what is left. Repeating it does no harm: what is done is counted with what is written."""
    from hienluong.foundation.identity.queries import actor_of

    from .importing import actions

    batch = Import.objects.select_related("account").get(pk=batch_id)
    actor = actor_of(batch.account).with_purpose("registers.importing")
    try:
        if batch.state == Import.State.RUNNING:
            with Ahead() as ahead:
                while actions.write_part(actor, batch=batch, ahead=ahead):
                    pass
        elif batch.state == Import.State.UNDOING:
            while actions.take_back_part(actor, batch=batch):
                pass
    except InvalidInput as refused:
        if refused.field != "state":  # stopped meanwhile; anything else is a fault to be tried again and seen
            raise


def begin_export(export: Export) -> None:
    """Hand an export to a worker; it begins when the transaction of the caller is there."""
    make_export.configure(lock=f"registers.export:{export.pk}").defer(export_id=str(export.pk))


@app.task(queue="default", name="registers.export", retry=3)
def make_export(export_id: str) -> None:
    """Make the file that was ordered. Repeating it makes no second file; what may not be done is told to its owner."""
    from hienluong.foundation.identity.queries import actor_of

    from .exporting import actions

    export = Export.objects.select_related("account").get(pk=export_id)
    actor = actor_of(export.account).with_purpose("registers.exporting")
    try:
        actions.make_ordered(actor, export=export)
    except DomainError as error:
        actions.refuse(actor, export=export, why=str(error.message))


@app.periodic(cron="17 19 * * *")  # 02:17 in Việt Nam
@app.task(queue="default", queueing_lock="registers.forget_exports")
def forget_exports(timestamp: int) -> None:
    """Once a day: files of records that were made a week ago go; whoever still needs one makes it again."""
    old = Export.objects.filter(created_at__lt=timezone.now() - KEPT)
    files = list(old.exclude(file=None).values_list("file_id", flat=True))
    gone, _by_model = old.delete()
    StoredFile.objects.filter(pk__in=files).delete()
    if gone:
        logger.info("forgot %d exports", gone)
