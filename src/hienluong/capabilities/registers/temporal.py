"""Two times of a record: a write closes what was known and opens what is known now, and never overwrites.

``valid`` is when it was so in the world, ``known`` when the province knew it. Both are half-open. At each moment of
``known``, the versions of a record cover its valid time without overlap: a constraint of each partition.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.schemas.cleaning import storable

from . import storage
from .models import Change, Definition, Record, Version

_LOCK = "SELECT merged_into_id FROM registers_record WHERE id = %s FOR UPDATE"

# What is known of the stretch ends here; what stuck out of it on either side is known on; then comes what is new. The change
# is known later than everything that is known of the record, whatever the clock of the machine does. Into the partition
# itself: five names of the whole table are five times as much to plan.
_WRITE = """
WITH change AS (
    INSERT INTO registers_change (register_id, record_id, kind, at, source, source_ref, account_id, label, reason)
    SELECT %(register)s, %(record)s, %(kind)s, greatest(clock_timestamp(), (
               SELECT max(greatest(lower(known), upper(known))) + interval '1 microsecond' FROM {partition}
                WHERE register_id = %(register)s AND record_id = %(record)s)),
           %(source)s, %(source_ref)s, %(account)s, %(label)s, %(reason)s
    RETURNING id, at
), stretch AS (SELECT tstzrange(%(since)s, %(until)s) AS at), closed AS (
    UPDATE {partition} AS version SET known = tstzrange(lower(known), change.at), closed_by_id = change.id
      FROM stretch, change
     WHERE register_id = %(register)s AND record_id = %(record)s AND upper_inf(known) AND valid && stretch.at
    RETURNING version.*, stretch.at AS stretch
), pieces AS (
    SELECT closed.*, tstzrange(lower(valid), lower(stretch)) AS piece FROM closed
     WHERE NOT lower_inf(stretch) AND (lower_inf(valid) OR lower(valid) < lower(stretch))
    UNION ALL
    SELECT closed.*, tstzrange(upper(stretch), upper(valid)) FROM closed
     WHERE NOT upper_inf(stretch) AND (upper_inf(valid) OR upper(valid) > upper(stretch))
), kept AS (
    INSERT INTO {partition} (valid, known, register_id, record_id, key, definition_id, organization_id, data,
                                   search_text, box, opened_by_id)
    SELECT piece, tstzrange(change.at, NULL), register_id, record_id, key, definition_id, organization_id, data, search_text,
           box, change.id
      FROM pieces, change
), opened AS (
    INSERT INTO {partition} (valid, known, register_id, record_id, key, definition_id, organization_id, data,
                                   search_text, box, opened_by_id)
    SELECT tstzrange(%(since)s, %(until)s), tstzrange(change.at, NULL), %(register)s, %(record)s, %(key)s, %(definition)s,
           %(organization)s, %(data)s::jsonb, %(search_text)s, %(box)s::box, change.id
      FROM change, (SELECT count(*) FROM closed) AS all_closed WHERE %(definition)s::bigint IS NOT NULL
)
SELECT change.id, change.at, (SELECT count(*) FROM closed),
       EXISTS (SELECT FROM closed WHERE organization_id <> %(organization)s::bigint) FROM change
"""

# What is known now of a moment, and of the end of the record's time.
_STANDING = """
(SELECT true, version.data, version.definition_id, place.id, place.code, place.path
   FROM registers_version version JOIN organisations_organization place ON place.id = version.organization_id
  WHERE register_id = %(register)s AND record_id = %(record)s AND upper_inf(known) AND version.valid @> %(at)s)
UNION ALL
(SELECT false, to_jsonb(version.valid @> %(at)s), version.definition_id, place.id, place.code, place.path
   FROM registers_version version JOIN organisations_organization place ON place.id = version.organization_id
  WHERE register_id = %(register)s AND record_id = %(record)s AND upper_inf(known) ORDER BY version.valid DESC LIMIT 1)
"""

_PIECES = """
SELECT lower(valid * asked), upper(valid * asked) FROM registers_version, tstzrange(%(since)s, %(until)s) AS asked
 WHERE register_id = %(register)s AND record_id = %(record)s AND upper_inf(known) AND valid && asked
 ORDER BY valid
