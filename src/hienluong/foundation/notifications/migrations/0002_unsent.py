from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notifications", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "delivery",
            models.Index(fields=("id",), name="delivery_unsent", condition=models.Q(("state", "sent"), _negated=True)),
        ),
    ]
