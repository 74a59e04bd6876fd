"""Code lists as fields see them: whoever keeps lists hands them over, and a code is held against its list on a day.

A field of kind ``code`` names its list in ``x-list``. ``x-leaf: true`` takes only codes that nothing stands below;
``x-under: "44"`` takes only codes below that one. A day for which no edition of the list is held decides nothing: what
we do not know of we do not refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hienluong.foundation.search.text import fold

from . import units
from .properties import Property, properties

#: Most choices that are offered in one box; longer lists are searched.
MOST_CHOICES = 30


@dataclass(frozen=True, slots=True)
class Item:
    """A code over a range of days (`until` is the first day without it; None is unbounded)."""

    value: str
    name: str
    name_en: str = ""
    parent: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def label(self) -> str:
        """Its name in the language of the reader."""
        return self.name_en if self.name_en and (get_language() or "vi").startswith("en") else self.name

    def holds(self, day: date) -> bool:
        """Whether the code may be used on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Edition:
    """One edition of a list, read whole: its items in order."""

    code: str
    title: str  # of the list
    since: date | None
    until: date | None
    items: Sequence[Item]
    by_value: Mapping[str, list[Item]] = field(init=False)
    below: Mapping[str, list[Item]] = field(init=False)

    def __post_init__(self) -> None:
        by_value: dict[str, list[Item]] = {}
        below: dict[str, list[Item]] = {}
        for item in self.items:
            by_value.setdefault(item.value, []).append(item)
            below.setdefault(item.parent, []).append(item)
        object.__setattr__(self, "by_value", by_value)
        object.__setattr__(self, "below", below)

    def holds(self, day: date) -> bool:
        """Whether the edition is in force on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def item(self, value: str, day: date) -> Item | None:
        """The code as it is on a day."""
        return next((item for item in self.by_value.get(value, ()) if item.holds(day)), None)

    def is_leaf(self, value: str, day: date) -> bool:
        """Whether nothing stands below a code on a day."""
        return not any(item.holds(day) for item in self.below.get(value, ()))

    def is_under(self, item: Item, above: str) -> bool:
        """Whether an item stands somewhere below the code `above`."""
        seen: set[str] = set()
        parent = item.parent
        while parent and parent not in seen:
            if parent == above:
                return True
            seen.add(parent)
            parent = next((found.parent for found in self.by_value.get(parent, ())), "")
        return False


class Source(Protocol):
    """Whoever keeps lists."""

    def knows(self, name: str) -> bool:
        """Whether there is such a list."""

    def editions(self, name: str) -> Sequence[Edition]:
        """Its editions, the newest first; none when the list is not there."""


class _Nothing:
    def knows(self, name: str) -> bool:
        return False

    def editions(self, name: str) -> Sequence[Edition]:
        return ()


class _Held:
    """Some lists as they were at one moment."""

    def __init__(self, names: Iterable[str]) -> None:
        source = _source()
        self._lists = {name: tuple(source.editions(name)) for name in names}
        self._known = frozenset(name for name in self._lists if source.knows(name))

    def knows(self, name: str) -> bool:
        return name in self._known

    def editions(self, name: str) -> Sequence[Edition]:
        return self._lists.get(name, ())


def held(schemas: Iterable[Property]) -> Source:
    """The lists that these schemas name, as they are now: for who checks without reaching the database."""
    return _Held({name for schema in schemas for name in _named(schema)})


def _named(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if name := schema.get("x-list"):
            yield str(name)
        for part in schema.values():
            yield from _named(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _named(part)


_registered: list[Source] = [_Nothing()]
_reading: ContextVar[Source | None] = ContextVar("lists", default=None)
_day: ContextVar[date | None] = ContextVar("lists_day", default=None)


def register(source: Source) -> None:
    """Let the app that keeps lists answer (called from ``ready()``)."""
    _registered[:] = [source]


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Let `source` answer here: a pack is checked against the files it brings, without a database."""
    token = _reading.set(source)
    try:
        yield
    finally:
        _reading.reset(token)


