"""Many rows of one table with PostgreSQL's COPY: a third of the time of INSERT, and times stay as they are given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import JSONField, Model
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

Row = TypeVar("Row", bound=Model)
_json = json.JSONEncoder(ensure_ascii=False).encode

#: Rows from which on the planner must hear of them at once: what it believes of a table that was empty a moment ago makes
#: it read all of it for each row that refers to it, until autovacuum comes by.
_MANY = 1000


def copy(model: type[Model], rows: Iterable[Model | None]) -> None:
    """Write rows whose keys the table gives itself, unless :func:`numbered` gave them theirs. Ones that were given no
    time of their own get the present."""
    kept = [row for row in rows if row is not None]
    if not kept:
        return
    own_keys = kept[0].pk is not None
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    if not own_keys:
        fields.remove(model._meta.pk)
    now = timezone.now()

    def value(row: Model, field: Any) -> Any:
        found = getattr(row, field.attname)
        if found is None and getattr(field, "auto_now_add", False):
            return now
        return Jsonb(found, dumps=_json) if isinstance(field, JSONField) and found is not None else found

    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join([sql.Identifier(str(f.column)) for f in fields])
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as out:
            for row in kept:
                row._prepare_related_fields_for_save(operation_name="bulk_create")  # type: ignore[attr-defined]
                out.write_row([value(row, field) for field in fields])
        if len(kept) >= _MANY:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(model._meta.db_table)))


def numbered(rows: Sequence[Row]) -> Sequence[Row]:
    """Give rows their keys before they are written, so that others of the same :func:`copy` may refer to them."""
    if rows:
        table, key = rows[0]._meta.db_table, str(rows[0]._meta.pk.column)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, key, len(rows)]
            )
            for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = number
    return rows
