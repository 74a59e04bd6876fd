"""Two times of a record: a write closes what was known and opens what is known now, and never overwrites.

``valid`` is when it was so in the world, ``known`` when the province knew it. Both are half-open. At each moment of
``known``, the versions of a record cover its valid time without overlap: a constraint of each partition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, InvalidInput

from .models import Change, Record

_LOCK = "SELECT 1 FROM registers_record WHERE id = %s FOR UPDATE"

# Known later than everything that is known of the record, whatever the clock of the machine does.
_CHANGE = """
INSERT INTO registers_change (register_id, record_id, kind, at, source, source_ref, account_id, label, reason)
SELECT %(register)s, %(record)s, %(kind)s, greatest(clock_timestamp(), (
           SELECT max(greatest(lower(known), upper(known))) + interval '1 microsecond' FROM registers_version
            WHERE register_id = %(register)s AND record_id = %(record)s)),
       %(source)s, %(source_ref)s, %(account)s, %(label)s, %(reason)s
RETURNING id, at
"""

_COLUMNS = "register_id, record_id, key, definition_id, organization_id, data, search_text, box, opened_by_id"

# What is known of the stretch ends here; what stuck out of it on either side is known on; then comes what is new.
_WRITE = f"""
WITH stretch AS (SELECT tstzrange(%(since)s, %(until)s) AS at), closed AS (
    UPDATE registers_version SET known = tstzrange(lower(known), %(at)s), closed_by_id = %(change)s
      FROM stretch
     WHERE register_id = %(register)s AND record_id = %(record)s AND upper_inf(known) AND valid && stretch.at
    RETURNING registers_version.*, stretch.at AS stretch
), pieces AS (
    SELECT closed.*, tstzrange(lower(valid), lower(stretch)) AS piece FROM closed
     WHERE NOT lower_inf(stretch) AND (lower_inf(valid) OR lower(valid) < lower(stretch))
    UNION ALL
    SELECT closed.*, tstzrange(upper(stretch), upper(valid)) FROM closed
     WHERE NOT upper_inf(stretch) AND (upper_inf(valid) OR upper(valid) > upper(stretch))
), kept AS (
    INSERT INTO registers_version (valid, known, {_COLUMNS})
    SELECT piece, tstzrange(%(at)s, NULL), {_COLUMNS.replace("opened_by_id", "%(change)s")} FROM pieces
)
SELECT count(*) FROM closed
"""  # noqa: S608 - column names of our own

_OPEN = f"""
INSERT INTO registers_version (valid, known, {_COLUMNS})
VALUES (tstzrange(%(since)s, %(until)s), tstzrange(%(at)s, NULL), %(register)s, %(record)s, %(key)s, %(definition)s,
        %(organization)s, %(data)s::jsonb, %(search_text)s, %(box)s::box, %(change)s)
"""  # noqa: S608 - column names of our own


@dataclass(frozen=True)
class Provenance:
    """Where a change comes from."""

    source: str = Change.Source.OFFICIAL
    ref: str = ""
    reason: str = ""


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
    """What a write did: the change, when it became known, how many versions it closed."""

    change: int
    at: datetime
    closed: int


def moment(value: datetime | date | None) -> datetime:
    """A moment, now when None; a day is its midnight in Việt Nam. Raises InvalidInput for years that no calendar reaches."""
    if value is None:
        return timezone.now()
    if not 1 < value.year < 9999:
        raise InvalidInput(_("Thời điểm “%(moment)s” không có thật.") % {"moment": value.isoformat()}, field="since")
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def lock(record: Record) -> None:
    """Hold a record until the end of the transaction: its changes come one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [record.pk])


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
    about = {"register": record.register_id, "record": record.pk, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGE,
            {
                **about,
                "kind": kind,
                "source": provenance.source,
                "source_ref": provenance.ref,
                "account": actor.account_id,
                "label": actor.label,
                "reason": provenance.reason,
            },
        )
        row = cursor.fetchone()
        assert row is not None
        change, at = row
        cursor.execute(_WRITE, {**about, "at": at, "change": change})
        closed = (cursor.fetchone() or (0,))[0]
        if state is not None:
            cursor.execute(
                _OPEN,
                {
                    **about,
                    "at": at,
                    "change": change,
                    "key": record.key,
                    "definition": state.definition,
                    "organization": state.organization,
                    "data": json.dumps(state.data, ensure_ascii=False),
                    "search_text": state.search_text,
                    "box": box_text(state.box),
                },
            )
    return Written(change, at, closed)


def box_text(corners: tuple[float, float, float, float] | None) -> str | None:
    """West, south, east and north as PostgreSQL writes a box."""
    if corners is None:
        return None
    west, south, east, north = corners
    return f"({east!r},{north!r}),({west!r},{south!r})"
