from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("audit", "0002_append_only")]
    operations = [
        AddIndexConcurrently("entry", models.Index(fields=("target_label", "seq"), name="audit_by_label")),
        AddIndexConcurrently("entry", models.Index(fields=("at", "seq"), name="audit_by_time")),
    ]
