from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bus", "0006_evidence_of_calls"),
        ("codelists", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="turning",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name="CodeTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("operation", models.CharField(max_length=140)),
                ("agreement", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("how", models.CharField(max_length=20)),
                ("codes", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "operation", "agreement", "name", "how"), name="bus_codetally_once"
                    )
                ],
            },
        ),
        # what became of a code is in files of the gateway: another edition, and they are written anew
        migrations.RunSQL(
            "CREATE TRIGGER codelists_revision_wakes_gateway AFTER INSERT OR UPDATE OR DELETE ON codelists_revision "
            "FOR EACH STATEMENT EXECUTE FUNCTION bus_wake_gateway();",
            "DROP TRIGGER codelists_revision_wakes_gateway ON codelists_revision;",
        ),
    ]
