"""A record's history against a simple model: a list of writes, read by walking it backwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers import storage, temporal
from hienluong.capabilities.registers.models import Change, Definition, Record, Register, Version
from hienluong.capabilities.registers.queries import as_of
from hienluong.foundation.actions import system
from hienluong.foundation.organisations.models import Organization
from tests.thorough import examples

pytestmark = pytest.mark.django_db

START = datetime(2020, 1, 1, tzinfo=UTC)
ACTOR = system("thử")


def day(number: int | None) -> datetime | None:
    return None if number is None else START + timedelta(days=number)


@dataclass(frozen=True)
class Write:
    """One write: days since START, None for ever; `value` None ends what was known there."""

    since: int | None
    until: int | None
    value: int | None

    def covers(self, at: int) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


_DAYS = st.none() | st.integers(0, 12)
WRITES = st.lists(
    st.builds(Write, _DAYS, _DAYS, st.none() | st.integers(0, 99)).filter(
        lambda w: w.since is None or w.until is None or w.since < w.until
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture
def register() -> Register:
    owner = Organization.objects.create(
        code="H50.99", kind="department", name="Sở Thử", valid=DateRange(date(2020, 1, 1), None)
    )
    register = Register.objects.create(code="thu.so", owner=owner)
    Definition.objects.create(
        register=register, version=1, spec={}, digest="0" * 64, valid=DateRange(date(2000, 1, 1), None)
    )
    storage.ensure_partition(register)
    return register


def put(record: Record, write: Write) -> temporal.Written:
    definition = Definition.objects.get(register=record.register_id)
    state = None
    if write.value is not None:
        state = temporal.State({"value": write.value}, definition.pk, definition.register.owner_id)
    temporal.lock(record)
    return temporal.write(
        ACTOR,
        record,
        Change.Kind.CHANGE,
        since=day(write.since),
        until=day(write.until),
        state=state,
        provenance=temporal.Provenance(),
    )


def read(record: Record, valid: int, known: datetime | None) -> int | None:
    found = as_of(record.register, day(valid), known).filter(record=record)
    return next((version.data["value"] for version in found), None)


def model(writes: list[Write], valid: int) -> int | None:
    for write in reversed(writes):
        if write.covers(valid):
            return write.value
    return None


# The database is put back inside the test.
@settings(max_examples=examples(60, 240), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=WRITES)
def test_every_past_moment_reads_as_the_simple_model_says(register: Register, writes: list[Write]) -> None:
    with transaction.atomic():
        record = Record.objects.create(register=register, key="mot")
        moments = [put(record, write).at for write in writes]
        for count, known in enumerate(moments, start=1):
            for valid in (-3, 0, 1, 5, 6, 11, 12, 20):
                assert read(record, valid, known) == model(writes[:count], valid)
        for valid in range(-1, 14):
            assert read(record, valid, None) == model(writes, valid)
        assert moments == sorted(set(moments))
        transaction.set_rollback(True)


def test_two_versions_never_overlap_in_both_times(register: Register) -> None:
    record = Record.objects.create(register=register, key="mot")
    put(record, Write(0, 10, 1))
    version = Version.objects.get(record=record)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            register=register,
            record=record,
            key="mot",
            definition=version.definition,
            organization=version.organization,
            valid=DateTimeTZRange(day(9), day(11)),
            known=DateTimeTZRange(version.known.lower + timedelta(days=1), None),
            data={},
            opened_by=version.opened_by,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registers_version SET data = '{}'",
        "UPDATE registers_version SET valid = tstzrange(NULL, NULL)",
        "UPDATE registers_version SET known = tstzrange(lower(known) - interval '1 day', now() + interval '1 day')",
        "DELETE FROM registers_version",
    ],
)
def test_a_version_is_never_changed_or_deleted(register: Register, statement: str) -> None:
    put(Record.objects.create(register=register, key="mot"), Write(0, 10, 1))
    with pytest.raises(DatabaseError, match="never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_version_ends_only_once(register: Register) -> None:
    record = Record.objects.create(register=register, key="mot")
    put(record, Write(0, 10, 1))
    put(record, Write(0, 10, 2))
    with pytest.raises(DatabaseError, match="once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE registers_version SET known = tstzrange(lower(known), now() + interval '1 day')")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO registers_record (register_id, key) SELECT id, key FROM (VALUES (0, 'hai')) AS one (id, key)",
        "UPDATE registers_record SET register_id = 0",
        "INSERT INTO registers_change (register_id, record_id, kind, at, source, source_ref, account_id, label, reason) "
        "SELECT register_id, id, 'change', now(), 'import', '', -1, 'x', '' FROM registers_record",
        "UPDATE registers_change SET account_id = -1",
        "INSERT INTO registers_change (register_id, record_id, kind, at, source, source_ref, label, reason) "
        "SELECT register_id, n * id, 'change', now(), 'import', '', 'x', '' "
        "FROM registers_record, (VALUES (1), (-1)) AS twice (n)",
        "UPDATE registers_change SET register_id = register_id + 1",
        "DELETE FROM registers_change",
        "UPDATE registers_change SET id = id + 1",
        "UPDATE registers_change SET record_id = record_id + 1",
        "DELETE FROM registers_record",
        "UPDATE registers_record SET id = id + 1",
        "DELETE FROM registers_definition",
        "UPDATE registers_definition SET id = id + 1",
        "DELETE FROM registers_register",
        "DELETE FROM organisations_organization",
    ],
)
def test_what_is_referred_to_is_there_and_stays(register: Register, statement: str) -> None:
    """References that are held by triggers of the statement, at once or at the end of the transaction."""
    put(Record.objects.create(register=register, key="mot"), Write(0, 10, 1))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("column", ["definition_id", "organization_id", "opened_by_id"])
@pytest.mark.parametrize("table", ["registers_version", "the partition"])
def test_a_version_refers_to_what_is_there(register: Register, column: str, table: str) -> None:
    put(Record.objects.create(register=register, key="mot"), Write(0, 10, 1))
    into = storage.partition_of(register) if table == "the partition" else table
    names = "register_id, record_id, key, definition_id, organization_id, valid, known, data, opened_by_id"
    values = names.replace(column, "-1").replace("valid", "tstzrange(upper(valid), NULL)")
    with pytest.raises(IntegrityError, match=column), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {into} ({names}) SELECT {values} FROM registers_version")


def test_a_register_without_partition_takes_no_record(register: Register) -> None:
    other = Register.objects.create(code="thu.khac", owner=register.owner)
    Definition.objects.create(register=other, version=1, spec={}, digest="0" * 64, valid=DateRange(None, None))
    record = Record.objects.create(register=other, key="mot")
    with pytest.raises(DatabaseError, match="registers_version_"), transaction.atomic():
        put(record, Write(0, None, 1))


def test_making_a_partition_again_changes_nothing(register: Register) -> None:
    put(Record.objects.create(register=register, key="mot"), Write(0, 10, 1))
    storage.ensure_partition(register)
    assert Version.objects.count() == 1
