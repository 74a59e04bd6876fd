"""The change feed: every change of a register, in the order in which it is committed for everybody.

A change is in the feed as soon as no transaction that began before it was written can still commit: one that reads on
from a cursor misses none, however slow it was to commit. The feed tells what is seen to change and nothing else: a
change after which the same is seen at every moment of valid time is not in it, whatever it changed behind that.

That fields were cleared of a record when the time to keep them was over is told among the changes, as of the kind
:data:`DISPOSED`, to whoever may read one of them: what is left, and which fields are gone from all that was ever said.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

from .models import Register
from .sight import BEGINNING, END, Said, Sight, Stretch

#: Most changes that one page holds, and most that are looked at for it.
MAX_PAGE = 1000
MOST_LOOKED_AT = 10_000
#: The kind and the source of an item that tells that fields of a record were cleared.
DISPOSED, RETENTION = "dispose", "retention"
# Disposals come after the changes of their transaction: their numbers are counted on from here.
_DISPOSALS_FROM = 2**62

# Up to the oldest transaction that still runs. Numbers of transactions begin anew when a database is restored elsewhere;
# the era counts the restorations. There is a row with the horizon even when there is no change.
_CHANGES = """
SELECT horizon.era, horizon.transaction::text, change.*
  FROM (SELECT registers_change_era() AS era, pg_snapshot_xmin(pg_current_snapshot()) AS transaction) AS horizon
  LEFT JOIN LATERAL (
       SELECT id, era, transaction::text AS transaction, record_id, kind, at, source FROM (
           (SELECT id, era, transaction, record_id, kind, at, source
              FROM registers_change
             WHERE register_id = %(register)s AND (era, transaction, id) > (%(era)s, %(transaction)s::xid8, %(id)s)
               AND (era, transaction) < (horizon.era, horizon.transaction)
             ORDER BY era, transaction, id LIMIT %(size)s)
           UNION ALL
           (SELECT id + %(disposals)s, era, transaction, record_id, %(disposed)s, at, %(retention)s
              FROM registers_disposal
             WHERE register_id = %(register)s AND (era, transaction) >= (%(era)s, %(transaction)s::xid8)
               AND (era, transaction, id + %(disposals)s) > (%(era)s, %(transaction)s::xid8, %(id)s)
               AND (era, transaction) < (horizon.era, horizon.transaction)
             ORDER BY era, transaction, registers_disposal.id LIMIT %(size)s)) AS told
        ORDER BY told.era, told.transaction, told.id LIMIT %(size)s) AS change ON true
 ORDER BY change.era, change.transaction::xid8, change.id
"""

# All that the records ever said, and whether it is what was thought when they were cleared.
_DISPOSALS = """
SELECT disposal.id, disposal.fields, version.key, version.organization_id, lower(version.valid), upper(version.valid),
       version.data, version.known @> disposal.at
  FROM registers_disposal disposal
  JOIN registers_version version ON version.register_id = disposal.register_id AND version.record_id = disposal.record_id
 WHERE version.register_id = %(register)s AND disposal.id = ANY(%(disposals)s::bigint[])
"""

_VERSIONS = """
SELECT opened_by_id, closed_by_id, key, organization_id, lower(valid), upper(valid), data
  FROM registers_version
 WHERE register_id = %(register)s
   AND (opened_by_id = ANY(%(changes)s::bigint[]) OR closed_by_id = ANY(%(changes)s::bigint[]))
"""


@dataclass(frozen=True)
class Entry:
    """What a change made a record say over a stretch of valid time; `data` is None where it now says nothing."""

    record: int
    key: str  # empty when it may not be read
    kind: str
    at: datetime  # known from
    source: str
    since: datetime | None  # None: from the beginning of all times
    until: datetime | None  # None: for ever
    data: Mapping[str, Any] | None
    #: Of what is told as :data:`DISPOSED`: the fields that are gone from all that was ever said.
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page of the feed; `after` asks for what follows, now or later. `more` says that there may be more at once."""

    entries: list[Entry]
    after: str
    more: bool


Place = tuple[int, int, int]  # era, transaction, id
_Change = tuple[int, int, str, int, str, datetime, str]  # id, era, transaction, record, kind, at, source
_Version = tuple[str, Said]  # the key, and what is said under it


def read(register: Register, sight: Sight, after: str = "", size: int = 100) -> Page:
    """What `sight` sees to change after a cursor (empty: from the first change on), at most `size` changes.

    Raises InvalidInput for what is no cursor. So that no question takes for ever, one page looks at no more than
    :data:`MOST_LOOKED_AT` changes: it may be short, or empty, with more to come.
    """
    size = max(1, min(size, MAX_PAGE))
    place = _unpacked(after) if after else (0, 0, 0)
    entries: list[Entry] = []
    told = looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        rows, end = _changes(register, place, size)
        looked_at += len(rows)
        before, now = _versions(register, [row[0] for row in rows if row[0] < _DISPOSALS_FROM])
        disposals = _disposals(register, [row[0] - _DISPOSALS_FROM for row in rows if row[0] >= _DISPOSALS_FROM])
        for number, era, transaction, record, kind, at, source in rows:
            place = era, int(transaction), number
            if disposal := disposals.get(number - _DISPOSALS_FROM):
                key, effect, cleared = disposal.seen(sight)
            else:
                (key, effect), cleared = _seen(sight, before.get(number, []), now.get(number, [])), ()
            for run in effect:
                entries.append(Entry(record, key, kind, at, source, *run.stretch, run.says, cleared))
            told += bool(effect)
            if told == size:
                return Page(entries, cursor_at(*place), more=True)
        if len(rows) < size:
            return Page(entries, cursor_at(*max(place, end)), more=False)
    return Page(entries, cursor_at(*place), more=True)


