from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0002_handovers")]

    operations = [
        migrations.AddField(
            model_name="event", name="leaving", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("leaving", True)), fields=["id"], name="events_leaving"),
        ),
    ]
