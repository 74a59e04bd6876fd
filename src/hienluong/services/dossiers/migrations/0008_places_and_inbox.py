import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes for searching an organisation's newest dossiers, and for an inbox read from its index alone."""

    atomic = False

    dependencies = [("dossiers", "0007_rounds_of_opinions"), ("organisations", "0006_one_sort_key")]

    operations = [
        AddIndexConcurrently(
            "dossier",
            models.Index(
                fields=["waiting_lane", "waiting_path", "due_at"],
                opclasses=("varchar_ops", "varchar_pattern_ops", "timestamptz_ops"),
                include=("id", "submitted_at", "state"),
                name="dossier_waits",
                condition=models.Q(("waiting_lane", ""), _negated=True),
            ),
        ),
        AddIndexConcurrently("dossier", models.Index(fields=["handling", "-submitted_at"], name="dossier_by_handling")),
        AddIndexConcurrently(
            "dossier", models.Index(fields=["received_at_org", "-submitted_at"], name="dossier_by_reception")
        ),
        RemoveIndexConcurrently("dossier", "dossier_inbox"),
        RemoveIndexConcurrently("dossier", "dossier_by_area"),
        migrations.AlterField(
            "dossier",
            "handling",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handled_dossiers",
                to="organisations.organization",
            ),
        ),
        migrations.AlterField(
            "dossier",
            "received_at_org",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received_dossiers",
                to="organisations.organization",
            ),
        ),
    ]