def _changes(register: Register, place: Place, size: int) -> tuple[list[_Change], Place]:
    """The next changes after a place, and how far every change is there: one statement, one moment."""
    era, transaction, number = place
    asked: dict[str, Any] = {
        "register": register.pk,
        "era": era,
        "transaction": str(transaction),
        "id": number,
        "size": size,
        "disposals": _DISPOSALS_FROM,
        "disposed": DISPOSED,
        "retention": RETENTION,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, asked)
        rows = cursor.fetchall()
    return [row[2:] for row in rows if row[2] is not None], (rows[0][0], int(rows[0][1]), 0)


def _versions(register: Register, changes: list[int]) -> tuple[dict[int, list[_Version]], dict[int, list[_Version]]]:
    """By change: the versions that it closed, and those that it opened."""
    closed: dict[int, list[_Version]] = {}
    opened: dict[int, list[_Version]] = {}
    if not changes:
        return closed, opened
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, {"register": register.pk, "changes": changes})
        for opened_by, closed_by, key, organization, since, until, text in cursor.fetchall():
            version = key, (organization, since, until, json.loads(text))
            opened.setdefault(opened_by, []).append(version)
            closed.setdefault(closed_by, []).append(version)
    return closed, opened


def _disposals(register: Register, numbers: list[int]) -> dict[int, _Disposal]:
    """What was cleared, by the number of the disposal."""
    found: dict[int, _Disposal] = {}
    if not numbers:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_DISPOSALS, {"register": register.pk, "disposals": numbers})
        for number, fields, key, organization, since, until, text, is_now in cursor.fetchall():
            said = found.setdefault(number, _Disposal(frozenset(fields), [], []))
            version = key, (organization, since, until, json.loads(text))
            (said.now if is_now else said.before).append(version)
    return found


@dataclass(frozen=True)
class _Disposal:
    """Fields that were cleared of a record, what it still said then, and what was once thought of it."""

    fields: frozenset[str]
    now: list[_Version]
    before: list[_Version]

    def seen(self, sight: Sight) -> tuple[str, list[_Run], tuple[str, ...]]:
        """The key, what is left to be seen, and which fields are gone; nothing for whoever could read none of them."""
        cleared: set[str] = set()
        key = ""
        for name, (organization, *_said) in (*self.now, *self.before):
            cleared |= self.fields & sight.fields(organization)
            key = key or (name if sight.shows_key(organization) else "")
        if not cleared:
            return key, [], ()
        left = [_Run(one.data, one.since, one.until) for one in sight.timeline([said for _key, said in self.now])]
        return key, left or [_Run(None, BEGINNING, END)], tuple(sorted(cleared))


@dataclass
class _Run:
    """A stretch over which the same is said now, and the part of it that said something else before."""

    says: Mapping[str, Any] | None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def stretch(self) -> tuple[datetime | None, datetime | None]:
        """That part; None for a side that is without end."""
        return None if self.since == BEGINNING else self.since, None if self.until == END else self.until


def _seen(sight: Sight, before: list[_Version], now: list[_Version]) -> tuple[str, list[_Run]]:
    """The key of the record, when it may be read, and what is seen to change."""
    key = ""
    for name, said in (*now, *before):
        if sight.shows_key(said[0]):
            key = name
            break
    return key, _effect(sight.timeline([said for _key, said in before]), sight.timeline([said for _key, said in now]))


def _effect(before: list[Stretch], now: list[Stretch]) -> list[_Run]:
    """Where what is seen differs from what was seen: as few stretches as say it."""
    if not before and len(now) == 1:  # a new record, most often
        return [_Run(now[0].data, now[0].since, now[0].until)]
    moments = sorted({moment for one in (*before, *now) for moment in (one.since, one.until)})
    runs: list[_Run] = []
    broken = True
    for begins, ends in pairwise(moments):
        was, says = _said(before, begins), _said(now, begins)
        if was is None and says is None:
            broken = True
            continue
        if broken or runs[-1].says != says:
            runs.append(_Run(says))
            broken = False
        if was != says:
            runs[-1].since, runs[-1].until = runs[-1].since or begins, ends
    return [run for run in runs if run.since]


def _said(timeline: list[Stretch], moment: datetime) -> Mapping[str, Any] | None:
    return next((one.data for one in timeline if one.since <= moment < one.until), None)


def cursor_at(era: int, transaction: int, change: int) -> str:
    """The cursor of a reader who has read up to a change, this one included."""
    return base64.urlsafe_b64encode(json.dumps([era, transaction, change]).encode()).decode()


def _unpacked(cursor: str) -> Place:
    try:
        era, transaction, number = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        whole = all(type(part) is int for part in (era, transaction, number))
        if whole and 0 <= era < 2**15 and 0 <= transaction < 2**64 and 0 <= number < 2**63:
            return era, transaction, number
    except (ValueError, binascii.Error, TypeError, RecursionError):
        pass
    raise InvalidInput(_("Con trỏ “after” không đúng. Hãy đọc lại từ đầu."), field="after")
