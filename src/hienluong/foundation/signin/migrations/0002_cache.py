"""The table of the shared cache, as ``createcachetable`` makes it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("signin", "0001_known_browsers")]

    operations = [
        migrations.RunSQL(
            "CREATE TABLE cache_entry (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, "
            "expires timestamp with time zone NOT NULL);"
            "CREATE INDEX cache_entry_expires ON cache_entry (expires);",
            "DROP TABLE cache_entry;",
        )
    ]
