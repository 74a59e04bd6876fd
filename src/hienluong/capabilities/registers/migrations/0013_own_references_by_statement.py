"""What is different for every row is held for all rows of a statement at once, too: the record of a change, the change of a version.

A foreign key asks for each row by a query of its own, thirty microseconds each: a third of what the database does for a
record that is imported. The triggers of the statement (0011) look all of them up by one query, by the same indexes, and
lock what they find as a foreign key does. The other side is held as there: by a deferred trigger, so that what is referred
to is neither deleted nor renumbered.

Safe while registers are in use: no row is looked at or written; every lock is held for a moment.
"""

from django.db import migrations

_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'registers_version'::regclass"

#: The functions of 0011. Planned once, and by index, however many rows there were then.
_HOLD = """
CREATE OR REPLACE FUNCTION {table}_refers() RETURNS trigger LANGUAGE plpgsql {how} AS $$
DECLARE
    asked bigint[];
    there bigint;
BEGIN
{checks}    RETURN NULL;
END $$;
"""
_BY_INDEX = "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
_SHARED = """    SELECT array_agg(DISTINCT {column}) INTO asked FROM fresh WHERE {column} IS NOT NULL;
    PERFORM 1 FROM {target} WHERE id = ANY (asked) FOR KEY SHARE;
    GET DIAGNOSTICS there = ROW_COUNT;
    IF there < cardinality(asked) THEN
        RAISE foreign_key_violation USING MESSAGE = '{table}.{column} refers to no row of {target}';
    END IF;
"""
_OWN = """    PERFORM 1 FROM fresh JOIN {target} target ON target.{shared} = fresh.{shared} AND target.id = fresh.{column}
        FOR KEY SHARE OF target;
    GET DIAGNOSTICS there = ROW_COUNT;
    IF there < (SELECT count(*) FROM fresh) THEN
        RAISE foreign_key_violation USING MESSAGE = '{table}.{column} refers to no row of {target}';
    END IF;
"""
_SHARED_OF = {
    "registers_change": [("account_id", "identity_account")],
    "registers_version": [
        ("definition_id", "registers_definition"),
        ("organization_id", "organisations_organization"),
    ],
}
#: Of each table: its reference, what it refers to, and what both have in common.
_OWN_OF = {
    "registers_change": ("record_id", "registers_record", "register_id"),
    "registers_version": ("opened_by_id", "registers_change", "record_id"),
}
_KEEP = """
CREATE CONSTRAINT TRIGGER {table}_{column}_held AFTER DELETE ON {target} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registers_still_referred('{table}', '{column}');
CREATE CONSTRAINT TRIGGER {table}_{column}_stays AFTER UPDATE ON {target} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.id, OLD.{shared}) IS DISTINCT FROM (NEW.id, NEW.{shared}))
    EXECUTE FUNCTION registers_still_referred('{table}', '{column}');
"""


def _shared(table):
    return "".join(_SHARED.format(table=table, column=column, target=target) for column, target in _SHARED_OF[table])


def hold(apps, schema_editor):
    for table, (column, target, shared) in _OWN_OF.items():
        checks = _shared(table) + _OWN.format(table=table, column=column, target=target, shared=shared)
        schema_editor.execute(_HOLD.format(table=table, how=_BY_INDEX, checks=checks))
        schema_editor.execute(_KEEP.format(table=table, column=column, target=target, shared=shared))
    schema_editor.execute("ALTER TABLE registers_change DROP CONSTRAINT change_of_its_register")
    for partition in _partitions(schema_editor):
        schema_editor.execute(f"ALTER TABLE {partition} DROP CONSTRAINT {partition}_opener")


def let_go(apps, schema_editor):
    how = "DEFERRABLE INITIALLY DEFERRED"
    for partition in _partitions(schema_editor):
        schema_editor.execute(
            f"ALTER TABLE {partition} ADD CONSTRAINT {partition}_opener "
            f"FOREIGN KEY (record_id, opened_by_id) REFERENCES registers_change (record_id, id) {how}"
        )
    schema_editor.execute(
        "ALTER TABLE registers_change ADD CONSTRAINT change_of_its_register "
        f"FOREIGN KEY (register_id, record_id) REFERENCES registers_record (register_id, id) {how}"
    )
    for table, (column, target, _both) in _OWN_OF.items():
        schema_editor.execute(f"DROP TRIGGER {table}_{column}_held ON {target}")
        schema_editor.execute(f"DROP TRIGGER {table}_{column}_stays ON {target}")
        schema_editor.execute(_HOLD.format(table=table, how="", checks=_shared(table)))


def _partitions(schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        return [name for (name,) in cursor.fetchall()]


class Migration(migrations.Migration):
    dependencies = [("registers", "0012_numbers_of_certificates_once")]

    operations = [migrations.RunPython(hold, let_go)]
