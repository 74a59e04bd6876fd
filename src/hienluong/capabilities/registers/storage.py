"""The table of records: a partition for each register, with its constraint and the indexes its definition declares.

Nothing here locks a register that is in use: a partition is made beside the table and attached, an index is built
concurrently, outside any transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from .models import Register

TABLE = "registers_version"
#: When a version was over: no longer thought so, or no longer so; null for what is so without end.
FINISHED = sql.SQL("(coalesce(upper(known), upper(valid)))")

_PARTITION = sql.SQL(
    """
CREATE TABLE {partition} (LIKE registers_version INCLUDING DEFAULTS);
ALTER TABLE {partition}
    ADD CHECK (register_id = {id}),
    ADD PRIMARY KEY (register_id, id),
    ADD CHECK (NOT isempty(valid)), ADD CHECK (NOT isempty(known)),
    ADD CONSTRAINT {once} EXCLUDE USING gist (record_id WITH =, known WITH &&, valid WITH &&);
CREATE INDEX {by_record} ON {partition} (record_id);
CREATE INDEX {opened} ON {partition} (opened_by_id);
CREATE INDEX {closed} ON {partition} (closed_by_id) WHERE closed_by_id IS NOT NULL;
CREATE INDEX {by_key} ON {partition} (key) WHERE upper_inf(known);
CREATE INDEX {by_word} ON {partition} USING gin (search_text gin_trgm_ops) WHERE upper_inf(known);
CREATE INDEX {by_place} ON {partition} USING gist (box) WHERE upper_inf(known) AND box IS NOT NULL;
CREATE STATISTICS {now} ON (upper_inf(known)) FROM {partition};
CREATE TRIGGER {refers} AFTER INSERT ON {partition} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION registers_version_refers();
ALTER TABLE registers_version ATTACH PARTITION {partition} FOR VALUES IN ({id})
"""
)


@dataclass(frozen=True)
class Wanted:
    """An index that a definition declares: the field, and how its values are ordered."""

    field: str
    order: str  # text, number, date, flag, unit

    @property
    def expression(self) -> sql.Composable:
        """The value of the field as it is compared."""
        if self.order == "unit":
            return sql.SQL("(((data -> {}) ->> 'unit'))").format(sql.Literal(self.field))
        text = sql.SQL("(data ->> {})").format(sql.Literal(self.field))
        if self.order == "number":  # what an older definition kept there need not be one
            return sql.SQL("((CASE WHEN jsonb_typeof(data -> {}) = 'number' THEN ({})::numeric END))").format(
                sql.Literal(self.field), text
            )
        return sql.SQL("({})").format(text)


def partition_of(register: Register) -> str:
    """The name of a register's partition."""
    return f"{TABLE}_{register.pk}"


def ensure_partition(register: Register) -> None:
    """Make the partition of a register, unless it is there."""
    name = partition_of(register)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return
        parts = ("once", "by_record", "opened", "closed", "by_key", "by_word", "by_place", "now", "refers")
        names = {part: sql.Identifier(f"{name}_{part}") for part in parts}
        statement = _PARTITION.format(partition=sql.Identifier(name), id=sql.Literal(register.pk), **names)
        for piece in statement.as_string(cursor.connection).split(";\n"):
            cursor.execute(piece)


def finished_name(register: Register) -> str:
    """The name of the index of versions by when they were over."""
    return f"{partition_of(register)}_finished"


def has_finished(register: Register) -> bool:
    """Whether a register has that index, built to the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [finished_name(register)])
        return bool(cursor.fetchone() == (True,))


def build_finished(register: Register) -> None:
    """Build the index by which what is due to be cleared is found; as :func:`build_index`."""
    _build(
        register,
        finished_name(register),
        sql.SQL("({}, record_id) WHERE {} IS NOT NULL").format(FINISHED, FINISHED),
        FINISHED,
    )


def index_name(register: Register, wanted: Wanted) -> str:
    """The name of a declared index; at most the 63 bytes that PostgreSQL keeps."""
    return f"{partition_of(register)}_f_{wanted.field}_{wanted.order[:3]}"[:63]


def missing_indexes(register: Register, wanted: Iterable[Wanted]) -> list[Wanted]:
    """Declared indexes that are not there, or were left invalid by an interrupted build."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE i.indrelid = to_regclass(%s) AND i.indisvalid",
            [partition_of(register)],
        )
        there = {name for (name,) in cursor.fetchall()}
    return [index for index in wanted if index_name(register, index) not in there]


def build_index(register: Register, wanted: Wanted) -> None:
    """Build a declared index without locking the register, and count its values; must run outside a transaction.

    An index that an interrupted build left behind is dropped first.
    """
    _build(
        register,
        index_name(register, wanted),
        sql.SQL("({}, record_id) WHERE upper_inf(known)").format(wanted.expression),
        wanted.expression,
    )


def _build(register: Register, name: str, what: sql.Composable, counted: sql.Composable) -> None:
    index, partition = sql.Identifier(name), sql.Identifier(partition_of(register))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(index))
        cursor.execute(sql.SQL("CREATE INDEX CONCURRENTLY {} ON {} {}").format(index, partition, what))
        # The planner takes no statistics from partial indexes; without any it thinks that every value is rare.
        cursor.execute(
            sql.SQL("CREATE STATISTICS IF NOT EXISTS {} ON ({}) FROM {}").format(
                sql.Identifier(f"{name[:61]}_s"), counted, partition
            )
        )
        cursor.execute(sql.SQL("ANALYZE {}").format(partition))
