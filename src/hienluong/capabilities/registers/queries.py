"""Reading records as they are, or as they were: ``as_of(valid, known)``; lists that show no more than one may see."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import (
    BooleanField,
    DecimalField,
    F,
    Func,
    Lookup,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable
from hienluong.foundation.search.text import fold

from . import crowds, nearness
from .access import Place
from .certificates import finding
from .definition import RegisterSpec, order_of, sorts
from .models import Agreement, Definition, Record, Register, Version

MAX_PAGE = 1000
#: Digits before or after the decimal point beyond which a number is none of ours (and more than PostgreSQL may hold).
MAX_DIGITS = 100
_COLUMNS = ("record_id", "key", "id", "data")
Box = tuple[float, float, float, float]  # west, south, east, north


def as_of(
    register: Register, valid: datetime | None = None, known: datetime | None = None, first: Q | None = None
) -> QuerySet[Version]:
    """What a register said of the moment `valid`, as it was known at `known`; None is now.

    The server asks of each row what stands first, first: `first` is for what nearly no row fulfils.
    """
    then: dict[str, Any] = {"known__contains": known} if known else {"known__upper_inf": True}
    found = Version.objects.filter(first) if first else Version.objects.all()
    return found.filter(register_id=register.pk, valid__contains=valid or timezone.now(), **then)


@dataclass(frozen=True)
class Scope:
    """Whose records a list holds, and the fields that may be read of every one of them.

    Nothing but these fields decides what a list says: not its rows, their order, their number, nor its messages.
    """

    rows: Q
    fields: frozenset[str]
    only_now: bool = False  # no other day may be asked for, nor what was once known


def own(actor: Actor, spec: RegisterSpec, verb: str = "registers.read") -> Scope:
    """The records of the organisations where `actor` may read (or do what `verb` says with what is read)."""
    paths = actor.paths_with(verb)
    fields = spec.readable(spec.access.responsible) | spec.readable(spec.access.public)
    if "/" in paths:
        return Scope(Q(), fields)
    under = reach.below(paths)
    places = list(Organization.objects.filter(under).values_list("pk", flat=True))
    return Scope(Q(_one_of(places)), fields)


def _one_of(places: list[int]) -> Func:
    """Whether a version stands at one of these organisations: one parameter, however many they are."""
    listed = Value(f"{{{','.join(map(str, places))}}}")
    return Func(
        F("organization_id"),
        listed,
        template="(%(expressions)s::bigint[]))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def whole(actor: Actor, register: Register, spec: RegisterSpec, verb: str = "registers.read") -> Scope:
    """All records, with what one may read of every one: as the owner's official (with `verb` there), or as anybody."""
    fields = spec.readable(spec.access.public)
    if actor.can(verb, register.owner.path):
        fields |= spec.readable(spec.access.owner)
    return Scope(Q() if fields else Q(pk__in=[]), fields)


def shared(
    actor: Actor, register: Register, spec: RegisterSpec, day: date | None = None, verb: str = "registers.read"
) -> dict[str, Scope]:
    """By the code of each agreement in force on `day` (today when None) for `actor`: the records and fields it gives.

    `verb`: what is done with what is read, as in :func:`own`.

    Agreements are not put together: a record shows the fields of one of them, never what two give of different ones.
    Only :func:`.sharing.read` reads in these scopes: it counts and logs what is shown.
    """
    on = day or timezone.localdate()
    found = Agreement.objects.select_related("consumer").filter(
        register=register, state=Agreement.State.APPROVED, valid__contains=on
    )
    return {one.code: scope_of(one, spec) for one in found.order_by("code") if uses(actor, one.consumer.path, verb)}


def shared_registers(actor: Actor, day: date) -> set[int]:
    """The keys of the registers of which an agreement in force on a day gives `actor` something; one query."""
    found = Agreement.objects.select_related("consumer").filter(state=Agreement.State.APPROVED, valid__contains=day)
    return {one.register_id for one in found if uses(actor, one.consumer.path)}


def uses(actor: Actor, consumer: str, verb: str = "registers.read") -> bool:
    """Whether somebody reads for the organisation with this path: there, above it or in a unit of it."""
    return actor.can(verb, consumer) or any(path.startswith(consumer) for path in actor.paths_with(verb))


def scope_of(agreement: Agreement, spec: RegisterSpec) -> Scope:
    """The records and fields of an agreement; none when the register no longer has what its filter asks for."""
    rows = Q()
    try:
        for asked, text in agreement.filters.items():
            name = asked.partition("__")[0]
            rows &= condition(asked, order_of(spec.fields[name]) if name in spec.fields else "", text)
    except InvalidInput:
        rows = Q(pk__in=[])
    return Scope(rows, frozenset(agreement.fields) & frozenset(spec.fields), only_now=True)


def place_of(record: Record) -> Place:
    """Where a record stands now: at the organisation of its newest version."""
    versions = Version.objects.filter(register=record.register_id, record=record, known__upper_inf=True)
    newest = versions.order_by("-valid").values_list("organization__path", flat=True).first()
    owner = record.register.owner.path
    return Place(newest or owner, owner)


