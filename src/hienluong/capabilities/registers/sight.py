"""What somebody sees of a register's records, version by version, and the tag by which a writer says what was seen.

A version shows the fields that may be read of every record, and at the organisations where one may read, those that may
be read there. Two versions that show the same are the same: what is hidden leaves no seam.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, DomainError
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization

from . import queries
from .definition import RegisterSpec
from .models import Record, Register

_VERSIONS = """
SELECT record_id, key, organization_id, lower(valid), upper(valid), data
  FROM registers_version WHERE register_id = %(register)s AND {which} AND {when}
"""
_BY_KEY_THEN = "record_id = (SELECT id FROM registers_record WHERE register_id = %(register)s AND key = %(key)s)"

#: A version as it is read: the organisation, since, until (None: without end), the data.
Said = tuple[int, datetime | None, datetime | None, Mapping[str, Any]]
#: The beginning and the end of all times, to put moments in order by.
BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Stretch:
    """What is seen of a record over a stretch of valid time, from `since` until `until`."""

    since: datetime
    until: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Sight:
    """The fields that one may read of every record, and of those at `places` (None: at every place)."""

    everywhere: frozenset[str]
    own: frozenset[str]
    places: frozenset[int] | None
    key: str  # the field that is the key; empty when a series gives it

    def fields(self, organization: int) -> frozenset[str]:
        """The fields that may be read of a version at an organisation."""
        return self.own if self.places is None or organization in self.places else self.everywhere

    def data(self, organization: int, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is seen of a version; None when it is as if it were not there."""
        fields = self.fields(organization)
        return {name: value for name, value in data.items() if name in fields} if fields else None

    def shows_key(self, organization: int) -> bool:
        """Whether the key is seen of a version at an organisation."""
        return not self.key or self.key in self.fields(organization)

    @property
    def widest(self) -> frozenset[str]:
        """The fields that may be read of some record."""
        return self.everywhere if self.places == frozenset() else self.own

    @property
    def anything(self) -> bool:
        """Whether one may read anything at all, of any record."""
        return bool(self.widest)

    def timeline(self, versions: Iterable[Said]) -> list[Stretch]:
        """What is seen over time: versions (organisation, since, until, data) in order, those that show the same joined."""
        found: list[Stretch] = []
        versions = list(versions)
        if len(versions) > 1:
            versions.sort(key=lambda version: version[1] or BEGINNING)
        for organization, since, until, data in versions:
            seen = self.data(organization, data)
            if seen is None:
                continue
            begins, ends = since or BEGINNING, until or END
            if found and found[-1].until == begins and found[-1].data == seen:
                found[-1] = Stretch(found[-1].since, ends, seen)
            else:
                found.append(Stretch(begins, ends, seen))
        return found


def sight(actor: Actor, register: Register, spec: RegisterSpec) -> Sight:
    """What `actor` sees of a register; what no rule gives is not seen."""
    everywhere = queries.whole(actor, register, spec).fields
    own = everywhere | spec.readable(spec.access.responsible) | spec.readable(spec.access.public)
    paths = actor.paths_with("registers.read")
    places: frozenset[int] | None = frozenset()
    if "/" in paths:
        places = None
    elif paths and own != everywhere:
        under = reach.below(paths)
        places = frozenset(Organization.objects.filter(under).values_list("pk", flat=True))
    return Sight(everywhere, own, places, spec.key.field)


def widest(actor: Actor, register: Register, spec: RegisterSpec) -> frozenset[str]:
    """The fields that `actor` may read of some record, without asking the database."""
    fields = queries.whole(actor, register, spec).fields
    return fields | spec.readable(spec.access.responsible) if actor.paths_with("registers.read") else fields


@dataclass(frozen=True)
class Seen:
    """One record as somebody sees it at a moment, and the tag of it."""

    record: int
    key: str  # empty when it may not be read
    data: dict[str, Any] | None  # None: nothing is said of it at that moment
    tag: str


