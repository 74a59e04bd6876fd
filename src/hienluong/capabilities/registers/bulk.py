"""Many records at once, by a few statements however many they are: for imports, batches over HTTP, migrations.

Every row is held to what :func:`.actions.create` holds one to: the definition of its day, the checks, the rights by
field, a key taken once by constraint, its history, its event. Only the audit entry is one for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, action
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations.models import Organization

from . import attached, checking, migrating, retiring, storage
from .access import Place, Rights, rights
from .actions import spec_of
from .ahead import Looked, Seen, look
from .certificates import numbers
from .certificates.numbers import Wanted
from .definition import RegisterSpec
from .models import Change, Definition, Record, Register
from .obeying import Definitions
from .row import Row
from .temporal import Provenance

FROM_FILE = Provenance(source=Change.Source.IMPORT)

# In the order of their keys, so that two batches that share some wait for one another and do not lock each other out.
_RECORDS = """
INSERT INTO registers_record (register_id, key)
SELECT %(register)s, key FROM unnest(%(keys)s::text[]) AS key ORDER BY key
ON CONFLICT (register_id, key) DO NOTHING
RETURNING key, id
"""

_CHANGES = """
INSERT INTO registers_change (register_id, record_id, kind, at, source, source_ref, account_id, label, reason)
SELECT %(register)s, record, %(kind)s, %(at)s::timestamptz, %(source)s, %(source_ref)s, %(account)s, %(label)s,
       %(reason)s
  FROM unnest(%(records)s::bigint[]) WITH ORDINALITY AS given (record, n) ORDER BY n
RETURNING record_id, id
"""

# Into the partition itself: many rows at once, which PostgreSQL does not do through a partitioned table with triggers.
_VERSIONS = """
COPY {partition} (valid, known, register_id, record_id, key, definition_id, organization_id, data, search_text,
                        box, opened_by_id) FROM STDIN
"""


@dataclass(frozen=True)
class Outcome:
    """What became of the row at `position` (from 0): its record and the change that wrote it, or why it was refused."""

    position: int
    record: int | None = None
    key: str = ""
    change: int | None = None
    refused: DomainError | None = None

    @property
    def errors(self) -> Mapping[str, Sequence[str]]:
        """The messages by field; under ``""`` what is no field's fault. Empty when the row is sound."""
        if self.refused is None:
            return {}
        by_field = self.refused.details.get("errors")
        if isinstance(by_field, Mapping):
            return by_field
        return {self.refused.field or "": [str(self.refused.message)]}


class NothingWritten(InvalidInput):
    """Rows were refused of a batch that is written whole or not at all; `outcomes` has one for each refused row."""

    code = "registers.nothing_written"

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        super().__init__(_("%(count)d dòng chưa đúng, nên chưa ghi dòng nào.") % {"count": len(outcomes)})
        self.outcomes = list(outcomes)


@action("registers.create_many")
def create_many(
    act: Act,
    register: Register,
    rows: Sequence[Row],
    provenance: Provenance = FROM_FILE,
    *,
    whole: bool = False,
    looked: Looked | None = None,
) -> list[Outcome]:
    """Write a new record for each row that is sound; an outcome for each row, in the order given.

    A row is refused (:attr:`Outcome.refused`) with all its messages by field, for a field that the actor may not write at
    the row's organisation, and for a key or a number of a certificate that is taken, be it by an earlier row of the same
    batch; the others are written. With `whole`, one refused row means that nothing is written: raises :class:`NothingWritten`.

    What was `looked` at ahead (:class:`.ahead.Ahead`) is not looked at again, unless the definitions changed meanwhile.

    All in one transaction: nothing stands half-written, and a caller that notes its own progress in an action around this
    one can go on after a crash. Best given 500 to 2,000 rows at a time. The cost of a row is its check and its indexes;
    what is asked of the database to check them (organisations, references, taken keys) is asked once for all.

    One audit entry for the batch (how many, the first and the last key), one row of history and, when the definition asks
    for it, one event a record.
    """
    retiring.require_open(register, provenance)
    ready, refused = _prepared(act.actor, register, rows, looked)
    if whole and refused:
        raise NothingWritten(refused)
    _number(register, ready)
    ready = _once(ready, refused)
    ready = _numbers_free(register, ready, refused)
    written, lost = _written(act.actor, register, ready, provenance)
    there = {outcome.position for outcome in (*written, *lost)}
    refused += [*lost, *(_taken(row) for row in ready if row.position not in there)]
    _carry_over(act, register, ready, written, provenance)
    if whole and len(refused) > 0:
        raise NothingWritten(refused)
    _told(act, register, ready, written, refused, provenance)
    return sorted((*written, *refused), key=lambda outcome: outcome.position)


def preview(actor: Actor, register: Register, rows: Sequence[Row]) -> list[Outcome]:
    """What :func:`create_many` would refuse now, in the order given; nothing is written.

    A sound row has an outcome without record; its key is empty when a series would give it.
    """
    ready, refused = _prepared(actor, register, rows)
    ready = _numbers_free(register, _once(ready, refused), refused)
    keys = [row.key for row in ready if row.key]
    taken = set(Record.objects.filter(register=register, key__in=keys).values_list("key", flat=True))
    sound = [_taken(row) if row.key in taken else Outcome(row.position, key=row.key) for row in ready]
    return sorted((*sound, *refused), key=lambda outcome: outcome.position)


