"""What the product holds of a person: each module says how to find it, and in which words it is told.

A person may have a copy of it (Luật 91/2025/QH15, điểm a khoản 2 Điều 15), so whoever adds a table that names a party or an
account hands a holding over in ``ready()``, or says with :func:`leave_out` why none is needed; a test finds those who forgot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from hienluong.foundation.files.models import StoredFile

Text = str | Promise
Row = Mapping[str, Any]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Person:
    """Whose data: by the account, by the party it stands for, by the official; what is None there is not."""

    account_id: int | None = None
    party_id: int | None = None
    official_id: int | None = None


def no_files(person: Person) -> Iterable[StoredFile]:
    """Nothing but rows."""
    return ()


@dataclass(frozen=True)
class Holding:
    """One kind of thing that is held of a person; `models` are the tables it answers for (``app.Model``)."""

    code: str
    title: Text
    models: tuple[str, ...]
    labels: Mapping[str, Text]
    rows: Callable[[Person], Iterable[Row]]
    files: Callable[[Person], Iterable[StoredFile]] = field(default=no_files)


_holdings: dict[str, Holding] = {}
_left_out: dict[str, str] = {}


def hand_over(*holdings: Holding) -> None:
    """Add to what is held of people (called from ``ready()``)."""
    for holding in holdings:
        _holdings[holding.code] = holding


def leave_out(reason: str, *models: str) -> None:
    """Say, for engineers, why these tables hold nothing that is a person's own though they name one."""
    _left_out.update(dict.fromkeys(models, reason))


def all_holdings() -> list[Holding]:
    """Everything that modules handed over, by code."""
    return [_holdings[code] for code in sorted(_holdings)]


def left_out() -> Mapping[str, str]:
    """By table, why it is not told."""
    return dict(_left_out)


def belonging(found: QuerySet[M], *fields: str, to: int | None) -> QuerySet[M]:
    """Of these, those that name this key in one of the fields; none for nobody (a field that is empty names nobody)."""
    if to is None:
        return found.none()
    named = Q()
    for name in fields:
        named |= Q(**{name: to})
    return found.filter(named)


def values(found: QuerySet[Any], fields: Sequence[str]) -> Iterable[Row]:
    """Rows of a query with these fields of the model (``a__b`` goes on), read in parts."""
    return found.values(*fields).iterator(chunk_size=500)


def attributes(found: Iterable[Model], fields: Sequence[str]) -> Iterable[Row]:
    """The same of objects in hand, for what only Python can read (numbers that are encrypted)."""
    return ({name: getattr(one, name) for name in fields} for one in found)