@dataclass(frozen=True)
class Wish:
    """What a list is asked for."""

    text: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)  # name, or name__from and name__to
    standing: str = ""  # of the certificate on the day of the list: one of certificates.finding.ASKED
    sort: str = ""  # -name is downwards
    box: Box | None = None
    near: nearness.Near | None = None
    valid: datetime | None = None
    known: datetime | None = None
    after: str = ""
    size: int = 50
    record: int | None = None  # only this one


@dataclass(frozen=True)
class Row:
    """One record of a list: the fields that may be read, and nothing else."""

    record: int
    key: str  # empty when it may not be read
    version: int
    data: dict[str, Any]
    #: The number of whom it is about, also where that may not be read: for the log of looks, never shown.
    subject: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Page:
    """A page of a list; `after` asks for the next one, empty when there is none."""

    rows: list[Row]
    after: str


def find(register: Register, spec: RegisterSpec, scope: Scope, wish: Wish) -> Page:
    """The records that fit, in order, a page at a time. Raises InvalidInput for what cannot be asked in this scope."""
    found = narrow(register, spec, scope, wish)
    size = max(1, min(wish.size, MAX_PAGE))
    name, down = wish.sort.removeprefix("-"), wish.sort.startswith("-")
    order = _sorting(spec, scope, name) if name else ""
    after = _unpacked(wish.after) if wish.after else None
    if name:
        rows = _in_order(found.annotate(sorted_by=value_of(name, order)), order, after, size + 1, down=down)
    else:
        rows = _by_record(found, after[1] if after else None, size + 1)
    more = ""
    if len(rows) > size:
        last = rows[size - 1]
        more = _packed([_plain(last[4]) if name else None, last[0]])
    return Page([shown(spec, scope, *row[:4]) for row in rows[:size]], more)


def _in_order(
    found: QuerySet[Any], order: str, after: tuple[Any, int] | None, size: int, *, down: bool
) -> list[tuple[Any, ...]]:
    """The rows with a value, as its index has them (downwards the records too), then those without one."""
    value, record = after or ("", None)
    rows: list[tuple[Any, ...]] = []
    if value is not None:
        valued = found.filter(sorted_by__isnull=False)
        if record is not None:
            start = _typed(order, value, "after")
            if down:
                valued = valued.filter(Q(sorted_by__lt=start) | Q(record_id__lt=record), sorted_by__lte=start)
            else:
                valued = valued.filter(Q(sorted_by__gt=start) | Q(record_id__gt=record), sorted_by__gte=start)
        valued = valued.order_by("-sorted_by", "-record_id") if down else valued.order_by("sorted_by", "record_id")
        rows = list(valued.values_list(*_COLUMNS, "sorted_by")[:size])
        record = None
    if len(rows) < size:
        rest = _by_record(found.filter(sorted_by__isnull=True), record, size - len(rows), down=down)
        rows += [(*row, None) for row in rest]
    return rows


def _by_record(found: QuerySet[Any], after: int | None, size: int, *, down: bool = False) -> list[tuple[Any, ...]]:
    if after is not None:
        found = found.filter(record_id__lt=after) if down else found.filter(record_id__gt=after)
    return list(found.order_by("-record_id" if down else "record_id").values_list(*_COLUMNS)[:size])


def every(register: Register, spec: RegisterSpec, scope: Scope, wish: Wish) -> Iterator[Row]:
    """All records that fit, in the order of :func:`find`, of one moment, in pieces that do not fill the memory.

    Within a transaction. Raises InvalidInput for what cannot be asked in this scope.
    """
    found = narrow(register, spec, scope, wish)
    name, down = wish.sort.removeprefix("-"), wish.sort.startswith("-")
    if name:
        value = value_of(name, _sorting(spec, scope, name))
        order = value.desc(nulls_last=True) if down else value.asc(nulls_last=True)
        found = found.order_by(order, "-record_id" if down else "record_id")
    else:
        found = found.order_by("record_id")
    rows = found.values_list(*_COLUMNS).iterator(chunk_size=MAX_PAGE)
    return (shown(spec, scope, *row) for row in rows)


def count(register: Register, spec: RegisterSpec, scope: Scope, wish: Wish, most: int = 10_000) -> int:
    """How many records fit; `most` + 1 when there are more. Raises InvalidInput for what cannot be asked."""
    return narrow(register, spec, scope, wish).order_by()[: most + 1].count()


