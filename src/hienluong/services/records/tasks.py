"""Imports in the background: one part after the other, as the person who started it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from hienluong.foundation.actions import InvalidInput

from .models import Import


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
            while actions.write_part(actor, batch=batch):
                pass
        elif batch.state == Import.State.UNDOING:
            while actions.take_back_part(actor, batch=batch):
                pass
    except InvalidInput:
        return  # stopped meanwhile