def look(
    register: Register, seen_by: Sight, record: int, valid: datetime | None = None, known: datetime | None = None
) -> Seen | None:
    """One record, as :func:`look_many` gives it."""
    return look_many(register, seen_by, [record], valid, known).get(record)


def look_by_key(
    register: Register, seen_by: Sight, key: str, valid: datetime | None = None, known: datetime | None = None
) -> Seen | None:
    """The record with a key, as :func:`look_many` gives it; None also where the key may not be read."""
    which = (
        _BY_KEY_THEN if known else "key = %(key)s"
    )  # only what is known now is found by key in the versions themselves
    seen = next(iter(_look(register, seen_by, which, {"key": key}, valid, known).values()), None)
    return seen if seen and seen.key else None


def look_many(
    register: Register,
    seen_by: Sight,
    records: Sequence[int],
    valid: datetime | None = None,
    known: datetime | None = None,
) -> dict[int, Seen]:
    """Records at the moment `valid`, as they were known at `known` (None: now), by id: those of which anything is seen."""
    which = "record_id = ANY(%(records)s::bigint[])"
    return _look(register, seen_by, which, {"records": list(records)}, valid, known)


def _look(
    register: Register,
    seen_by: Sight,
    which: str,
    asked: dict[str, Any],
    valid: datetime | None,
    known: datetime | None,
) -> dict[int, Seen]:
    """The records of which anything is seen; `which` is a condition of our own on the versions."""
    with connection.cursor() as cursor:
        when = "known @> %(known)s" if known else "upper_inf(known)"
        cursor.execute(_VERSIONS.format(which=which, when=when), {"register": register.pk, "known": known, **asked})
        rows = cursor.fetchall()
    versions: dict[int, list[Said]] = {}
    keys: dict[int, str] = {}
    for record, key, place, since, until, text in rows:
        versions.setdefault(record, []).append((place, since, until, json.loads(text)))
        if seen_by.shows_key(place):
            keys[record] = key
    moment = valid or timezone.now()
    seen = {}
    for record, said in versions.items():
        if timeline := seen_by.timeline(said):
            key = keys.get(record, "")
            data = next((dict(one.data) for one in timeline if one.since <= moment < one.until), None)
            seen[record] = Seen(record, key, data, _tag(key, data, timeline))
    return seen


class Unconditional(DomainError):
    """A write that does not say over what: the tag of what the writer saw is missing."""

    code = "registers.if_match_missing"
    status = 428

    def __init__(self) -> None:
        super().__init__(_("Hãy gửi kèm nhãn (ETag) của bản ghi đã xem, ở If-Match."), field="if_match")


class Overtaken(DomainError):
    """Somebody was faster: what may be read of the record is no longer what the writer saw."""

    code = "registers.overtaken"
    status = 412

    def __init__(self) -> None:
        super().__init__(_("Người khác vừa thay đổi bản ghi này. Hãy xem lại rồi ghi."), field="if_match")


def require_seen(actor: Actor, record: Record, spec: RegisterSpec, seen: Collection[str]) -> None:
    """Raise :class:`Overtaken` unless one of the tags `seen` (``*`` is any) is of what is there of a (locked) record.

    Only what is seen over all time counts: the same tags hold whatever moment was looked at.
    """
    if "*" in seen:
        return
    now = look(record.register, sight(actor, record.register, spec), record.pk)
    if now is None or _over_time(now.tag) not in map(_over_time, seen):
        raise Overtaken


def _over_time(tag: str) -> str:
    return tag.rpartition(".")[2]


def _tag(key: str, data: Mapping[str, Any] | None, timeline: Iterable[Stretch]) -> str:
    """Two digests: of what is seen at the moment, and of what is seen over all time."""
    whole = [(one.since.isoformat(), one.until.isoformat(), one.data) for one in timeline]
    return f"{_digest([key, data])}.{_digest(whole)}"


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