def narrow(register: Register, spec: RegisterSpec, scope: Scope, wish: Wish) -> QuerySet[Version]:
    """The versions that fit, in no order. Raises InvalidInput for what cannot be asked in this scope."""
    if scope.only_now and (wish.valid or wish.known):
        raise InvalidInput(_("Thỏa thuận chia sẻ chỉ cho xem dữ liệu hiện nay."), field="ngay")
    conditions = [scope.rows] if scope.rows else []
    if wish.record is not None:
        conditions.append(Q(record_id=wish.record))
    if words := fold(wish.text).split()[:12]:
        if _worded(spec) - scope.fields:
            raise InvalidInput(_("Không tìm được bằng từ trong phạm vi này."), field="text")
        conditions += [Q(search_text__contains=word) for word in words]
        conditions.append(_where(register, lambda older: not _worded(older) - scope.fields))
    for asked, text in wish.filters.items():
        name = asked.partition("__")[0]
        conditions.append(condition(asked, _order(spec, scope, name), text))
    if wish.standing:
        section = spec.certificate
        if section is None or section.decides - scope.fields or wish.standing not in finding.ASKED:
            raise _unknown(wish.standing)
        conditions.append(finding.standing(section, wish.standing, timezone.localdate(wish.valid)))
    first = None
    for asked, where in (("box", wish.box), ("near", wish.near)):
        if where is None:
            continue
        if not spec.map or spec.map not in scope.fields:
            raise InvalidInput(_("Không tìm được theo bản đồ trong phạm vi này."), field=asked)
        if isinstance(where, nearness.Near):
            conditions.append(nearness.condition(where))
        elif _is_plain(wish) and crowds.is_crowded(register, where, wish.size):
            first = nearness.within(where, crowded=True)
        else:
            conditions.append(nearness.within(where))
        conditions.append(placed(register, scope))
    return as_of(register, wish.valid, wish.known, first).filter(*conditions)


def _is_plain(wish: Wish) -> bool:
    """Whether a list in the order of records is asked for nothing but a box, now."""
    more = (wish.text, wish.filters, wish.standing, wish.sort, wish.record, wish.near, wish.valid, wish.known)
    return not any(more)


def _worded(spec: RegisterSpec) -> set[str]:
    """The fields whose words a record is found by."""
    return {spec.name, *spec.search, spec.key.field} - {""}


def placed(register: Register, scope: Scope) -> Q:
    """The versions whose box is of a geometry that may be read in a scope."""
    return _where(register, lambda older: older.map in scope.fields)


def _where(register: Register, may: Callable[[RegisterSpec], bool]) -> Q:
    """The versions by whose definition something may be found: words and box of a version were made by the one it obeys,
    from fields that need not be those of today."""
    from .actions import spec_of  # the actions read by this module

    found = list(Definition.objects.filter(register=register).only("pk", "digest"))
    sound = [one.pk for one in found if may(spec_of(one))]
    return Q() if len(sound) == len(found) else Q(definition__in=sound)


_LOOKUPS: Mapping[str, type[Lookup[Any]]] = {"": Exact, "from": GreaterThanOrEqual, "to": LessThanOrEqual}


def condition(asked: str, order: str, text: str) -> Q:
    """What a filter (name, ``name__from``, ``name__to``) asks of a version. Raises InvalidInput."""
    name, _mark, end = asked.partition("__")
    lookup = _LOOKUPS.get(end)
    if lookup is None or not order:
        raise _unknown(asked)
    return Q(lookup(value_of(name, order), _typed(order, text, asked)))


def value_of(name: str, order: str) -> Func:
    """A field's value as its index holds it (:class:`.storage.Wanted`); `name` is one of a definition's."""
    if order == "unit":
        return Func(template=f"((registers_version.data -> '{name}') ->> 'unit')", output_field=TextField())
    text = f"(registers_version.data ->> '{name}')"
    if order == "number":
        is_number = f"jsonb_typeof(registers_version.data -> '{name}') = 'number'"
        return Func(template=f"(CASE WHEN {is_number} THEN {text}::numeric END)", output_field=DecimalField())
    return Func(template=text, output_field=TextField())


def _order(spec: RegisterSpec, scope: Scope, name: str) -> str:
    """How the field is ordered; one that may not be read is as unknown as one that does not exist."""
    if name not in scope.fields or not (order := order_of(spec.fields[name])):
        raise _unknown(name)
    return order


def _sorting(spec: RegisterSpec, scope: Scope, name: str) -> str:
    """How a list is put in order by the field; an address puts nothing in order."""
    order = _order(spec, scope, name)
    if not sorts(order):
        raise _unknown(name)
    return order


def _unknown(name: str) -> InvalidInput:
    return InvalidInput(_("Không lọc, sắp xếp được theo “%(name)s”.") % {"name": name[:80]}, field=name[:80])


def _typed(order: str, text: str, asked: str) -> Any:
    if order == "number":
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
            raise InvalidInput(_("“%(text)s” không phải số.") % {"text": text[:40]}, field=asked)
        return number
    return storable(text)


def _plain(value: object) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _packed(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode()


def _unpacked(cursor: str) -> tuple[Any, int]:
    try:
        value, record = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if (value is None or isinstance(value, str)) and isinstance(record, int) and 0 <= record < 2**63:
            return value, record
    except (ValueError, binascii.Error, TypeError, RecursionError):
        pass
    raise InvalidInput(_("Trang này không còn. Hãy xem lại từ đầu."), field="after")


def shown(spec: RegisterSpec, scope: Scope, record: int, key: str, version: int, data: Mapping[str, Any]) -> Row:
    """One record with the fields that may be read."""
    visible = {name: value for name, value in data.items() if name in scope.fields}
    seen_key = key if not spec.key.field or spec.key.field in scope.fields else ""
    return Row(record, seen_key, version, visible, str(data.get(spec.subject) or "") if spec.subject else "")
