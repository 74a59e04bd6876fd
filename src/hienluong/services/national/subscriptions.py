"""Each step of a dossier that is to be synchronised joins the queue, once."""

from __future__ import annotations

from hienluong.foundation.actions import system
from hienluong.foundation.events.models import Event
from hienluong.services.dossiers.models import Handover, SyncState

from . import actions

WHO = system("Đồng bộ Cổng quốc gia")


def on_event(event: Event) -> None:
    """Queue the step that an event of a dossier tells of; what is no step, or not to be told, is passed over."""
    handover_id = event.data.get("handover")
    if not isinstance(handover_id, int):
        return
    handover = Handover.objects.select_related("dossier").filter(pk=handover_id).first()
    if handover is None or handover.dossier.sync_state == SyncState.NOT_NEEDED:
        return
    actions.queue_step(WHO, handover=handover)