class _Besides:
    """Some lists as they are given; all others as whoever answers says them."""

    def __init__(self, given: Mapping[str, Sequence[Edition]], others: Source) -> None:
        self._given, self._others = given, others

    def knows(self, name: str) -> bool:
        return name in self._given or self._others.knows(name)

    def editions(self, name: str) -> Sequence[Edition]:
        return self._given[name] if name in self._given else self._others.editions(name)


@contextmanager
def besides(given: Mapping[str, Sequence[Edition]]) -> Iterator[None]:
    """Let these lists be there as well: those of a pack that is still being written."""
    with reading(_Besides(given, _source())):
        yield


@contextmanager
def as_of(day: date) -> Iterator[None]:
    """Let codes be held against their lists, and be called, as on this day: what is written is valid from then on."""
    token = _day.set(day)
    try:
        yield
    finally:
        _day.reset(token)


def today() -> date:
    """The day on which codes are looked at."""
    return _day.get() or timezone.localdate()


def _source() -> Source:
    return _reading.get() or _registered[0]


def knows(name: str) -> bool:
    """Whether there is a list of this name."""
    return _source().knows(name)


def edition_on(name: str, day: date) -> Edition | None:
    """The edition of a list that is in force on a day; None when none is held."""
    return next((edition for edition in _source().editions(name) if edition.holds(day)), None)


def item_on(name: str, value: str, day: date) -> Item | None:
    """A code of a list as it is on a day."""
    edition = edition_on(name, day)
    return edition.item(value, day) if edition else None


def label(name: str, value: str, day: date | None = None) -> str:
    """What a code means on a day (today when None), else what it meant last; the code itself when nobody knows."""
    found = item_on(name, value, day or today())
    if found is None:
        found = next((item[-1] for edition in _source().editions(name) if (item := edition.by_value.get(value))), None)
    return found.label if found else value


def fault(value: object, prop: Property, day: date | None = None) -> str:
    """What is wrong with a code of a field on a day (today when None), with ``%(label)s`` for the field; else empty."""
    name, code = str(prop.get("x-list", "")), str(value)
    on = day or today()
    edition = edition_on(name, on)
    if edition is None:
        return ""
    item = edition.item(code, on)
    if item is None and name == units.LIST and not code.isdigit():
        return units.missing(code, allowed(prop, on), edition).replace("%", "%%")  # it names the field itself
    if item is None:
        return _escaped(_missing(name, code, on, edition))
    if prop.get("x-leaf") and not edition.is_leaf(code, on):
        said = _("“%(code)s” (%(name)s) là một nhóm; hãy chọn mã chi tiết hơn.")
        return _escaped(said % {"code": code, "name": item.label})
    if (above := str(prop.get("x-under", ""))) and not edition.is_under(item, above):
        said = _("“%(code)s” (%(name)s) không thuộc “%(above)s”.")
        return _escaped(said % {"code": code, "name": item.label, "above": label(name, above, on)})
    return ""


def _escaped(said: str) -> str:
    """The message after the field's name, safe in a text that is still to be filled."""
    return "%(label)s: " + said.replace("%", "%%")


def _missing(name: str, code: str, on: date, edition: Edition) -> str:
    """Nobody knows the code, or it is of another time: then what it meant is said, and when."""
    words = {"code": code[:40], "list": edition.title, "day": f"{on:%d/%m/%Y}"}
    for other in _source().editions(name):
        for item in other.by_value.get(code, ()):
            words["name"] = item.label
            ends = _earliest(item.until, other.until)
            if ends and ends <= on:
                return _("mã “%(code)s” (%(name)s) hết hiệu lực từ ngày %(ends)s.") % {
                    **words,
                    "ends": f"{ends:%d/%m/%Y}",
                }
            begins = _latest(item.since, other.since)
            if begins and begins > on:
                return _("mã “%(code)s” (%(name)s) chỉ có từ ngày %(begins)s.") % {
                    **words,
                    "begins": f"{begins:%d/%m/%Y}",
                }
    return _("không có mã “%(code)s” trong danh mục “%(list)s” vào ngày %(day)s.") % words


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)


