"""What documents are found by stands in one index with who may read them; a trigger keeps the second true."""

import datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION documents_readers_of(wanted bigint) RETURNS varchar(42)[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT mark), '{}') FROM (
        SELECT 'a' || agency_id AS mark FROM documents_reader WHERE document_id = wanted AND ended_at IS NULL
        UNION ALL
        SELECT 'o' || official_id || '.' || agency_id FROM documents_reader
        WHERE document_id = wanted AND ended_at IS NULL AND official_id IS NOT NULL
    ) AS marks
$$;
CREATE FUNCTION documents_readers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed bigint := coalesce(NEW.document_id, OLD.document_id);
BEGIN
    -- whoever indexes the document holds the same lock: its row of words is seen here, or it sees this reader
    PERFORM 1 FROM documents_document WHERE id = changed FOR NO KEY UPDATE;
    UPDATE documents_documenttext SET readers = documents_readers_of(changed)
    WHERE document_id = changed AND readers IS DISTINCT FROM documents_readers_of(changed);
    RETURN NULL;
END
$$;
CREATE TRIGGER documents_readers_changed AFTER INSERT OR DELETE OR UPDATE OF ended_at, agency_id, official_id, document_id
    ON documents_reader FOR EACH ROW EXECUTE FUNCTION documents_readers_changed();
"""
WITHOUT = """
DROP TRIGGER documents_readers_changed ON documents_reader;
DROP FUNCTION documents_readers_changed();
DROP FUNCTION documents_readers_of(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_tables")]

    operations = [
        migrations.AddField(
            "documenttext", "day", models.DateField(default=datetime.date(2026, 1, 1)), preserve_default=False
        ),
        migrations.AddField(
            "documenttext",
            "readers",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=42), default=list),
        ),
        migrations.RemoveIndex("documenttext", "document_words"),
        migrations.AddIndex(
            "documenttext",
            django.contrib.postgres.indexes.GinIndex(fields=["vector", "readers"], name="document_words"),
        ),
        migrations.AddIndex("documenttext", models.Index(fields=["day"], name="document_text_by_day")),
        migrations.RunSQL(FUNCTIONS, WITHOUT),
    ]
