"""The process model of a published version is as fixed as its specification: the trigger of 0002 guards it too.

Replacing the function takes no lock on the table of versions.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION procedures_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' AND (
        TG_OP = 'DELETE'
        OR NEW.state <> 'published'
        OR NEW.procedure_id <> OLD.procedure_id
        OR NEW.number <> OLD.number
        OR NEW.digest <> OLD.digest
        OR NEW.spec_json <> OLD.spec_json{more}
    ) THEN
        RAISE EXCEPTION 'a published version of a procedure never changes';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("procedures", "0004_process_digest"),
    ]

    operations = [
        migrations.RunSQL(
            sql=FUNCTION.format(more="\n        OR NEW.process_digest <> OLD.process_digest"),
            reverse_sql=FUNCTION.format(more=""),
        ),
    ]
