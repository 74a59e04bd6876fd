from django.db import migrations, models

#: The indexes of the new constraints, built without holding up who gives tasks meanwhile; what an interrupted upgrade
#: left half built is taken away first.
BELOW = """
CREATE UNIQUE INDEX CONCURRENTLY assignment_one_lead_now_below
ON assignments_assignment (parent_id)
WHERE part = 'lead' AND state IN ('given', 'accepted', 'reported')
"""
OF_SUBJECT = """
CREATE UNIQUE INDEX CONCURRENTLY assignment_one_lead_now_of_subject
ON assignments_assignment (subject_ref, giver_agency_id)
WHERE parent_id IS NULL AND part = 'lead' AND state IN ('given', 'accepted', 'reported') AND NOT (subject_ref = '')
"""
DROP = "DROP INDEX CONCURRENTLY IF EXISTS {}"


class Migration(migrations.Migration):
    """A lead who is done stands in nobody's way: what is opened again is given to one who leads again."""

    atomic = False
    dependencies = [("assignments", "0001_tables")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(DROP.format(name), migrations.RunSQL.noop)
                for name in ("assignment_one_lead_now_below", "assignment_one_lead_now_of_subject")
            ]
            + [
                migrations.RunSQL(BELOW, DROP.format("assignment_one_lead_now_below")),
                migrations.RunSQL(OF_SUBJECT, DROP.format("assignment_one_lead_now_of_subject")),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("part", "lead"), ("state__in", ("given", "accepted", "reported"))),
                        fields=("parent",),
                        name="assignment_one_lead_now_below",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            ("part", "lead"),
                            ("state__in", ("given", "accepted", "reported")),
                            models.Q(("subject_ref", ""), _negated=True),
                        ),
                        fields=("subject_ref", "giver_agency"),
                        name="assignment_one_lead_now_of_subject",
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(model_name="assignment", name="assignment_one_lead_below"),
        migrations.RemoveConstraint(model_name="assignment", name="assignment_one_lead_of_subject"),
    ]
