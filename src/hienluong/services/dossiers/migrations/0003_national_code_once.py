from django.db import migrations, models

#: The same index as the constraint's own, built without holding up who files meanwhile.
BUILD = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS dossier_national_code_once
ON dossiers_dossier (national_code) WHERE NOT (national_code = '')
"""


def require_once(apps, schema_editor):
    """Say which numbers stand twice, instead of leaving half an index behind."""
    Dossier = apps.get_model("dossiers", "Dossier")
    twice = (
        Dossier.objects.exclude(national_code="")
        .values("national_code")
        .annotate(count=models.Count("pk"))
        .filter(count__gt=1)
        .values_list("national_code", flat=True)[:20]
    )
    if twice:
        raise RuntimeError(f"dossiers that arrived twice from the national portal: {', '.join(twice)}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("dossiers", "0002_checked_papers")]

    operations = [
        migrations.AlterField(
            model_name="dossier",
            name="sync_state",
            field=models.CharField(
                choices=[
                    ("not_needed", "Không đồng bộ"),
                    ("waiting", "Chờ đồng bộ"),
                    ("synced", "Đã đồng bộ"),
                    ("failed", "Đồng bộ lỗi"),
                ],
                default="not_needed",
                max_length=12,
            ),
        ),
        migrations.RunPython(require_once, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(BUILD, "DROP INDEX CONCURRENTLY IF EXISTS dossier_national_code_once")
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="dossier",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("national_code", ""), _negated=True),
                        fields=("national_code",),
                        name="dossier_national_code_once",
                    ),
                )
            ],
        ),
    ]
