"""Background work of registers: the indexes that definitions declare, records carried over to new definitions."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.foundation.actions import system

from . import disposing, migrating, storage
from .actions import all_on, spec_of
from .models import Definition, Register


@app.task(queue="default", name="registers.build_indexes", pass_context=False)
def build_indexes(register_id: int) -> int:
    """Build what the newest definition declares and is not there; returns how many. Running it again does no harm."""
    register = Register.objects.get(pk=register_id)
    newest = Definition.objects.filter(register=register).order_by("-version").first()
    if newest is None:
        return 0
    spec = spec_of(newest)
    fields = {**spec.indexed, **({spec.subject: "text"} if spec.subject else {})}  # people ask for what is about them
    wanted = [storage.Wanted(name, order) for name, order in fields.items()]
    missing = storage.missing_indexes(register, wanted)
    for index in missing:
        storage.build_index(register, index)
    if is_late := spec.clears_some_day and not storage.has_finished(register):
        storage.build_finished(register)
    return len(missing) + is_late


def build_soon(register_id: int) -> None:
    """Have the indexes built by a worker: of one register one after the other, as two builds on a table lock each other out."""
    build_indexes.configure(lock=f"registers.build_indexes:{register_id}").defer(register_id=register_id)


@app.task(queue="default", name="registers.migrate", pass_context=False)
def migrate(definition_id: int) -> int:
    """Carry the records over to a definition; returns how many were. Running it again does what is left."""
    definition = Definition.objects.select_related("register").get(pk=definition_id)
    actor, written = system("Nâng phiên bản cơ sở dữ liệu"), 0
    part = migrating.migrate_part(actor, definition=definition)
    written += part.written
    while part.last is not None:
        part = migrating.migrate_part(actor, definition=definition, after=part.last)
        written += part.written
    return written


@app.periodic(cron="33 19 * * *")  # 02:33 in Việt Nam
@app.task(queue="default", queueing_lock="registers.dispose_due")
def dispose_due(timestamp: int) -> None:
    """Once a day: what the definitions say is cleared of records that were kept long enough, each register by itself."""
    for register, spec in all_on(timezone.localdate()):
        if spec.clears_some_day:
            if not storage.has_finished(register):  # installed before there was this index; it is found without, slowly
                build_soon(register.pk)
            dispose.configure(lock=f"registers.dispose:{register.pk}").defer(register_id=register.pk)


@app.task(queue="default", name="registers.dispose", pass_context=False)
def dispose(register_id: int) -> int:
    """Clear what is due of one register; returns of how many records. Running it again does what is left."""
    register, today = Register.objects.select_related("owner").get(pk=register_id), timezone.localdate()
    actor, cleared, last = system("Xóa dữ liệu hết thời hạn lưu"), 0, 0
    while records := disposing.due(register, today, last):
        for part in disposing.in_parts(records):
            cleared += disposing.dispose(actor, register=register, day=today, records=part)
        last = records[-1]
    return cleared


def after_install(definition: Definition) -> None:
    """Hand over to a worker what a new definition brings with it."""
    build_soon(definition.register_id)
    if migrating.is_due(definition):
        migrate.configure(lock=f"registers.migrate:{definition.register_id}").defer(definition_id=definition.pk)
