"""Which of the two records of a person led into the other; known before from which of them has a personal number."""

import django.db.models.deletion
from django.db import migrations, models


def fill(apps, schema_editor):
    Merge = apps.get_model("merging", "Merge")
    both = Merge.objects.filter(kept_party__isnull=False, gone_party__isnull=False, led_party=None)
    for merge in both.select_related("gone_party").iterator():
        numbered = bool(merge.gone_party.identifier_hash)
        merge.led_party_id = merge.kept_party_id if numbered else merge.gone_party_id
        merge.save(update_fields=["led_party"])


class Migration(migrations.Migration):
    dependencies = [
        ("merging", "0001_first"),
        ("people", "0002_limits_of_representation"),
    ]

    operations = [
        migrations.AddField(
            model_name="merge",
            name="led_party",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
