"""Background work of registers: the indexes that definitions declare."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import storage
from .actions import spec_of
from .models import Definition, Register


@app.task(queue="default", name="registers.build_indexes", pass_context=False)
def build_indexes(register_id: int) -> int:
    """Build what the newest definition declares and is not there; returns how many. Running it again does no harm."""
    register = Register.objects.get(pk=register_id)
    newest = Definition.objects.filter(register=register).order_by("-version").first()
    if newest is None:
        return 0
    wanted = [storage.Wanted(name, order) for name, order in spec_of(newest).indexed.items()]
    missing = storage.missing_indexes(register, wanted)
    for index in missing:
        storage.build_index(register, index)
    return len(missing)