@dataclass
class _Ready:
    """A sound row, before it is written."""

    seen: Seen
    definition: Definition
    spec: RegisterSpec
    organization: int
    key: str

    @property
    def position(self) -> int:
        """Its place among the rows given, from 0."""
        return self.seen.position

    @property
    def words(self) -> str:
        """The text by which it is found."""
        if self.seen.words is not None:
            return self.seen.words
        return checking.words(self.spec, self.key, self.seen.half.data)

    @property
    def number(self) -> Wanted | None:
        """The number of its certificate, where it has one."""
        return numbers.wanted(self.spec.certificate, self.seen.half.data)


def _prepared(
    actor: Actor, register: Register, rows: Sequence[Row], looked: Looked | None = None
) -> tuple[list[_Ready], list[Outcome]]:
    """The sound rows, and what is wrong with the others."""
    definitions = Definitions(register)
    if looked is None or looked.rows is not rows or looked.mark != definitions.mark:
        looked = look(definitions, rows)
    refused = [Outcome(position, refused=error) for position, error in looked.refused]
    ready: list[_Ready] = []
    for definition, seen in looked.seen:
        spec = spec_of(definition)
        halves = [one.half for one in seen]
        attached.tell_foreign(actor, spec, halves)
        places = _Places(actor, register, spec, [half.data for half in halves])
        places.tell_unknown(halves)
        checked = checking.with_references(spec, halves)
        for one, found in zip(seen, checked, strict=True):
            fault, organization = places.judge(one.touched, found)
            if fault:
                refused.append(Outcome(one.position, refused=fault))
                continue
            key = str(found.data.get(spec.key.field) or "") if spec.key.field else ""
            ready.append(_Ready(one, definition, spec, organization, key))
    ready.sort(key=lambda row: row.position)
    return ready, refused


def _once(ready: list[_Ready], refused: list[Outcome]) -> list[_Ready]:
    """The rows without those whose key an earlier one has."""
    seen: set[str] = set()
    kept = []
    for row in ready:
        if row.key and row.key in seen:  # a series gives its keys later
            refused.append(_taken(row))
            continue
        seen.add(row.key)
        kept.append(row)
    return kept


def _numbers_free(register: Register, ready: list[_Ready], refused: list[Outcome]) -> list[_Ready]:
    """The rows without those whose certificate has the number of a record that is there, or of an earlier row."""
    asked = {row.position: one for row in ready if (one := row.number)}
    if not asked:
        return ready
    theirs, seen = numbers.taken(register, asked.values()), set[str]()
    kept = []
    for row in ready:
        one = asked.get(row.position)
        if one and (one in theirs or one.held in seen):
            fault = one.taken if one in theirs else one.twice
            refused.append(Outcome(row.position, key=row.key, refused=fault))
            continue
        seen |= {one.held} if one else set()
        kept.append(row)
    return kept


def _taken(row: _Ready) -> Outcome:
    message = _("Đã có bản ghi “%(key)s”.") % {"key": row.key}
    return Outcome(row.position, key=row.key, refused=InvalidInput(message, field=row.spec.key.field or "key"))


class _Places:
    """The organisations of a batch, and what the actor may write there, each looked up once."""

    def __init__(
        self, actor: Actor, register: Register, spec: RegisterSpec, rows: Collection[Mapping[str, Any]]
    ) -> None:
        self._actor, self._owner = actor, register.owner
        self._spec = spec
        codes = {self._code(row) for row in rows} - {""}
        found = Organization.objects.filter(code__in=codes) if codes else ()
        self._by_code = {"": register.owner, **{organization.code: organization for organization in found}}
        self._rights: dict[int, Rights] = {}
        self._verdicts: dict[tuple[int, tuple[str, ...]], DomainError | None] = {}

    def tell_unknown(self, halves: Sequence[checking.Half]) -> None:
        """Say of each row whose organisation is not there that it is not."""
        for half in halves:
            if (code := self._code(half.data)) not in self._by_code:
                half.add(self._spec.responsible, _("Không có cơ quan “%(code)s”.") % {"code": code[:40]})

    def _code(self, data: Mapping[str, Any]) -> str:
        return str(data.get(self._spec.responsible) or "") if self._spec.responsible else ""

    def judge(self, touched: tuple[str, ...], checked: checking.Checked) -> tuple[DomainError | None, int]:
        """Why a row is refused (None when it is not), and the organisation it belongs to."""
        errors = checked.errors
        organization = self._by_code.get(self._code(checked.data))  # where there is none, the errors say so
        if organization and (forbidden := self._forbidden(organization, touched)):
            return forbidden, organization.pk
        if errors:
            name, messages = next(iter(errors.items()))
            return InvalidInput(messages[0], field=name, errors=errors), 0
        return None, organization.pk if organization else 0

    def _forbidden(self, organization: Organization, touched: tuple[str, ...]) -> DomainError | None:
        spec = self._spec
        asked = organization.pk, touched
        if asked not in self._verdicts:
            if organization.pk not in self._rights:
                place = Place(organization.path, self._owner.path)
                self._rights[organization.pk] = rights(self._actor, spec, place)
            self._verdicts[asked] = None
            try:
                self._rights[organization.pk].require_write((set(touched) & set(spec.fields)) - set(spec.computed))
            except DomainError as error:
                self._verdicts[asked] = error
        return self._verdicts[asked]


