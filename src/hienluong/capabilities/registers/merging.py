"""Two records of one thing become one: shown first, done whole, undone whole unless somebody wrote since.

The record that is kept takes fields of the other where it is told to; the other ends, and its key leads to the kept one
for ever. References in other records stay as they were written and are followed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.schemas.kinds import FILES
from hienluong.foundation.search.text import fold

from . import migrating, temporal
from .access import rights
from .actions import BY_HAND, definition_on, revert, spec_of, state_of, unseen, write
from .definition import RegisterSpec
from .models import CertificateAct, Change, Merge, Record, Register, Version
from .queries import Scope, as_of, place_of, value_of
from .temporal import Provenance

#: From which likeness on (0 to 1) two names are nearly the same.
ALIKE = 0.85
#: Most records that are compared by name, and most that are suggested.
COMPARED, SUGGESTED = 50, 10


class Differs(InvalidInput):
    """These two records cannot become one."""

    code = "registers.cannot_merge"


@dataclass(frozen=True)
class Plan:
    """What a merge would do: what both say now, and what the kept one would say."""

    kept: Mapping[str, Any]
    other: Mapping[str, Any]
    result: Mapping[str, Any]


def plan(spec: RegisterSpec, kept: Record, other: Record, take: Collection[str]) -> Plan:
    """What `kept` would say with the fields `take` of `other`. Raises :class:`Differs`."""
    if kept.register_id != other.register_id or kept.pk == other.pk:
        raise Differs(_("Hãy chọn hai bản ghi khác nhau của cùng một cơ sở dữ liệu."), field="other")
    for record in (kept, other):
        if record.merged_into_id:
            raise Differs(_("Bản ghi “%(key)s” đã được nhập vào bản ghi khác.") % {"key": record.key}, field="other")
    if CertificateAct.objects.filter(record=other, undone_at=None).exclude(paper="").exists():
        raise Differs(
            _("Bản ghi “%(key)s” đã có giấy được cấp nên không nhập vào bản ghi khác được. Hãy giữ bản ghi ấy.")
            % {"key": other.key},
            field="other",
        )
    for name in take:
        if name not in takeable(spec):
            raise Differs(_("Không lấy được trường “%(name)s” từ bản ghi kia.") % {"name": name[:80]}, field="take")
    mine, theirs = _now(kept), _now(other)
    return Plan(mine, theirs, {**mine, **{name: theirs.get(name) for name in take}})


def takeable(spec: RegisterSpec) -> set[str]:
    """The fields that may be taken from the other record: not its key, its certificate, nor files, which stay its own."""
    files = {name for name, prop in spec.fields.items() if prop.get("x-kind") in FILES}
    return set(spec.fields) - {spec.key.field, *spec.computed} - spec.certified - files


def _now(record: Record) -> Mapping[str, Any]:
    version = as_of(record.register).filter(record=record).first()
    if version is None:
        raise Differs(_("Bản ghi “%(key)s” đã chấm dứt.") % {"key": record.key}, field="other")
    return dict(version.data)


@action("registers.merge")
def merge(
    act: Act,
    *,
    kept: Record,
    other: Record,
    take: Collection[str] = (),
    expected: int | None = None,
    expected_other: int | None = None,
    provenance: Provenance = BY_HAND,
) -> Merge:
    """Let `other` live on in `kept`, which takes the fields `take` from it; needs the right to write both.

    `expected`, `expected_other`: the newest changes that were seen. Raises :class:`Differs`, InvalidInput, NotAllowed.
    """
    for record in sorted((kept, other), key=lambda one: one.pk):
        temporal.lock(record)
    kept.refresh_from_db(fields=["merged_into"])
    other.refresh_from_db(fields=["merged_into"])
    unseen(kept, expected, act.actor, None)
    unseen(other, expected_other, act.actor, None)
    at = timezone.now()
    definition = definition_on(kept.register, timezone.localdate(at))
    spec = spec_of(definition)
    found = plan(spec, kept, other, take)
    for record in (kept, other):
        allowed = rights(act.actor, spec, place_of(record))
        allowed.require_write(set())
        if set(take) - allowed.read:
            raise Differs(_("Không lấy được trường mà bạn không được xem."), field="take")
    changed = None
    if any(found.kept.get(name) != found.other.get(name) for name in take):
        given = {name: found.other.get(name) for name in take}
        day = timezone.localdate(at)
        stands = temporal.standing(kept, at)
        if not _is_last(kept, at):
            raise Differs(_("Bản ghi được giữ có thay đổi chưa tới ngày. Hãy nhập sau ngày đó."), field="take")
        state = state_of(act, kept.register, definition, given, key=kept.key, day=day, record=kept, stands=stands)
        changed = write(act, kept, Change.Kind.MERGE, at, None, state, spec, provenance).change
        if definition.valid.upper:
            migrating.carry_over(act, kept, definition, provenance)
    ended = write(act, other, Change.Kind.MERGE, at, None, None, spec, provenance).change
    led_here = list(Record.objects.filter(merged_into=other).values_list("pk", flat=True))
    Record.objects.filter(pk__in=[other.pk, *led_here]).update(merged_into=kept)
    other.merged_into = kept
    done = Merge.objects.create(
        register=kept.register,
        kept=kept,
        other=other,
        kept_change_id=changed,
        other_change_id=ended,
        kept_newest=_newest_change(kept),
        moved=led_here,
        label=act.actor.label,
        reason=provenance.reason,
    )
    about = {"kept": kept.key, "other": other.key, "fields": sorted(take)}
    act.record(done, after=about, note=provenance.reason)
    act.emit(f"register.{spec.code}.merge", kept, {"key": kept.key, "other": other.key, "merge": done.pk})
    return done


@action("registers.undo_merge")
def undo(act: Act, *, done: Merge, provenance: Provenance = BY_HAND) -> Merge:
    """Make two records of one again, as they were. Raises InvalidInput when somebody wrote to either since."""
    done = Merge.objects.select_for_update().get(pk=done.pk)
    if done.undone_at:
        raise InvalidInput(_("Việc nhập này đã được hoàn tác."))
    kept, other = done.kept, done.other
    for record in sorted((kept, other), key=lambda one: one.pk):
        temporal.lock(record)
    unseen(kept, done.kept_newest, act.actor, None)
    if Record.objects.filter(pk=kept.pk).exclude(merged_into=None).exists():
        raise InvalidInput(_("Bản ghi được giữ đã được nhập vào bản ghi khác. Hãy hoàn tác việc đó trước."))
    revert(act, record=other, change=done.other_change, provenance=provenance)
    if done.kept_change:
        revert(act, record=kept, change=done.kept_change, newest=done.kept_newest, provenance=provenance)
    spec = spec_of(definition_on(kept.register, timezone.localdate()))
    rights(act.actor, spec, place_of(kept)).require_write(set())
    Record.objects.filter(pk=other.pk).update(merged_into=None)
    Record.objects.filter(pk__in=done.moved, merged_into=kept).update(merged_into=other)
    done.undone_at = timezone.now()
    done.save(update_fields=("undone_at",))
    act.record(done, after={"undone": True}, note=provenance.reason)
    act.emit(f"register.{kept.register.code}.undo_merge", kept, {"key": kept.key, "other": other.key})
    return done


def _is_last(record: Record, at: datetime) -> bool:
    """Whether nothing else is said of a record after `at`, but that it is carried over to another definition."""
    last = migrating.last_before_turns(record)
    return last is None or last.valid.lower is None or last.valid.lower <= at


def _newest_change(record: Record) -> int:
    return Change.objects.filter(record=record).latest("pk").pk


def suggestions(register: Register, spec: RegisterSpec, scope: Scope, record: Record) -> list[Version]:
    """Records that may be the same thing: of the same person or enterprise, or of nearly the same name.

    Only what the scope shows is looked at, and only fields that may be read of it.
    """
    there = as_of(register).filter(scope.rows) if scope.rows else as_of(register)
    mine = there.filter(record=record).values_list("data", flat=True).first()
    if mine is None:
        return []
    others = there.exclude(record=record)
    found: dict[int, Version] = {}
    number = mine.get(spec.subject) if spec.subject in scope.fields else None
    if number:
        same = others.filter(Exact(value_of(spec.subject, "text"), str(number)))  # as its index has it
        found |= {one.record_id: one for one in same.order_by("record_id")[:SUGGESTED]}
    name = fold(str(mine.get(spec.name) or "")) if spec.name in scope.fields else ""
    if len(name) > 3:
        near = others.filter(Q(TrigramWordSimilar(F("search_text"), name))).order_by("record_id")[:COMPARED]
        for one in near:
            if SequenceMatcher(None, name, fold(str(one.data.get(spec.name) or ""))).ratio() >= ALIKE:
                found.setdefault(one.record_id, one)
    return list(found.values())[:SUGGESTED]
