"""Opinions in rounds, with their own tacit rule; the upper agency; the lawful due date beside the promised one.

New columns are empty or have a constant default, so none rewrites a table.
"""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

#: Opinions asked together before get places in the order they were asked in.
NUMBER_PLACES = """
    UPDATE dossiers_opinion SET place = counted.place
    FROM (SELECT id, row_number() OVER (PARTITION BY dossier_id ORDER BY id) - 1 AS place FROM dossiers_opinion) counted
    WHERE counted.id = dossiers_opinion.id AND counted.place <> 0
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("dossiers", "0006_words_of_dossiers"),
        ("organisations", "0003_code_is_official"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            "dossier",
            "upper",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.organization",
            ),
        ),
        migrations.AddField("deadlinechange", "lawful_after", models.DateTimeField(null=True)),
        migrations.AddField("supplement", "expired_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("opinion", "one_opinion_an_agency"),
        migrations.AddField("opinion", "round", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("opinion", "place", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("opinion", "name", models.CharField(blank=True, default="", max_length=300), False),
        migrations.AddField(
            "opinion",
            "asked_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.official",
            ),
        ),
        migrations.AddField("opinion", "tacit_allowed", models.BooleanField(default=False)),
        migrations.AddField("opinion", "escalated_at", models.DateTimeField(null=True)),
        migrations.AddField("opinion", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.RunSQL(NUMBER_PLACES, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.AddConstraint(
            "opinion",
            models.UniqueConstraint(fields=("dossier", "round", "place"), name="one_opinion_a_place_and_round"),
        ),
    ]
