"""Sums by day beside those by month, and a narrow index over the dossiers in hand for the live figures.

The rows by month stay; those by day are written by the next run of ``oversight.refresh_recent``.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built without locking the table of dossiers

    dependencies: ClassVar = [("oversight", "0001_initial"), ("dossiers", "0001_initial")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="figure", name="figure_once"),
        migrations.RenameField(model_name="figure", old_name="month", new_name="day"),
        migrations.AddField(
            model_name="figure",
            name="grain",
            field=models.CharField(choices=[("month", "Month"), ("day", "Day")], default="month", max_length=5),
        ),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.UniqueConstraint(
                fields=("grain", "day", "organization", "field_code", "channel"), name="figure_once"
            ),
        ),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS oversight_in_hand ON dossiers_dossier "
            "(competent_id, submitted_at, due_at, state, assignee_id, procedure_version_id) "
            "WHERE state IN ('submitted', 'received', 'in_progress', 'supplement', 'awaiting_payment')",
            "DROP INDEX CONCURRENTLY IF EXISTS oversight_in_hand",
        ),
    ]
