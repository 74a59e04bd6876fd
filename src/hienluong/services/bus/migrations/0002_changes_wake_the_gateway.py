from django.db import migrations

#: What decides who may call what: their tables tell the control plane of the gateway when they change.
_TABLES = (
    "bus_service",
    "bus_version",
    "bus_operation",
    "bus_serviceagreement",
    "organisations_organization",
    "registers_agreement",
    "registers_register",
    "sso_signingkey",
    "sso_system",
)
_FUNCTION = """
CREATE FUNCTION bus_wake_gateway() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hienluong_gateway', '');
    RETURN NULL;
END $$;
"""
_TRIGGER = """
CREATE TRIGGER {table}_wakes_gateway AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION bus_wake_gateway();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("bus", "0001_catalogue_and_agreements"),
        ("organisations", "0006_one_sort_key"),
        ("registers", "0015_disposals_in_the_feed"),
        ("sso", "0002_devices_engineers_reminders"),
    ]
    operations = [
        migrations.RunSQL(
            _FUNCTION + "".join(_TRIGGER.format(table=table) for table in _TABLES),
            "".join(f"DROP TRIGGER {table}_wakes_gateway ON {table};" for table in _TABLES)
            + "DROP FUNCTION bus_wake_gateway();",
        )
    ]
