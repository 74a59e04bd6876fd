from django.db import migrations

_WORDS = """
INSERT INTO search_word (scope, word)
SELECT DISTINCT 'dossiers', word
FROM dossiers_dossier, regexp_split_to_table(search_text, ' ') AS word
WHERE word ~ '^[a-z]{4,40}$'
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """The words of the dossiers that are there already; reads them once and locks none of them."""

    dependencies = [("dossiers", "0005_whose_matter_and_counter_drafts"), ("search", "0001_initial")]

    operations = [migrations.RunSQL(_WORDS, "DELETE FROM search_word WHERE scope = 'dossiers'")]
