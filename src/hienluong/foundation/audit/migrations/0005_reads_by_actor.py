from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What one official looked at in a time: asked for when emergency powers are reviewed."""

    atomic = False

    dependencies = [("audit", "0004_reads_under_agreements")]

    operations = [
        AddIndexConcurrently("personaldataread", models.Index(fields=["actor_id", "at"], name="audit_reads_by_actor")),
    ]
