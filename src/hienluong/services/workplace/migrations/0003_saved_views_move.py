"""Saved filters move down to identity, where every list can keep its own; the rows go along, in both directions."""

from django.db import migrations

_THERE = """
INSERT INTO identity_savedview (account_id, page, name, query, is_default)
SELECT account_id, 'workplace:inbox', name, query, is_default FROM workplace_savedview
"""
_BACK = """
INSERT INTO workplace_savedview (account_id, name, query, is_default)
SELECT account_id, name, query, is_default FROM identity_savedview
 WHERE page = 'workplace:inbox' AND length(query) <= 500
"""


class Migration(migrations.Migration):

    dependencies = [
        ('workplace', '0002_default_view'),
        ('identity', '0005_saved_views'),
    ]

    operations = [
        migrations.RunSQL(_THERE, _BACK),
        migrations.DeleteModel(
            name='SavedView',
        ),
    ]
