from django.db import migrations

#: What decides who is who at the node: their tables tell the control plane of the gateway when they change, as those of the bus.
_TABLES = ("agentnode_subsystem", "agentnode_passage", "agentnode_offer")
_TRIGGER = """
CREATE TRIGGER {table}_wakes_gateway AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION bus_wake_gateway();
"""


class Migration(migrations.Migration):
    dependencies = [("agentnode", "0001_who_is_who"), ("bus", "0002_changes_wake_the_gateway")]
    operations = [
        migrations.RunSQL(
            "".join(_TRIGGER.format(table=table) for table in _TABLES),
            "".join(f"DROP TRIGGER {table}_wakes_gateway ON {table};" for table in _TABLES),
        )
    ]
