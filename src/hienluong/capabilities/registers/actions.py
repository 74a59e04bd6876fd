"""The verbs of registers: install a definition; create, change, correct, end and void a record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotFound, action
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas import cleaning, dated, lists

from . import attached, checking, history, moves, retiring, storage, temporal
from .access import Place, rights
from .certificates import course, followers, numbers
from .certificates.section import Certificate
from .definition import Access, RegisterSpec, breaks, label, problems
from .models import Change, Definition, Record, Register, Version
from .queries import place_of
from .sight import require_seen
from .temporal import Provenance, Standing, State, Written

BY_HAND = Provenance()


@action("registers.install")
def install(act: Act, *, spec: RegisterSpec, owner: Organization, pack: str = "") -> Definition:
    """Put a version of a definition into force; the same version again changes nothing.

    The version before ends on the day this one begins. Raises InvalidInput for faults, for another text under a number
    that is taken, and for records of the version before that this one would break without saying how to carry them over.
    """
    made: Definition = dated.install(
        act,
        dated.Kind(
            Register,
            Definition,
            "register",
            permission="registers.define",
            event="register.defined",
            of_another_pack=_("Cơ sở dữ liệu “%(code)s” thuộc gói khác (%(pack)s)."),
        ),
        spec=spec,
        owner=owner,
        pack=pack,
        problems=problems(spec),
        before=partial(_make_ready, spec),
        legal_basis=spec.legal_basis,
    )
    return made


def _make_ready(spec: RegisterSpec, register: Register, latest: Definition | None) -> None:
    """Records of the version before have a way into this one, and the register a place for its records."""
    uncovered = (
        [(name, why) for name, why in breaks(spec_of(latest), spec) if name not in spec.migrate] if latest else []
    )
    if uncovered and Version.objects.filter(register=register).exists():
        said = "; ".join(f"{name}: {why}" for name, why in uncovered)
        raise InvalidInput(
            _("Phiên bản mới cần cách chuyển dữ liệu (migrate): %(said)s.") % {"said": said}, field="migrate"
        )
    storage.ensure_partition(register)


@lru_cache(maxsize=512)
def _parsed(pk: int, digest: str) -> RegisterSpec:
    return RegisterSpec.model_validate(Definition.objects.values_list("spec", flat=True).get(pk=pk))


def spec_of(definition: Definition) -> RegisterSpec:
    """The definition read; it never changes, so it is read once."""
    return _parsed(definition.pk, definition.digest)


_ON = """
SELECT id, register_id, version, digest, valid FROM registers_definition
 WHERE register_id = %(register)s
 ORDER BY lower(valid) <= %(day)s::date DESC, abs(lower(valid) - %(day)s::date) LIMIT 1
