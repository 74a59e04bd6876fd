"""What many tests start from is built once a process, then put back as rows.

Building goes through the actions and takes a fifth of a second and more; copying the rows back takes a tenth of that.
Sequences do not go back with a transaction, so the keys of the rows stay free.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any, TypeVar

from django.db import connection, transaction
from psycopg import sql

from hienluong.capabilities.registers import storage
from hienluong.capabilities.registers.models import Register

T = TypeVar("T")
#: Versions of records.
VERSIONS = "registers_version"
#: What refers to other rows is looked at when it is written, not at the end as foreign keys are: these come after all.
LAST = ("registers_record", "registers_change", VERSIONS)
#: Rows that migrating makes, the same for every test.
STAYING = ("django_content_type", "auth_permission", "django_migrations")
#: By database and builder: what the builder returned, and the rows of each table.
_kept: dict[tuple[str, Callable[[], Any]], tuple[Any, dict[str, bytes]]] = {}


def filled_tables() -> list[str]:
    """The tables that hold something a test wrote."""
    tables = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in STAYING]
    tables.append(VERSIONS)  # partitioned, so Django does not manage it
    any_row = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(any_row)
        return [name for (name,) in cursor.fetchall()]


def ready(build: Callable[[], T]) -> T:
    """What `build` builds, a copy of its own for each test. In a database that is not empty it is built as usual."""
    if filled_tables():
        return build()
    key = (str(connection.settings_dict["NAME"]), build)
    if key not in _kept:
        built = build()
        _kept[key] = (deepcopy(built), {table: _read(table) for table in filled_tables()})
        return built
    kept, rows = _kept[key]
    with transaction.atomic():  # rows that refer to one another are there together
        for table, content in rows.items():
            if table not in LAST:
                _write(table, content)
        for table in LAST[:-1]:
            if table in rows:
                _write(table, rows[table])
        for register in Register.objects.all():
            storage.ensure_partition(register)  # the rows are put back, a partition is not
        if VERSIONS in rows:
            _write(VERSIONS, rows[VERSIONS])
    return deepcopy(kept)


def _copying(table: str, direction: str) -> sql.Composed:
    name, columns = sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, _columns(table)))
    form = "(SELECT {columns} FROM {name})" if direction.startswith("TO") else "{name} ({columns})"
    source = sql.SQL(form).format(name=name, columns=columns)
    return sql.SQL("COPY {} {} (FORMAT binary)").format(source, sql.SQL(direction))


@cache
def _columns(table: str) -> list[str]:
    """The columns that are written: those that the database computes are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attgenerated = '' ORDER BY attnum",
            [f'"{table}"'],
        )
        return [name for (name,) in cursor.fetchall()]


def _read(table: str) -> bytes:
    with connection.connection.cursor() as cursor, cursor.copy(_copying(table, "TO STDOUT")) as copy:
        return b"".join(copy)


def _write(table: str, content: bytes) -> None:
    with connection.connection.cursor() as cursor, cursor.copy(_copying(table, "FROM STDIN")) as copy:
        copy.write(content)
