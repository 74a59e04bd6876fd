"""Changes in the order in which they are committed, and the versions that each opened and closed.

Safe while registers are in use: the new column has a default that is the same for every row that is there, so no row is
written again; indexes are built concurrently, on every partition that is there. New partitions have theirs from
the beginning (``storage.py``). A build that was interrupted is done again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

_ERA = """
CREATE OR REPLACE FUNCTION registers_change_era() RETURNS smallint LANGUAGE sql STABLE AS 'SELECT 1::smallint';
CREATE OR REPLACE FUNCTION registers_begin_era() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION public.registers_change_era() RETURNS smallint LANGUAGE sql STABLE AS %L',
                   'SELECT ' || (public.registers_change_era() + 1) || '::smallint');
END $$;
"""
_NO_ERA = "DROP FUNCTION registers_begin_era(); DROP FUNCTION registers_change_era();"

#: By the end of its name: what an index of each partition stands on.
_INDEXES = {
    "by_record": "(record_id)",
    "opened": "(opened_by_id)",
    "closed": "(closed_by_id) WHERE closed_by_id IS NOT NULL",
}
_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'registers_version'::regclass"
_SOUND = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"


def index_partitions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        for (partition,) in cursor.fetchall():
            for name, columns in _INDEXES.items():
                cursor.execute(_SOUND, [f"{partition}_{name}"])
                if cursor.fetchone() != (True,):
                    cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {partition}_{name}")
                    cursor.execute(f"CREATE INDEX CONCURRENTLY {partition}_{name} ON {partition} {columns}")


def drop_indexes(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        for (partition,) in cursor.fetchall():
            for name in _INDEXES:
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {partition}_{name}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("registers", "0001_initial")]

    operations = [
        migrations.RunSQL(_ERA, _NO_ERA),
        migrations.AddField(
            "change",
            "era",
            models.SmallIntegerField(db_default=models.Func(function="registers_change_era"), editable=False),
        ),
        AddIndexConcurrently(
            "change", models.Index(fields=["register", "era", "transaction", "id"], name="change_in_order")
        ),
        RemoveIndexConcurrently("change", "change_feed"),
        migrations.RunPython(index_partitions, drop_indexes),
    ]