"""


def definition_on(register: Register, day: date) -> Definition:
    """The definition in force on a day; for days before all of them, the first; for days that none covers, the last that
    was in force before. Its text is read once, by :func:`spec_of`."""
    with connection.cursor() as cursor:
        cursor.execute(_ON, {"register": register.pk, "day": day})
        row = cursor.fetchone()
    if row is None:
        raise NotFound(_("Cơ sở dữ liệu này chưa có định nghĩa."))
    return Definition.from_db(connection.alias, ["id", "register_id", "version", "digest", "valid"], row)


def all_on(day: date) -> list[tuple[Register, RegisterSpec]]:
    """Every register with its definition of a day (:func:`definition_on`), by code; one query, however many there are."""
    found: dict[int, Definition] = {}
    definitions = Definition.objects.defer("spec", "legal_basis").select_related("register__owner")
    for one in definitions.order_by("register__code", "valid"):
        if one.register_id not in found or one.valid.lower <= day:
            found[one.register_id] = one
    return [(one.register, spec_of(one)) for one in found.values()]


@action("registers.create")
def create(
    act: Act,
    *,
    register: Register,
    data: Mapping[str, Any],
    since: datetime | date | None = None,
    meant_for: date | None = None,
    provenance: Provenance = BY_HAND,
) -> Record:
    """Write a new record, true from `since` (now when None). Raises InvalidInput with the messages by field.

    `meant_for`: the day whose definition the data were given for, that of `since` when None; see :func:`.obeying.of_new`.
    """
    from . import migrating, obeying  # which carry over by the actions' own definitions

    begins = temporal.moment(since)
    definition = obeying.of_new(register, data, day=timezone.localdate(begins), meant_for=meant_for)
    spec = spec_of(definition)
    state = state_of(act, register, definition, data, key="", day=timezone.localdate(begins))
    key = str(state.data.get(spec.key.field) or "") if spec.key.field else _next_key(register, spec, begins)
    try:
        with transaction.atomic():
            record = Record.objects.create(register=register, key=key)
    except IntegrityError:
        raise InvalidInput(_("Đã có bản ghi “%(key)s”.") % {"key": key}, field=spec.key.field or "key") from None
    write(act, record, Change.Kind.CREATE, begins, None, _found_by(state, spec, key), spec, provenance)
    if definition.valid.upper:
        migrating.carry_over(act, record, definition, provenance)
    return record


@action("registers.change")
def change(
    act: Act,
    *,
    record: Record,
    data: Mapping[str, Any],
    since: datetime | date | None = None,
    until: datetime | date | None = None,
    correction: bool = False,
    whole: bool = False,
    expected: int | None = None,
    seen: Collection[str] | None = None,
    meant_for: date | None = None,
    provenance: Provenance = BY_HAND,
) -> Written:
    """Write what the record says from `since` until `until`; a `correction` says that it was so all along.

    With `whole`, what the writer may write and does not give becomes empty; else it stays as it is: where the record
    says other things later, they stay, each stretch is a change of its own (the last one is returned) under the
    definition of its day, and where the record has ended, it has ended. Where it is only to be carried over to another
    definition some day (:func:`.migrating.turns`), it says nothing else: what is written is carried over then. `meant_for`: the day whose definition the data were given for,
    see :func:`.obeying.of_change`. `expected` is the change that the writer saw
    last, `seen` the tags of what was seen (:mod:`.sight`): when somebody was faster, nothing is written. Raises
    InvalidInput, :class:`.sight.Overtaken`.
    """
    from . import migrating

    temporal.lock(record)
    unseen(record, expected, act.actor, seen)
    begins = temporal.moment(since)
    ends = None if until is None else temporal.moment(until)
    if ends is not None and ends <= begins:
        raise InvalidInput(_("Thời điểm kết thúc phải sau thời điểm bắt đầu."), field="until")
    stands: Standing | None = temporal.standing(record, begins)
    pieces = [(begins, ends)]
    if not stands or not stands.is_last:
        pieces = temporal.pieces(record, begins, ends, migrating.turns(record))
    written = None
    for start, stop in pieces:
        stands = stands or temporal.standing(record, start)
        written = _change(
            act, record, data, start, stop, stands, provenance, meant_for, correction=correction, whole=whole
        )
        stands = None
    assert written is not None, "there is a piece at least"
    return written


def _change(
    act: Act,
    record: Record,
    data: Mapping[str, Any],
    begins: datetime,
    ends: datetime | None,
    stands: Standing,
    provenance: Provenance,
    meant_for: date | None,
    *,
    correction: bool,
    whole: bool,
) -> Written:
    """The change of one stretch."""
    from . import migrating, obeying

    day = timezone.localdate(begins)
    definition, stands = obeying.of_change(record.register, stands, data, day=day, meant_for=meant_for)
    spec = spec_of(definition)
    if whole:
        writable = rights(act.actor, spec, place_of(record)).write
        data = {**dict.fromkeys(writable if correction else writable - spec.certified), **data}
    state = state_of(act, record.register, definition, data, key=record.key, day=day, record=record, stands=stands)
    if not correction and spec.certificate:
        _leave_certificate(spec, stands.data, state.data)
    if spec.key.field and state.data.get(spec.key.field) != record.key:
        raise InvalidInput(_("Khóa của bản ghi không đổi được."), field=spec.key.field)
    kind = Change.Kind.CORRECT if correction else Change.Kind.CHANGE
    written = write(act, record, kind, begins, ends, state, spec, provenance)
    if definition.valid.upper:
        migrating.carry_over(act, record, definition, provenance)
    return written


@action("registers.end")
def end(
    act: Act,
    *,
    record: Record,
    at: datetime | date | None = None,
    void: bool = False,
    seen: Collection[str] | None = None,
    provenance: Provenance = BY_HAND,
) -> Written:
    """End a record: from `at` on it says nothing. `void` says that it should never have been there at all. With the record
    ends its certificate, which takes the right to revoke it.

    Raises :class:`.sight.Overtaken` when none of the tags `seen` is of what is there.
    """
    temporal.lock(record)
    unseen(record, None, act.actor, seen)
    spec = spec_of(definition_on(record.register, timezone.localdate()))
    place = place_of(record)
    rights(act.actor, spec, place).require_write(set())
    if spec.certificate:
        _require_certifier(act.actor, spec.certificate, record, place, void=void)
    kind = Change.Kind.VOID if void else Change.Kind.END
    written = write(act, record, kind, None if void else temporal.moment(at), None, None, spec, provenance)
    if spec.certificate:
        followers.ended(act, record, is_void=void)
    return written


@action("registers.revert")
def revert(
    act: Act, *, record: Record, change: Change, newest: int | None = None, provenance: Provenance = BY_HAND
) -> Written:
    """Let a record say again what it said before its newest change; what is taken back stays in the history.

    Who takes back several changes, newest first, says with `newest` which change of the record is the last one by now.
    Raises InvalidInput when somebody has written to the record since.
    """
    temporal.lock(record)
    unseen(record, newest or change.pk, act.actor, None)
    retiring.require_whole(record)
    spec = spec_of(definition_on(record.register, timezone.localdate()))
    before, touched = history.undoing(change)
    rights(act.actor, spec, place_of(record)).require_write(touched & spec.writable(Access(write="*")))
    written = None
    for since, until, old in before:
        state = None
        if old is not None:
            box = checking.box(spec_of(old.definition), old.data)
            state = State(old.data, old.definition_id, old.organization_id, old.search_text, box)
        written = write(act, record, Change.Kind.UNDO, since, until, state, spec, provenance)
    if written is None:
        raise InvalidInput(_("Không có gì để hoàn tác."), field="change")
    if spec.certificate:
        followers.undone(act, change)
    return written


def write(
    act: Act,
    record: Record,
    kind: str,
    since: datetime | None,
    until: datetime | None,
    state: State | None,
    spec: RegisterSpec,
    provenance: Provenance,
) -> Written:
    """The write itself, its audit entry and its event; the entry names the fields, the history holds the values."""
    if kind != Change.Kind.UNDO:
        retiring.require_open(record.register, provenance)
        if record.merged_into_id and kind != Change.Kind.MERGE:
            raise InvalidInput(_("Bản ghi “%(key)s” đã được nhập vào bản ghi khác.") % {"key": record.key})
    if state and spec.certificate:
        numbers.hold(record, spec.certificate, state.data)
    written = temporal.write(act.actor, record, kind, since=since, until=until, state=state, provenance=provenance)
    act.record(
        record,
        verb=f"registers.{kind}",
        after={"change": written.change, "fields": sorted(state.data) if state else []},
        organization_id=state.organization if state else None,
        note=provenance.reason,
    )
    if state:
        attached.bind(record, spec, state.data)
    if written.moved:
        moves.told(act, record, written.change)
    if kind in spec.events:
        act.emit(f"register.{spec.code}.{kind}", record, {"key": record.key, "change": written.change})
    return written


def state_of(
    act: Act,
    register: Register,
    definition: Definition,
    data: Mapping[str, Any],
    *,
    key: str,
    day: date,
    record: Record | None = None,
    stands: Standing | None = None,
    granted: Collection[str] = (),
) -> State:
    """What the record will say from `day` on: fields that the writer may not write stay as they are.

    `stands`: what is known of the record at that moment. `granted`: fields that the caller may write by another right than that to the record, already checked.
    """
    spec = spec_of(definition)
    stands = stands or Standing({})
    before = stands.data
    organization, path = _organization(register, spec, {**before, **data}, stands)
    allowed = rights(act.actor, spec, Place(path, register.owner.path))
    touched = {name for name in data if name not in spec.fields or data[name] != before.get(name)} - set(spec.computed)
    if record and not granted and (stands.path or register.owner.path) != path:
        allowed_before = rights(act.actor, spec, Place(stands.path or register.owner.path, register.owner.path))
        allowed_before.require_write(touched & set(spec.fields))
    if not granted or touched - set(granted):
        allowed.require_write((touched - set(granted)) & set(spec.fields))
    with lists.as_of(day):
        checked = checking.check(spec, {**before, **data})
    if checked.errors:
        name, messages = next(iter(checked.errors.items()))
        raise InvalidInput(messages[0], field=name, errors=checked.errors)
    attached.require_own(act.actor, spec, before, checked.data)
    return _found_by(State(checked.data, definition.pk, organization), spec, key)


def _found_by(state: State, spec: RegisterSpec, key: str) -> State:
    words, box = checking.words(spec, key, state.data), checking.box(spec, state.data)
    return State(state.data, state.definition, state.organization, words, box)


def _leave_certificate(spec: RegisterSpec, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """What the certificate says is written by its acts, each of which knows what may follow what."""
    for name in spec.fields if spec.certified else ():
        if name in spec.certified and before.get(name) != after.get(name):
            raise InvalidInput(
                _("“%(label)s” thuộc về giấy: ghi bằng việc cấp, gia hạn, đình chỉ, thu hồi… hoặc đính chính.")
                % {"label": label(spec, name)},
                field=name,
            )


def _require_certifier(actor: Actor, section: Certificate, record: Record, place: Place, *, void: bool) -> None:
    """Whoever ends a certificate that is good, or lets there never have been one, may issue and revoke it."""
    newest = history.newest(record)
    terms = section.terms(newest.data if newest else {})
    is_good = course.standing_on(terms, timezone.localdate()) in ("valid", "suspended")
    if not (is_good or (void and terms.standing)) or actor.can("registers.import", place.responsible):
        return
    actor.require("registers.certify", place.responsible)


def _organization(register: Register, spec: RegisterSpec, data: Mapping[str, Any], stands: Standing) -> tuple[int, str]:
    """The organisation that is responsible, and its path; where the record stands already, it need not be looked up."""
    code = cleaning.text(str(data.get(spec.responsible) or "")) if spec.responsible else ""
    if not code:
        return register.owner_id, register.owner.path
    if stands.organization and code == stands.code:
        return stands.organization, stands.path
    found = Organization.objects.filter(code=code).values_list("pk", "path").first()
    if found is None:
        raise InvalidInput(_("Không có cơ quan “%(code)s”.") % {"code": code[:40]}, field=spec.responsible)
    return found


def _next_key(register: Register, spec: RegisterSpec, at: datetime) -> str:
    year = timezone.localdate(at).year
    number = series.next_number(f"register:{register.code}:{spec.key.scope(year)}")
    return spec.key.series.format(year=year, n=number)


def unseen(record: Record, expected: int | None, actor: Actor, seen: Collection[str] | None) -> None:
    if seen is not None:
        require_seen(actor, record, spec_of(definition_on(record.register, timezone.localdate())), seen)
    if expected is None:
        return
    newest = Change.objects.filter(record=record).order_by("-pk").values_list("pk", flat=True).first()
    if newest != expected:
        raise InvalidInput(_("Người khác vừa thay đổi bản ghi này. Hãy xem lại rồi ghi."), field="expected")
