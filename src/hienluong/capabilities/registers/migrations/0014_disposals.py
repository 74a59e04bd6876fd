"""A door through the trigger that keeps versions as they are: fields whose time is over may go, no others.

It opens for a record in the transaction that writes down which fields go, and for nothing but them (with the words and the
place a version was found by). Only a write that was refused before asks; ending a version costs what it did.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import hienluong.capabilities.registers.models
from django.db import migrations, models


_FUNCTION = """
CREATE OR REPLACE FUNCTION registers_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a version of a record is never deleted';
    END IF;
    IF NOT upper_inf(OLD.known) OR upper_inf(NEW.known) OR lower(NEW.known) <> lower(OLD.known)
       OR (NEW.id, NEW.register_id, NEW.record_id, NEW.key, NEW.definition_id, NEW.organization_id, NEW.valid,
           NEW.data, NEW.search_text, NEW.opened_by_id)
          IS DISTINCT FROM
          (OLD.id, OLD.register_id, OLD.record_id, OLD.key, OLD.definition_id, OLD.organization_id, OLD.valid,
           OLD.data, OLD.search_text, OLD.opened_by_id)
    THEN
{door}        RAISE EXCEPTION 'a version of a record only ends, once; it never changes';
    END IF;
    RETURN NEW;
END $$;
"""
_DOOR = """        IF (NEW.id, NEW.register_id, NEW.record_id, NEW.key, NEW.definition_id, NEW.organization_id, NEW.valid,
            NEW.known, NEW.opened_by_id, NEW.closed_by_id)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.register_id, OLD.record_id, OLD.key, OLD.definition_id, OLD.organization_id, OLD.valid,
            OLD.known, OLD.opened_by_id, OLD.closed_by_id)
           AND (NEW.box IS NULL OR NEW.box ~= OLD.box)
           AND EXISTS (
               SELECT FROM registers_disposal disposal
                WHERE disposal.record_id = OLD.record_id AND disposal.transaction = pg_current_xact_id()
                  AND NEW.data = OLD.data - disposal.fields::text[])
        THEN
            RETURN NEW;
        END IF;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('registers', '0013_own_references_by_statement'),
    ]

    operations = [
        migrations.CreateModel(
            name='Disposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('transaction', hienluong.capabilities.registers.models.Xid8Field(db_default=models.Func(function='pg_current_xact_id'), editable=False)),
                ('definition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registers.definition')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disposals', to='registers.record')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('fields', []), _negated=True), name='disposal_of_something')],
            },
        ),
        migrations.RunSQL(_FUNCTION.format(door=_DOOR), _FUNCTION.format(door="")),
    ]
