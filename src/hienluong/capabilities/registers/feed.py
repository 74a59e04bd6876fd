"""The change feed: every change of a register, in the order in which it is committed for everybody.

A change is in the feed as soon as no transaction that began before it was written can still commit: one that reads on
from a cursor misses none, however slow it was to commit. The feed tells what is seen to change and nothing else: a
change after which the same is seen at every moment of valid time is not in it, whatever it changed behind that.
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

# Numbers of transactions begin anew when a database is restored elsewhere; the era counts the restorations.
_HORIZON = "SELECT registers_change_era(), pg_snapshot_xmin(pg_current_snapshot())::text"

_CHANGES = """
SELECT id, era, transaction::text, record_id, kind, at, source
  FROM registers_change
 WHERE register_id = %(register)s AND (era, transaction, id) > (%(era)s, %(transaction)s::xid8, %(id)s)
   AND (era, transaction) < (%(now_era)s, %(horizon)s::xid8)
 ORDER BY era, transaction, id LIMIT %(size)s
"""

_VERSIONS = """
SELECT {change}, key, organization_id, lower(valid), upper(valid), data
  FROM registers_version WHERE register_id = %(register)s AND {change} = ANY(%(changes)s::bigint[])
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


@dataclass(frozen=True)
class Page:
    """A page of the feed; `after` asks for what follows, now or later. `more` says that there may be more at once."""

    entries: list[Entry]
    after: str
    more: bool


Place = tuple[int, int, int]  # era, transaction, id
_Version = tuple[str, Said]  # the key, and what is said under it


def read(register: Register, sight: Sight, after: str = "", size: int = 100) -> Page:
    """What `sight` sees to change after a cursor (empty: from the first change on), at most `size` changes.

    Raises InvalidInput for what is no cursor. So that no question takes for ever, one page looks at no more than
    :data:`MOST_LOOKED_AT` changes: it may be short, or empty, with more to come.
    """
    size = max(1, min(size, MAX_PAGE))
    place = _unpacked(after) if after else (0, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON)
        era, horizon = cursor.fetchone() or (0, "0")
    end: Place = (era, int(horizon), 0)
    entries: list[Entry] = []
    told = looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        rows = _changes(register, place, end, size)
        looked_at += len(rows)
        before, now = _versions(register, [row[0] for row in rows])
        for number, row_era, transaction, record, kind, at, source in rows:
            place = row_era, int(transaction), number
            key, effect = _seen(sight, before.get(number, []), now.get(number, []))
            entries += [Entry(record, key, kind, at, source, *run.stretch, run.says) for run in effect]
            told += bool(effect)
            if told == size:
                return Page(entries, cursor_at(*place), more=True)
        if len(rows) < size:
            return Page(entries, cursor_at(*max(place, end)), more=False)
    return Page(entries, cursor_at(*place), more=True)


def _changes(
    register: Register, place: Place, end: Place, size: int
) -> list[tuple[int, int, str, int, str, datetime, str]]:
    era, transaction, number = place
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGES,
            {
                "register": register.pk,
                "era": era,
                "transaction": str(transaction),
                "id": number,
                "now_era": end[0],
                "horizon": str(end[1]),
                "size": size,
            },
        )
        found: list[tuple[int, int, str, int, str, datetime, str]] = cursor.fetchall()
    return found


def _versions(register: Register, changes: list[int]) -> tuple[dict[int, list[_Version]], dict[int, list[_Version]]]:
    """By change: the versions that it closed, and those that it opened."""
    found: list[dict[int, list[_Version]]] = []
    for column in ("closed_by_id", "opened_by_id"):
        by_change: dict[int, list[_Version]] = {}
        with connection.cursor() as cursor:
            cursor.execute(_VERSIONS.format(change=column), {"register": register.pk, "changes": changes})
            for change, key, *said in cursor.fetchall():
                by_change.setdefault(change, []).append((key, (said[0], said[1], said[2], json.loads(said[3]))))
        found.append(by_change)
    return found[0], found[1]


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
    key = next((key for key, said in (*now, *before) if sight.shows_key(said[0])), "")
    return key, _effect(sight.timeline(said for _key, said in before), sight.timeline(said for _key, said in now))


def _effect(before: list[Stretch], now: list[Stretch]) -> list[_Run]:
    """Where what is seen differs from what was seen: as few stretches as say it."""
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