def _number(register: Register, ready: list[_Ready]) -> None:
    """Give the rows whose key is a number of a series theirs, in their order."""
    by_scope: dict[str, list[_Ready]] = {}
    for row in ready:
        if row.spec.key.series:
            by_scope.setdefault(row.spec.key.scope(timezone.localdate(row.seen.since).year), []).append(row)
    for scope, rows in sorted(by_scope.items()):
        given = series.take(f"register:{register.code}:{scope}", len(rows))
        for row, number in zip(rows, given, strict=True):
            row.key = row.spec.key.series.format(year=timezone.localdate(row.seen.since).year, n=number)


def _written(
    actor: Actor, register: Register, ready: Sequence[_Ready], provenance: Provenance
) -> tuple[list[Outcome], list[Outcome]]:
    """Write the rows whose key is free; those whose number somebody else wrote meanwhile are refused beside them."""
    if not ready:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, {"register": register.pk, "keys": [row.key for row in ready]})
        records: dict[str, int] = dict(cursor.fetchall())
        lost = _lost(register, ready, records)
        rows = [row for row in ready if row.key in records]
        cursor.execute("SELECT clock_timestamp()")
        at = cursor.fetchone()[0].isoformat()
        about: dict[str, Any] = {
            "at": at,
            "register": register.pk,
            "records": [records[row.key] for row in rows],
            "kind": Change.Kind.CREATE.value,
            "source": str(provenance.source),
            "source_ref": provenance.ref,
            "account": actor.account_id,
            "label": actor.label,
            "reason": provenance.reason,
        }
        cursor.execute(_CHANGES, about)
        changes: dict[int, int] = dict(cursor.fetchall())
        outcomes = []
        known = f"[{at},)"
        valid = lru_cache(maxsize=None)(lambda since: f"[{since.isoformat()},)")  # mostly the same few moments
        into = sql.SQL(_VERSIONS).format(partition=sql.Identifier(storage.partition_of(register)))
        with cursor.copy(into) as copy:
            for row in rows:
                record = records[row.key]
                change = changes[record]
                copy.write_row(
                    (
                        valid(row.seen.since),
                        known,
                        register.pk,
                        record,
                        row.key,
                        row.definition.pk,
                        row.organization,
                        row.seen.text,
                        row.words,
                        row.seen.box,
                        change,
                    )
                )
                outcomes.append(Outcome(row.position, record, row.key, change))
    for spec, together in groupby(rows, key=lambda row: row.spec):
        if names := attached.fields_of(spec):
            attached.bind_many([(records[row.key], row.seen.half.data) for row in together], names)
    return outcomes, lost


def _lost(register: Register, ready: Sequence[_Ready], records: dict[str, int]) -> list[Outcome]:
    """Hold the numbers of certificates; a row that somebody else was faster than has its new record taken away again."""
    asked = {records[row.key]: one for row in ready if row.key in records and (one := row.number)}
    lost = numbers.hold_many(register, asked)
    if not lost:
        return []
    Record.objects.filter(pk__in=lost).delete()
    found = []
    for row in ready:
        if records.get(row.key) in lost:
            found.append(Outcome(row.position, key=row.key, refused=asked[records.pop(row.key)].taken))
    return found


def _carry_over(
    act: Act, register: Register, ready: Sequence[_Ready], written: Sequence[Outcome], provenance: Provenance
) -> None:
    """Rows that begin under a definition that has ended since, carried over to those after it."""
    ended = {row.position: row.definition for row in ready if row.definition.valid.upper}
    for outcome in written:
        if outcome.position in ended:
            record = Record(pk=outcome.record, register=register, key=outcome.key)
            migrating.carry_over(act, record, ended[outcome.position], provenance)


def _told(
    act: Act,
    register: Register,
    ready: Sequence[_Ready],
    written: Sequence[Outcome],
    refused: Sequence[Outcome],
    provenance: Provenance,
) -> None:
    """The one audit entry, and the events that the definition asks for."""
    after: dict[str, Any] = {"count": len(written), "refused": len(refused), "source": str(provenance.source)}
    if provenance.ref:
        after["ref"] = provenance.ref
    if written:
        after |= {"first": written[0].key, "last": written[-1].key}
    act.record(register, after=after, organization_id=register.owner_id, note=provenance.reason)
    kind, subject = Change.Kind.CREATE.value, Record._meta.label_lower
    names = {row.position: f"register.{row.spec.code}.{kind}" for row in ready if kind in row.spec.events}
    for outcome in written:
        if name := names.get(outcome.position):
            act.emit(name, f"{subject}:{outcome.record}", {"key": outcome.key, "change": outcome.change})
