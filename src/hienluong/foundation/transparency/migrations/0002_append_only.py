from django.db import migrations

REFUSE = """
CREATE FUNCTION transparency_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transparency log is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER transparency_entry_append_only BEFORE UPDATE OR DELETE ON transparency_logentry
    FOR EACH ROW EXECUTE FUNCTION transparency_refuse_change();
CREATE TRIGGER transparency_entry_no_truncate BEFORE TRUNCATE ON transparency_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION transparency_refuse_change();
CREATE TRIGGER transparency_node_append_only BEFORE UPDATE OR DELETE ON transparency_node
    FOR EACH ROW EXECUTE FUNCTION transparency_refuse_change();
CREATE TRIGGER transparency_node_no_truncate BEFORE TRUNCATE ON transparency_node
    FOR EACH STATEMENT EXECUTE FUNCTION transparency_refuse_change();
"""
ALLOW = """
DROP TRIGGER transparency_entry_append_only ON transparency_logentry;
DROP TRIGGER transparency_entry_no_truncate ON transparency_logentry;
DROP TRIGGER transparency_node_append_only ON transparency_node;
DROP TRIGGER transparency_node_no_truncate ON transparency_node;
DROP FUNCTION transparency_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("transparency", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