"""


@dataclass(frozen=True)
class Provenance:
    """Where a change comes from."""

    source: str = Change.Source.OFFICIAL
    ref: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        """What people or other systems say is kept in a shape the database can hold."""
        object.__setattr__(self, "reason", storable(self.reason)[:500])


@dataclass(frozen=True)
class State:
    """What a record says over a stretch of valid time."""

    data: Mapping[str, Any]
    definition: int
    organization: int
    search_text: str = ""
    box: tuple[float, float, float, float] | None = None  # west, south, east, north


@dataclass(frozen=True)
class Written:
    """What a write did: the change, when it became known, how many versions it closed, and whether one of these stood at
    another organisation than what is known now."""

    change: int
    at: datetime
    closed: int
    moved: bool


def moment(value: datetime | date | None) -> datetime:
    """A moment, now when None; a day is its midnight in Việt Nam. Raises InvalidInput for years that no calendar reaches."""
    if value is None:
        return timezone.now()
    if not 1 < value.year < 9999:
        raise InvalidInput(_("Thời điểm “%(moment)s” không có thật.") % {"moment": value.isoformat()}, field="since")
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def end_of(day: date) -> datetime:
    """The last moment of a day: what a person who names a day asks about, so that what was written on it is seen."""
    return moment(day + timedelta(days=1)) - timedelta(microseconds=1)


@dataclass(frozen=True)
class Standing:
    """What is known now: the data of a moment (empty when it says nothing then) and the definition that they obey, and where
    the record stands in the end."""

    data: Mapping[str, Any]
    organization: int | None = None
    code: str = ""
    path: str = ""
    is_last: bool = True  # nothing else is said after that moment
    definition: int | None = None


def standing(record: Record, at: datetime) -> Standing:
    """What is known of a record now, at the moment `at`; and the organisation of its newest version."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"register": record.register_id, "record": record.pk, "at": at})
        rows = cursor.fetchall()
    data, definition = next(((json.loads(text), by) for then, text, by, *_place in rows if then), ({}, None))
    newest = next(
        ((number, code, path, is_last == "true") for then, is_last, _by, number, code, path in rows if not then), None
    )
    return Standing(data, *newest, definition) if newest else Standing(data)


@dataclass(frozen=True)
class Stretch:
    """A stretch of time over which a record says one thing, as it is known now; None is the end of all times."""

    since: datetime
    until: datetime | None
    data: Mapping[str, Any]
    definition: Definition


def stretches(
    record: Record,
    *,
    since: datetime | date | None,
    until: datetime | date | None,
    joints: Collection[datetime] = (),
) -> list[Stretch]:
    """What a (locked) record says from `since` (now when None) until `until`, stretch by stretch; at `joints` none ends.

    Raises InvalidInput when it says nothing then, or when the time ends before it begins.
    """
    lock(record)
    begins, ends = moment(since), moment(until) if until else None
    if ends is not None and ends <= begins:
        raise InvalidInput(_("Thời điểm kết thúc phải sau thời điểm bắt đầu."), field="until")
    versions = Version.objects.filter(
        register=record.register_id, record=record, known__upper_inf=True, valid__overlap=DateTimeTZRange(begins, ends)
    )
    found = [
        Stretch(
            since=max(begins, version.valid.lower or begins),
            until=min((at for at in (ends, version.valid.upper) if at), default=None),
            data=version.data,
            definition=version.definition,
        )
        for version in versions.select_related("definition").order_by("valid")
    ]
    if not found:
        raise InvalidInput(_("Bản ghi “%(key)s” đã chấm dứt.") % {"key": record.key[:80]}, field="key")
    whole: list[Stretch] = []
    for one in found:
        if whole and one.since in joints and whole[-1].until == one.since:
            whole[-1] = replace(whole[-1], until=one.until)
        else:
            whole.append(one)
    return whole


def pieces(
    record: Record, since: datetime, until: datetime | None, joints: Collection[datetime] = ()
) -> list[tuple[datetime, datetime | None]]:
    """The stretches of a (locked) record from `since` until `until`, over each of which it says one thing, and the time
    before the first of them; all of it as one when nothing is said then. At `joints` none ends."""
    asked: dict[str, Any] = {"register": record.register_id, "record": record.pk, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_PIECES, asked)
        found: list[tuple[datetime, datetime | None]] = cursor.fetchall()
    if not found:
        return [(since, until)]
    whole: list[tuple[datetime, datetime | None]] = [(since, found[0][0])] if since < found[0][0] else []
    for start, stop in found:
        if whole and start in joints and whole[-1][1] == start:
            whole[-1] = (whole[-1][0], stop)
        else:
            whole.append((start, stop))
    return whole


def lock(record: Record) -> None:
    """Hold a record until the end of the transaction: its changes come one after the other. What it was merged into is
    read again."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [record.pk])
        row = cursor.fetchone()
    if row:
        record.merged_into_id = row[0]


def write(
    actor: Actor,
    record: Record,
    kind: str,
    *,
    since: datetime | None,
    until: datetime | None,
    state: State | None,
    provenance: Provenance,
) -> Written:
    """Make `state` what is known of a (locked) record from `since` until `until`; None ends there what was known.

    None for a time is the beginning or the end of all times. Raises ValueError when the stretch is empty.
    """
    if since is not None and until is not None and since >= until:
        raise ValueError("a stretch of time that ends before it begins")
    about: dict[str, Any] = {
        "register": record.register_id,
        "record": record.pk,
        "key": record.key,
        "since": since,
        "until": until,
        "kind": kind,
        "source": provenance.source,
        "source_ref": provenance.ref,
        "account": actor.account_id,
        "label": actor.label,
        "reason": provenance.reason,
        "definition": state.definition if state else None,
        "organization": state.organization if state else None,
        "data": json.dumps(state.data, ensure_ascii=False) if state else None,
        "search_text": state.search_text if state else None,
        "box": box_text(state.box) if state else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(partition=f"{storage.TABLE}_{int(record.register_id)}"), about)
        row = cursor.fetchone()
    assert row is not None
    return Written(*row)


def box_text(corners: tuple[float, float, float, float] | None) -> str | None:
    """West, south, east and north as PostgreSQL writes a box."""
    if corners is None:
        return None
    west, south, east, north = corners
    return f"({east!r},{north!r}),({west!r},{south!r})"
