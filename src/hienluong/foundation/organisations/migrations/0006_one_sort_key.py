from django.db import migrations

from hienluong.foundation.search.text import name_sort_key, sort_key


def rewrite(apps, schema_editor):
    """The keys by which names sort are made by `foundation/search` now; every stored one is made again."""
    for model, key in (("Organization", sort_key), ("Official", name_sort_key)):
        manager = apps.get_model("organisations", model).objects
        field = "name" if model == "Organization" else "full_name"
        batch = []
        for row in manager.only("pk", field).iterator(chunk_size=2000):
            row.sort_name = key(getattr(row, field))[:160]
            batch.append(row)
            if len(batch) == 2000:
                manager.bulk_update(batch, ["sort_name"])
                batch = []
        manager.bulk_update(batch, ["sort_name"])


class Migration(migrations.Migration):
    dependencies = [("organisations", "0005_past_hand_overs_are_done")]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop)]
