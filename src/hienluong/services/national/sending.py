"""Telling the portal: the steps of a dossier one after another, each until the portal has said that it has it.

At least once: an answer that is lost means that the step is told again; the portal knows it by number, time and state.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from hienluong.foundation.actions import system

from . import actions, client, wire
from .models import Outgoing

logger = logging.getLogger(__name__)
WHO = system("Đồng bộ Cổng quốc gia")


def push(dossier_id: int) -> Outgoing | None:
    """Send what is due for one dossier, oldest first, and stop at the first that does not go through; returns it.

    None: everything that was due has gone, or the oldest is not due yet.
    """
    while True:
        with transaction.atomic():
            row = (
                Outgoing.objects.select_for_update(of=("self",))
                .select_related("handover__from_official", "handover__organization")
                .filter(dossier_id=dossier_id)
                .exclude(state=Outgoing.State.SENT)
                .order_by("handover_id")
                .first()
            )
            if row is None or row.next_try_at is None or row.next_try_at > timezone.now():
                return None
            try:
                with transaction.atomic():
                    _tell(row)
            except client.Refused as error:
                return actions.note_failed(WHO, row=row, why=str(error), final=True)
            except client.Away as error:
                return actions.note_failed(WHO, row=row, why=str(error), final=False)
            except Exception as error:  # a dossier that cannot be put into words must not stop the others
                logger.exception("step %s cannot be told to the national portal", row.pk)
                return actions.note_failed(WHO, row=row, why=type(error).__name__, final=False)
            actions.note_sent(WHO, row=row)


def _tell(row: Outgoing) -> None:
    line, dossier = client.line(), row.dossier
    told_before = Outgoing.objects.filter(dossier_id=row.dossier_id, state=Outgoing.State.SENT).exists()
    record = wire.dossier_message(dossier, row.dossier_state)
    known = told_before or bool(dossier.national_code)
    try:
        line.call("DongBoHoSoMC", isUpdating=str(known), data=[record])
    except client.Refused as error:
        if error.code not in (client.ALREADY_THERE, client.NOT_THERE):
            raise
        line.call("DongBoHoSoMC", isUpdating=str(error.code == client.ALREADY_THERE), data=[record])
    line.call("CapNhatTienDoHoSoMC", data=[wire.progress_message(dossier, row.handover)])
