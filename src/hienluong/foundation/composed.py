"""Questions to the database, and rows for it, that Django puts into words once.

To make the text of a query out of models takes Django longer than the database takes to answer it. An endpoint that is
asked thousands of times says the same words each time, with other values: they are made at the first asking and kept as
long as the process lives. The words alone are kept, never an answer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import AutoField, Expression, Model, QuerySet
from django.db.models import query as django_query
from django.db.transaction import TransactionManagementError

Found = TypeVar("Found", bound=Model)
#: As Django's own rows are read; typed for a later Django.
_populators: Any = django_query.get_related_populators
_planned_once: ContextVar[bool] = ContextVar("planned_once", default=False)
_PLAIN = (str, int, bool, type(None))


class _Place(Expression):
    """Where a value goes that is told at each asking."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True)
class _Words:
    """The text of a query, the values that go into it, and how a row becomes a model with what hangs on it."""

    text: str
    values: list[Any]
    model: type[Model]
    names: list[str]
    columns: slice
    related: list[Any]
    annotations: dict[str, int]
    converters: list[tuple[int, list[Any], Any]]
    locks: bool


class Composed(Generic[Found]):
    """A query, made by a function of the values that change; they are told by name, in the types of their columns.

    ```python
    enabled = Composed(lambda name: System.objects.filter(pk=name, disabled_at=None)[:1])
    system = enabled.first(name="abc")
    ```

    A moment is such a value, too: one that the function took itself would be the moment of the first asking for ever,
    so it is refused with ValueError.
    """

    def __init__(self, make: Callable[..., QuerySet[Found]]) -> None:
        self._make = make
        self._words: _Words | None = None

    def first(self, **told: Any) -> Found | None:
        """The first model that is found, or ``None``."""
        found = self.all(**told)
        return found[0] if found else None

    def all(self, **told: Any) -> list[Found]:
        """All that is found. Raises TransactionManagementError where rows are locked outside a transaction."""
        words = self._words
        if words is None:
            words = self._words = self._compose()
        if words.locks and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are locked only within a transaction.")
        values = [told[value.name] if isinstance(value, _Place) else value for value in words.values]
        with connection.cursor() as cursor:
            cursor.execute(words.text, values)
            rows = cursor.fetchall()
        return [self._model_of(words, list(row)) for row in rows]

    def _compose(self) -> _Words:
        queryset = self._make(**{name: _Place(name) for name in inspect.signature(self._make).parameters})
        compiler = queryset.query.get_compiler(connection=connection)
        text, values = compiler.as_sql()
        fixed = [value for value in values if not isinstance(value, (_Place, *_PLAIN))]
        if fixed:
            raise ValueError(f"{fixed!r} would stay the same for ever.")
        held: Any = compiler.klass_info
        select: Any = compiler.select
        first, last = held["select_fields"][0], held["select_fields"][-1] + 1
        return _Words(
            text=text,
            values=list(values),
            model=held["model"],
            names=[column[0].target.attname for column in select[first:last]],
            columns=slice(first, last),
            related=_populators(held, select, connection.alias),
            annotations=compiler.annotation_col_map or {},
            converters=[
                (at, made, expression)
                for at, (made, expression) in compiler.get_converters([column[0] for column in select]).items()
            ],
            locks=queryset.query.select_for_update,
        )

    def _model_of(self, words: _Words, row: list[Any]) -> Any:
        for at, converters, expression in words.converters:
            for convert in converters:
                row[at] = convert(row[at], expression, connection)
        found = words.model.from_db(connection.alias, words.names, row[words.columns])
        for related in words.related:
            related.populate(row, found)
        for name, at in words.annotations.items():
            setattr(found, name, row[at])
        return found


def insert(*rows: Model, unless_there: bool = False) -> None:
    """Write new rows of one model in one statement; signals are not sent, and the rows do not learn their numbers.

    `unless_there`: pass over a row that some constraint says is there already.
    """
    text, fields = _insertion(type(rows[0]), len(rows), unless_there)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(text, values)
    for row in rows:
        row._state.adding = False


def change(row: Model, *names: str) -> None:
    """Write these fields of a row that is there."""
    text, fields = _change(type(row), names)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(text, [*values, row.pk])


def remove(row: Model) -> None:
    """Delete a row that no other hangs on."""
    quoted = connection.ops.quote_name
    meta: Any = type(row)._meta
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {quoted(meta.db_table)} WHERE {quoted(meta.pk.column)} = %s", [row.pk])  # noqa: S608


@contextmanager
def planned_once() -> Iterator[None]:
    """Where all is found by unique keys, or written: the server may keep the plan of each statement, which is the same
    for any value. As a decorator of a view, before which nothing is asked of the database."""
    before = _planned_once.set(True)
    try:
        yield
    finally:
        _planned_once.reset(before)


def plans() -> str:
    """How statements are planned here (``plan_cache_mode``): for each value anew, but within :func:`planned_once`."""
    return "auto" if _planned_once.get() else "force_custom_plan"


@lru_cache(maxsize=64)
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    quoted = connection.ops.quote_name
    meta: Any = model._meta
    fields = [meta.get_field(name) for name in names]
    told = ", ".join(f"{quoted(field.column)} = %s" for field in fields)
    return f"UPDATE {quoted(meta.db_table)} SET {told} WHERE {quoted(meta.pk.column)} = %s", fields  # noqa: S608


@lru_cache(maxsize=64)
def _insertion(model: type[Model], count: int, unless_there: bool) -> tuple[str, list[Any]]:
    fields: list[Any] = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    quoted = connection.ops.quote_name
    places = ", ".join(
        field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s" for field in fields
    )
    columns = ", ".join(quoted(field.column) for field in fields)
    rows = ", ".join([f"({places})"] * count)
    text = f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) VALUES {rows}"  # noqa: S608 - names of models and fields
    return text + " ON CONFLICT DO NOTHING" * unless_there, fields
