"""References to a few rows that many rows share are held for all rows of a statement at once.

A register, a definition, an organisation and an account are named by thousands of rows of one import. A foreign key looks
each of them up row by row, four lookups for a new record; triggers of the statement look each distinct one up once, and
lock it as a foreign key does (``FOR KEY SHARE``). The other side is held by a deferred trigger: what is still referred to
is neither deleted nor renumbered. What is different for every row (the record of a change, the change of a version) stays a
foreign key.

Safe while registers are in use: no row is looked at or written; every lock is held for a moment.
"""

from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion

_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'registers_version'::regclass"

#: A function that holds the references of one table: of each column, the table it refers to.
_HOLD = """
CREATE FUNCTION {table}_refers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked bigint[];
    there bigint;
BEGIN
{checks}    RETURN NULL;
END $$;
"""
_CHECK = """    SELECT array_agg(DISTINCT {column}) INTO asked FROM fresh WHERE {column} IS NOT NULL;
    PERFORM 1 FROM {target} WHERE id = ANY (asked) FOR KEY SHARE;
    GET DIAGNOSTICS there = ROW_COUNT;
    IF there < cardinality(asked) THEN
        RAISE foreign_key_violation USING MESSAGE = '{table}.{column} refers to no row of {target}';
    END IF;
"""
# A version needs no look when it is updated: registers_version_stays lets it do nothing but end.
_INSERTED = """
CREATE TRIGGER {table}_refers AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION {function}_refers();
"""
_UPDATED = """
CREATE TRIGGER {table}_still_refers AFTER UPDATE ON {table} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_refers();
"""
# An older snapshot would not see what others have written since; at READ COMMITTED the query has a new one, after the lock.
_HELD = """
CREATE FUNCTION registers_still_referred() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used boolean;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE foreign_key_violation USING MESSAGE = 'what registers refer to is deleted at READ COMMITTED only';
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I = $1)', TG_ARGV[0], TG_ARGV[1]) INTO used USING OLD.id;
    IF used THEN
        RAISE foreign_key_violation USING MESSAGE = format('%s %s is still referred to by %s', TG_TABLE_NAME, OLD.id, TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;
"""
_KEEP = """
CREATE CONSTRAINT TRIGGER {table}_{column}_held AFTER DELETE OR UPDATE OF id ON {target} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registers_still_referred('{table}', '{column}');
"""
_REFERENCES = (
    ("registers_record", "register_id", "registers_register"),
    ("registers_change", "account_id", "identity_account"),
    ("registers_version", "definition_id", "registers_definition"),
    ("registers_version", "organization_id", "organisations_organization"),
)


def hold(apps, schema_editor):
    schema_editor.execute(_HELD, None)
    for table in ("registers_record", "registers_change", "registers_version"):
        columns = [(column, target) for whose, column, target in _REFERENCES if whose == table]
        checks = "".join(_CHECK.format(table=table, column=column, target=target) for column, target in columns)
        schema_editor.execute(_HOLD.format(table=table, checks=checks))
        schema_editor.execute(_INSERTED.format(table=table, function=table))
        if table != "registers_version":
            schema_editor.execute(_UPDATED.format(table=table))
    for table, column, target in _REFERENCES:
        schema_editor.execute(_KEEP.format(table=table, column=column, target=target))
    for partition in _partitions(schema_editor):  # for what is written to it by its own name
        schema_editor.execute(_INSERTED.format(table=partition, function="registers_version"))
    for column in ("definition_id", "organization_id"):
        schema_editor.execute(f"ALTER TABLE registers_version DROP CONSTRAINT registers_version_{column}_fkey")


def let_go(apps, schema_editor):
    for column, target in (("definition_id", "registers_definition"), ("organization_id", "organisations_organization")):
        schema_editor.execute(
            f"ALTER TABLE registers_version ADD CONSTRAINT registers_version_{column}_fkey "
            f"FOREIGN KEY ({column}) REFERENCES {target} (id) DEFERRABLE INITIALLY DEFERRED"
        )
    for table, column, target in _REFERENCES:
        schema_editor.execute(f"DROP TRIGGER {table}_{column}_held ON {target}")
    schema_editor.execute("DROP FUNCTION registers_still_referred()")
    for partition in _partitions(schema_editor):
        schema_editor.execute(f"DROP TRIGGER {partition}_refers ON {partition}")
    for table in ("registers_record", "registers_change", "registers_version"):
        schema_editor.execute(f"DROP TRIGGER {table}_refers ON {table}")
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_still_refers ON {table}")
        schema_editor.execute(f"DROP FUNCTION {table}_refers()")


def _partitions(schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        return [name for (name,) in cursor.fetchall()]


class Migration(migrations.Migration):
    dependencies = [
        ("registers", "0010_retired_registers"),
        ("organisations", "0006_one_sort_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(hold, let_go),
        migrations.AlterField(
            "record",
            "register",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=deletion.PROTECT,
                related_name="records",
                to="registers.register",
            ),
        ),
        migrations.AlterField(
            "change",
            "account",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
