"""What is cleared of a record when the time to keep it is over (``retention`` of the definition; Luật 91/2025/QH15).

The years count from the end of the record or from the last writing to it, whichever is later: who ends a record for a past
day has until then to see a mistake. The fields go from every version, what was once known included, with the words and the
place they were found by and their files; the record, its key, its changes and the audit stay. Nothing brings them back.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from psycopg import sql

from hienluong.foundation.actions import Act, action
from hienluong.foundation.files.models import StoredFile

from . import checking, storage
from .actions import definition_on, spec_of
from .models import Definition, Disposal, Record, RecordFile, Register, Version

#: Records in one transaction, and most that are looked for at once.
PART = 100
AT_ONCE = 10_000

# A record that nobody has written to and that says nothing since the day, of which something is left to clear. All of its
# versions were over by then, so only those whose record has one that was are looked at: they stand together in an index
# (:func:`.storage.build_finished`), and most records never come near it.
_DUE = """
WITH finished AS MATERIALIZED (
    SELECT DISTINCT version.record_id AS id FROM {partition} version
     WHERE {finished} <= %(before)s AND version.record_id > %(after)s
       AND (%(among)s::bigint[] IS NULL OR version.record_id = ANY (%(among)s)))
SELECT {what} FROM finished record
 WHERE NOT EXISTS (
       SELECT FROM {partition} version
        WHERE version.record_id = record.id
          AND (lower(known) > %(before)s OR upper(known) > %(before)s
               OR upper_inf(known) AND (upper_inf(valid) OR upper(valid) > %(before)s)))
   AND EXISTS (
       SELECT FROM {partition} version WHERE version.record_id = record.id AND jsonb_exists_any(data, %(fields)s::text[]))
"""
_CLEAR = """
UPDATE {partition} SET data = data - %s::text[], search_text = %s, box = CASE WHEN %s THEN NULL ELSE box END
 WHERE register_id = %s AND id = %s
"""


@dataclass(frozen=True)
class Terms:
    """What a register says today: which definition, after how many years, which fields."""

    definition: Definition
    years: int
    fields: list[str]

    def before(self, day: date) -> datetime:
        """The moment since when nothing may have happened to a record that is due on a day."""
        year = day.year - self.years
        start = date(year, 3, 1) if (day.month, day.day) == (2, 29) and not isleap(year) else day.replace(year=year)
        return timezone.make_aware(datetime.combine(start, time()))


def terms_of(register: Register, day: date) -> Terms | None:
    """What is cleared of the records of a register by the definition of a day; None when they are kept for ever.

    Of fields that only older definitions had, those go that they named themselves (all, when today's clears all).
    """
    definition = definition_on(register, day)
    spec = spec_of(definition)
    if not spec.retention.years or not spec.cleared:
        return None
    fields, kept = set(spec.cleared), {spec.key.field, spec.responsible}
    for one in Definition.objects.filter(register=register).only("pk", "digest"):
        older = spec_of(one)
        fields |= (set(older.fields) if spec.retention.clears == "*" else older.cleared) - set(spec.fields)
        kept |= {older.key.field, older.responsible}
    return Terms(definition, spec.retention.years, sorted(fields - kept))


def count(register: Register, terms: Terms, day: date) -> int:
    """How many records are due on a day; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(_asked(register, "count(*)"), _given(register, terms, day))
        number: int = cursor.fetchone()[0]
        return number


def due(register: Register, day: date, after: int = 0) -> list[int]:
    """The next records of a register that are due on a day, by number, at most :data:`AT_ONCE`, above `after`."""
    terms = terms_of(register, day)
    return _due(register, terms, day, after, None) if terms else []


def _due(register: Register, terms: Terms, day: date, after: int, among: Collection[int] | None) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_asked(register, "record.id") + _in_order(), _given(register, terms, day, after, among))
        return [record for (record,) in cursor.fetchall()]


def in_parts(records: Sequence[int]) -> Iterator[Sequence[int]]:
    """Records in the parts that are cleared in one transaction each."""
    for start in range(0, len(records), PART):
        yield records[start : start + PART]


def _asked(register: Register, what: str) -> sql.Composed:
    return sql.SQL(_DUE).format(
        what=sql.SQL(what), partition=sql.Identifier(storage.partition_of(register)), finished=storage.FINISHED
    )


def _in_order() -> sql.Composed:
    return sql.SQL(" ORDER BY record.id LIMIT {}").format(sql.Literal(AT_ONCE))


def _given(
    register: Register, terms: Terms, day: date, after: int = 0, among: Collection[int] | None = None
) -> dict[str, Any]:
    return {
        "before": terms.before(day),
        "fields": terms.fields,
        "after": after,
        "among": None if among is None else list(among),
    }


@action("registers.dispose")
def dispose(act: Act, *, register: Register, day: date, records: Collection[int]) -> int:
    """Clear those of these records (by number, of :func:`due`) that are due on a day; returns how many were.

    Each is asked about again once it is held. One that somebody is writing to is passed over; it is not due any more.
    """
    act.require("registers.define", register.owner.path)
    terms = terms_of(register, day)
    held = Record.objects.select_for_update(skip_locked=True).filter(register=register, pk__in=list(records))
    locked = {record.pk: record for record in held}
    sound = [locked[number] for number in _due(register, terms, day, 0, list(locked))] if terms else []
    if terms is None or not sound:
        act.record(register, after={"cleared": 0}, organization_id=register.owner_id)
        return 0
    gone = _clear(register, terms, sound)
    for record in sound:
        fields = sorted(gone[record.pk])
        act.record(
            record,
            after={"fields": fields, "years": terms.years, "definition": terms.definition.version},
            organization_id=register.owner_id,
        )
        act.emit(f"register.{register.code}.dispose", record, {"key": record.key, "fields": fields})
    return len(sound)


def _clear(register: Register, terms: Terms, records: list[Record]) -> dict[int, set[str]]:
    """Clear the fields of these locked records; by the number of each, what there was to clear."""
    numbers = [record.pk for record in records]
    specs = {one.pk: spec_of(one) for one in Definition.objects.filter(register=register).only("pk", "digest")}
    gone: dict[int, set[str]] = {number: set() for number in numbers}
    rows = []
    versions = Version.objects.filter(register=register, record_id__in=numbers)
    for version, record, key, definition, data in versions.values_list(
        "pk", "record_id", "key", "definition_id", "data"
    ):
        spec = specs[definition]
        left = {name: value for name, value in data.items() if name not in terms.fields}
        gone[record] |= data.keys() - left.keys()
        rows.append((terms.fields, checking.words(spec, key, left), spec.map in terms.fields, register.pk, version))
    Disposal.objects.bulk_create(  # what lets the versions lose just these
        [
            Disposal(register=register, record=record, definition=terms.definition, fields=sorted(gone[record.pk]))
            for record in records
        ]
    )
    statement = sql.SQL(_CLEAR).format(partition=sql.Identifier(storage.partition_of(register)))
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
    _let_files_go(RecordFile.objects.filter(record_id__in=numbers, field__in=terms.fields))
    return gone


def _let_files_go(links: QuerySet[RecordFile]) -> None:
    """The files of cleared fields; one that something else refers to as well (a dossier) is kept as long as that is."""
    files = list(links.values_list("file_id", flat=True))
    links.delete()
    for file in files:
        try:
            with transaction.atomic():
                StoredFile.objects.filter(pk=file).delete()
        except ProtectedError:
            continue
