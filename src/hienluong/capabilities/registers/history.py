"""What happened to a record, told change by change, with no more than one may read; and what it said at a moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .definition import RegisterSpec
from .models import Change, Record, Version

#: Changes of one page of a history.
PAGE = 50
#: Kinds of changes of which nothing is told but the fields that they changed.
_BY_FIELDS = (Change.Kind.CHANGE, Change.Kind.CORRECT, Change.Kind.UNDO)
Range = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Difference:
    """One field before and after; None when it was not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Told:
    """One change of a record: what kind, known from when, by whom, for which time in the world, which fields."""

    change: Change
    valid: Range
    differences: list[Difference]
    turned_to: int | None = None  # the version of the definition, when the record was only carried over to it


def told(record: Record, spec: RegisterSpec, readable: Collection[str], *, before: int | None = None) -> list[Told]:
    """The newest changes first, :data:`PAGE` of them, older than the change `before`.

    A change that touched only what may not be read is not told at all.
    """
    from .migrating import is_carried  # which writes by the actions, and these undo by this module

    changes = Change.objects.filter(record=record).order_by("-pk")
    if before is not None:
        changes = changes.filter(pk__lt=before)
    page = list(changes[:PAGE])
    numbers = [change.pk for change in page]
    versions = Version.objects.filter(register=record.register_id, record=record)
    versions = versions.select_related("definition").defer("definition__spec", "definition__legal_basis")
    opened = _by(versions.filter(opened_by__in=numbers), "opened_by_id")
    closed = _by(versions.filter(closed_by__in=numbers), "closed_by_id")
    found = []
    for change in page:
        stretch, after, said = _written(change.kind, opened.get(change.pk, []), closed.get(change.pk, []))
        seen = list(differences(spec, said.data if said else {}, after.data if after else {}, readable))
        turned = change.kind == Change.Kind.CHANGE and after and said and is_carried(said, after)
        if seen or turned or change.kind not in _BY_FIELDS:
            found.append(Told(change, stretch, seen, after.definition.version if after and turned else None))
    return found


def differences(
    spec: RegisterSpec, before: Mapping[str, Any], after: Mapping[str, Any], readable: Collection[str]
) -> Iterator[Difference]:
    """The readable fields that are not the same, in the order of the definition."""
    for name in spec.fields:
        if name in readable and before.get(name) != after.get(name):
            yield Difference(name, before.get(name), after.get(name))


def at(record: Record, valid: datetime, known: datetime | None = None) -> Version | None:
    """What the record said of the moment `valid`, as it was known at `known` (None: now); None when it said nothing."""
    found = Version.objects.filter(register=record.register_id, record=record, valid__contains=valid)
    found = found.filter(known__contains=known) if known else found.filter(known__upper_inf=True)
    return found.select_related("organization").first()


def newest(record: Record, by: datetime | None = None) -> Version | None:
    """What is known now of the latest time (begun `by` a moment) of which the record says anything; None when it was voided."""
    found = Version.objects.filter(register=record.register_id, record=record, known__upper_inf=True)
    if by is not None:
        found = found.filter(valid__startswith__lte=by)
    return found.select_related("organization").order_by("-valid").first()


def last_change(record: Record) -> int:
    """The number of the newest change: what a writer must have seen (`expected`)."""
    return Change.objects.filter(record=record).order_by("-pk").values_list("pk", flat=True).first() or 0


def said(changes: Iterable[Told]) -> Iterator[dict[str, Any]]:
    """What the told changes name, before and after, as data."""
    for change in changes:
        yield {difference.field: difference.before for difference in change.differences}
        yield {difference.field: difference.after for difference in change.differences}


Stretch = tuple[datetime | None, datetime | None, Version | None]


def undoing(change: Change) -> tuple[list[Stretch], set[str]]:
    """What would have to be written to say again what was said before a change, stretch by stretch (None: nothing),
    and the fields that this touches."""
    versions = Version.objects.filter(register=change.register_id, record=change.record_id)
    opened = list(versions.filter(opened_by=change))
    closed = sorted(versions.filter(closed_by=change).select_related("definition"), key=_begins)
    kept = [piece for piece in opened if any(_inside(piece, old) and piece.data == old.data for old in closed)]
    if change.kind in (Change.Kind.END, Change.Kind.VOID) or (change.kind == Change.Kind.MERGE and opened == kept):
        return [(old.valid.lower, old.valid.upper, old) for old in closed], set()
    found: list[Stretch] = []
    touched: set[str] = set()
    for new in (version for version in opened if version not in kept):
        said = [old for old in closed if _meet(old, new)]
        found += _filled(new, said)
        for old in said:
            touched |= {name for name in {*old.data, *new.data} if old.data.get(name) != new.data.get(name)}
    return found, touched


def _filled(new: Version, said: Sequence[Version]) -> Iterator[Stretch]:
    """The time of `new` in pieces: what was said there before, and nothing where nothing was."""
    reached: datetime | None = new.valid.lower
    for old in said:
        since = max(filter(None, (old.valid.lower, new.valid.lower)), default=None)
        until = min(filter(None, (old.valid.upper, new.valid.upper)), default=None)
        if since is not None and (reached is None or reached < since):
            yield reached, since, None
        yield since, until, old
        reached = until
        if until is None:
            return
    if not said or reached != new.valid.upper:
        yield reached, new.valid.upper, None


def _by(versions: Any, name: str) -> dict[int, list[Version]]:
    found: dict[int, list[Version]] = {}
    for version in versions:
        found.setdefault(getattr(version, name), []).append(version)
    return found


def _written(
    kind: str, opened: Sequence[Version], closed: Sequence[Version]
) -> tuple[Range, Version | None, Version | None]:
    """The stretch that a change wrote, what it says there, and what was said there before; None for nothing.

    Of what it opened, the pieces that stuck out of the stretch are only known on: they lie inside something that it
    closed and say the same.
    """
    kept = [piece for piece in opened if any(_inside(piece, old) and piece.data == old.data for old in closed)]
    if kind in (Change.Kind.END, Change.Kind.VOID):
        said = max(closed, key=_begins, default=None)
        ended = [piece.valid.upper for piece in kept] or [old.valid.lower for old in closed]
        return (max(filter(None, ended), default=None), None), None, said
    new = [version for version in opened if version not in kept]
    if not new and kind == Change.Kind.UNDO and closed:  # of what made the record say something
        said = min(closed, key=_begins)
        return (said.valid.lower, said.valid.upper), None, said
    if not new:  # what was there already
        return (None, None), None, None
    version = min(new, key=_begins)
    before = next((old for old in sorted(closed, key=_begins) if _meet(old, version)), None)
    return (version.valid.lower, version.valid.upper), version, before


def _begins(version: Version) -> float:
    return version.valid.lower.timestamp() if version.valid.lower else float("-inf")


def _ends(version: Version) -> tuple[float, float]:
    return _begins(version), version.valid.upper.timestamp() if version.valid.upper else float("inf")


def _inside(piece: Version, whole: Version) -> bool:
    return _ends(whole)[0] <= _ends(piece)[0] and _ends(piece)[1] <= _ends(whole)[1]


def _meet(one: Version, other: Version) -> bool:
    return _ends(one)[0] < _ends(other)[1] and _ends(other)[0] < _ends(one)[1]
