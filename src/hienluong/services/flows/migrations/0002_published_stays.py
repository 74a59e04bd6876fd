from django.db import migrations

#: What runs were made of must be readable afterwards as it was.
_REFUSE = """
CREATE FUNCTION flows_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version of a flow stays as it is' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER flows_version_published_stays BEFORE UPDATE ON flows_flowversion
    FOR EACH ROW WHEN (
        OLD.state <> 'draft' AND (
            NEW.source IS DISTINCT FROM OLD.source OR NEW.operations IS DISTINCT FROM OLD.operations
            OR NEW.number <> OLD.number OR NEW.flow_id <> OLD.flow_id OR NEW.state = 'draft'
        )
    ) EXECUTE FUNCTION flows_refuse_change();
"""
_ALLOW = """
DROP TRIGGER flows_version_published_stays ON flows_flowversion;
DROP FUNCTION flows_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_composed_services")]
    operations = [migrations.RunSQL(_REFUSE, _ALLOW)]
