from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bus", "0005_alerts_and_daily_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="request_id",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="call",
            name="evidence",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("evidence", ""), _negated=True), fields=["at"], name="bus_call_with_evidence"
            ),
        ),
    ]
