"""Disposals stand in an order of their own beside the changes, so that the feed of their register tells them."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_PART = """
UPDATE registers_disposal disposal SET register_id = record.register_id
  FROM registers_record record
 WHERE record.id = disposal.record_id
   AND disposal.id IN (SELECT id FROM registers_disposal WHERE register_id IS NULL LIMIT 5000)
"""


def say_register(apps, schema_editor):
    """In parts, each by itself: a disposal is of the register of its record."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PART)
        while cursor.rowcount:
            cursor.execute(_PART)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("registers", "0014_disposals"),
    ]

    operations = [
        migrations.AddField(
            "disposal",
            "register",
            models.ForeignKey(
                "registers.Register",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                db_index=False,
                null=True,
            ),
        ),
        migrations.AddField(
            "disposal",
            "era",
            models.SmallIntegerField(db_default=models.Func(function="registers_change_era"), editable=False),
        ),
        migrations.RunPython(say_register, migrations.RunPython.noop),
        migrations.AlterField(
            "disposal",
            "register",
            models.ForeignKey(
                "registers.Register", on_delete=django.db.models.deletion.PROTECT, related_name="+", db_index=False
            ),
        ),
        AddIndexConcurrently(
            "disposal", models.Index(fields=["register", "era", "transaction", "id"], name="disposal_in_order")
        ),
    ]