def allowed(prop: Property, day: date | None = None) -> list[Item]:
    """The items that a field takes on a day, in the order of the list."""
    on = day or today()
    edition = edition_on(str(prop.get("x-list", "")), on)
    if edition is None:
        return []
    above, leaf = str(prop.get("x-under", "")), bool(prop.get("x-leaf"))
    return [
        item
        for item in edition.items
        if item.holds(on)
        and (not leaf or edition.is_leaf(item.value, on))
        and (not above or edition.is_under(item, above))
    ]


def allowed_before(prop: Property, day: date | None = None) -> list[Item]:
    """The items that a field took at some time and takes no more, the latest first: records of then hold them."""
    known = {item.value for item in allowed(prop, day)}
    above, leaf = str(prop.get("x-under", "")), bool(prop.get("x-leaf"))
    found = []
    for edition in _source().editions(str(prop.get("x-list", ""))):
        for item in edition.items:
            if item.value in known or (leaf and edition.below.get(item.value)):
                continue
            if not above or edition.is_under(item, above):
                known.add(item.value)
                found.append(item)
    return found


def choices(prop: Property, day: date | None = None) -> list[tuple[str, str]]:
    """Code and label of each item that a field takes; none when there are too many to offer in one box."""
    found = allowed(prop, day)
    return [(item.value, item.label) for item in found] if len(found) <= MOST_CHOICES else []


def spelled(prop: Property, text: str, day: date | None = None) -> str:
    """The code that a typed text means: itself, ``0111 - Trồng lúa``, ``Xã Cửa Việt - 19496``, or a name that only one bears.

    What means no code, or several, stays as it was typed.
    """
    on = day or today()
    edition = edition_on(str(prop.get("x-list", "")), on)
    if edition is None or edition.item(text, on):
        return text
    first = text.split(" ", 1)[0].rstrip(":-–")
    if first != text and (item := edition.item(first, on)) and fold(item.name) in fold(text):
        return first
    last = text.rsplit(" ", 1)[-1]
    if last != text and (item := edition.item(last, on)) and fold(item.label) in fold(text):
        return last
    wanted, offered = fold(text), allowed(prop, on)
    found = {item.value for item in offered if wanted in (fold(item.name), fold(item.name_en))}
    if not found and prop.get("x-list") == units.LIST:
        found = units.named(text, offered)
    return found.pop() if len(found) == 1 else text


def problems(prop: Property) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with how a field names its list, its choices or its units, here and in its columns, each with its place."""
    name = prop.get("x-list")
    if prop.get("x-kind") == "code" and not name:
        title = prop.get("title")
        yield (), f"“{title}”: chưa chọn danh mục" if title else "chưa chọn danh mục"
    elif name is not None and not (isinstance(name, str) and knows(name)):
        yield ("x-list",), f"không có danh mục “{name}”"
    elif name is not None and (above := prop.get("x-under")) is not None:
        editions = _source().editions(name)
        if editions and not any(str(above) in edition.by_value for edition in editions):
            yield ("x-under",), f"danh mục “{name}” không có mã “{above}”"
    for keyword, said in (("x-leaf", "chỉ nhận mã ở cấp cuối cùng"), ("x-under", "chỉ nhận mã dưới một mã khác")):
        if keyword in prop and name is None:
            yield (keyword,), f"{said} thì phải chọn danh mục"
    if prop.get("enum") == []:
        yield ("enum",), f"“{prop.get('title', '')}”: chưa ghi các lựa chọn"
    if prop.get("x-units") == []:
        yield ("x-units",), f"“{prop.get('title', '')}”: chưa ghi đơn vị"
        return  # the choice of a unit out of none is the same fault
    for column, part in properties(prop).items():
        yield from (((("properties", column, *path)), message) for path, message in problems(part))
    items = prop.get("items")
    if isinstance(items, Mapping):
        yield from ((("items", *path), message) for path, message in problems(items))
