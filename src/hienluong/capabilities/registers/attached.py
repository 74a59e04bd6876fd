"""Files and photos as fields of records: who may put one there, who may open it.

A file becomes part of the record that it is first written to, and is as open as the field it stands in. What is typed in its
place proves nothing: only files that the writer uploaded for a register, or that the record has already, are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas.kinds import FILES, PICTURES
from hienluong.foundation.schemas.properties import label_of

from . import looks
from .access import Rights, rights
from .checking import Half
from .definition import RegisterSpec
from .models import Record, RecordFile
from .queries import place_of

PURPOSE = "registers.file"
KINDS = FILES


def fields_of(spec: RegisterSpec) -> list[str]:
    """The fields that hold a file."""
    return [name for name, prop in spec.fields.items() if prop.get("x-kind") in KINDS]


def require_own(actor: Actor, spec: RegisterSpec, before: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Refuse a file that the writer did not upload; the process of a dossier may name one that is there."""
    for name in fields_of(spec):
        value = data.get(name)
        if not value or value == before.get(name):
            continue
        found = StoredFile.objects.filter(pk=UUID(str(value)))
        if actor.kind != "system":
            found = found.filter(purpose=PURPOSE, owner_id=actor.account_id)
        media_type = found.values_list("blob__media_type", flat=True).first()
        if fault := _fault(spec, name, media_type):
            raise InvalidInput(fault, field=name)


def _fault(spec: RegisterSpec, name: str, media_type: str | None) -> str:
    """What is wrong with a file of this type in a field; None for one that the writer did not upload."""
    prop = spec.fields[name]
    label = label_of(name, prop)
    if media_type is None:
        return _("%(label)s: tệp này không phải do bạn tải lên.") % {"label": label}
    if prop.get("x-kind") in PICTURES and not media_type.startswith("image/"):
        return _("%(label)s phải là ảnh.") % {"label": label}
    return ""


def tell_foreign(actor: Actor, spec: RegisterSpec, rows: Sequence[Half]) -> None:
    """As :func:`require_own` for many new records, asked once: told each row at its field."""
    names = fields_of(spec)
    asked = {UUID(str(row.sound[name])) for row in rows for name in names if name in row.sound}
    if not asked:
        return
    found = StoredFile.objects.filter(pk__in=asked)
    if actor.kind != "system":
        found = found.filter(purpose=PURPOSE, owner_id=actor.account_id)
    free = dict(found.values_list("pk", "blob__media_type"))
    for row in rows:
        for name in names:
            if name not in row.sound:
                continue
            if fault := _fault(spec, name, free.get(UUID(str(row.sound[name])))):
                row.add(name, fault)


def bind(record: Record, spec: RegisterSpec, data: Mapping[str, Any]) -> None:
    """Make the files of a record its own, once."""
    bind_many([(record.pk, data)], fields_of(spec))


def bind_many(records: Iterable[tuple[int, Mapping[str, Any]]], names: Sequence[str]) -> None:
    """As :func:`bind` for many records whose fields with these `names` hold files."""
    named = {UUID(str(data[name])): (record, name) for record, data in records for name in names if data.get(name)}
    if not named:
        return
    there = StoredFile.objects.filter(pk__in=named, purpose=PURPOSE).values_list("pk", flat=True)
    RecordFile.objects.bulk_create(
        [RecordFile(file_id=file, record_id=named[file][0], field=named[file][1]) for file in there],
        ignore_conflicts=True,
    )


def may_open(actor: Actor, file: StoredFile) -> bool | None:
    """Whoever may read the field of the record; a file of no record yet belongs to its owner alone."""
    link = RecordFile.objects.select_related("record__register__owner").filter(file=file).first()
    return None if link is None else link.field in _rights(actor, link.record).read


def log_look(actor: Actor, file: StoredFile) -> None:
    """Write down whose file was opened, unless everybody may open it (Luật 91/2025/QH15)."""
    link = RecordFile.objects.select_related("record__register__owner").filter(file=file).first()
    if link is None:
        return
    spec = _spec(link.record)
    if looks.is_open_to_all(spec, [link.field]):
        return
    numbers = looks.numbers_of(link.record.register, spec, [link.record_id])
    own = Party.objects.filter(pk=actor.party_id).values_list("identifier", flat=True).first() if actor.party_id else ""
    purpose = _("Xem tệp của bản ghi: %(title)s") % {"title": spec.title[:150]}
    looks.write_down(actor, spec, numbers - {str(own or "")}, [link.field], purpose)


def _rights(actor: Actor, record: Record) -> Rights:
    spec = _spec(record)
    party = Party.objects.filter(pk=actor.party_id).first() if actor.party_id else None
    is_subject = party is not None and party.identifier in looks.numbers_of(record.register, spec, [record.pk])
    return rights(actor, spec, place_of(record), is_subject=is_subject)


def _spec(record: Record) -> RegisterSpec:
    from .actions import definition_on, spec_of  # the actions take files in by this module

    return spec_of(definition_on(record.register, timezone.localdate()))
