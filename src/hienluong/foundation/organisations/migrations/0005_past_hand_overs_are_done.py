from django.db import migrations


class Migration(migrations.Migration):
    """Hand-overs of days gone by were announced when they were recorded; only those to come still wait."""

    dependencies = [("organisations", "0004_powers_of_a_delegation_and_waiting_hand_overs")]

    operations = [
        migrations.RunSQL(
            "UPDATE organisations_succession SET work_moved_at = now()"
            " WHERE work_moved_at IS NULL AND effective_on <= (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date",
            migrations.RunSQL.noop,
        )
    ]
