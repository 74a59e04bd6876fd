"""Many rows of one table with PostgreSQL's COPY: a third of the time of INSERT, and times stay as they are given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb


def copy(model: type[Model], rows: Iterable[Model | None]) -> None:
    """Write rows whose keys the table gives itself. Ones that were given no time of their own get the present."""
    kept = [row for row in rows if row is not None]
    if not kept:
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    now = timezone.now()

    def value(row: Model, field: Any) -> Any:
        found = getattr(row, field.attname)
        if found is None and getattr(field, "auto_now_add", False):
            return now
        return Jsonb(found) if isinstance(field, JSONField) and found is not None else found

    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join([sql.Identifier(str(f.column)) for f in fields])
    )
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in kept:
            row._prepare_related_fields_for_save(operation_name="bulk_create")  # type: ignore[attr-defined]
            out.write_row([value(row, field) for field in fields])
