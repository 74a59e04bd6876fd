from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import hienluong.foundation.people.protected


class Migration(migrations.Migration):

    dependencies = [
        ("dossiers", "0009_where_answers_come_from"),
        ("organisations", "0006_one_sort_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="dossier",
            name="held",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="Enquiry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("round", models.PositiveSmallIntegerField(default=0)),
                ("question", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Đang chờ trả lời"),
                            ("agrees", "Khớp"),
                            ("differs", "Không khớp"),
                            ("not_found", "Hệ thống không có dữ liệu"),
                            ("duplicate", "Hệ thống báo trùng"),
                            ("failed", "Không hỏi được"),
                            ("dropped", "Không cần hỏi nữa"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("holds", models.BooleanField(default=False)),
                ("rows", hienluong.foundation.people.protected.ProtectedText(blank=True)),
                ("why", models.CharField(blank=True, max_length=12)),
                ("asked_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("by_hand_at", models.DateTimeField(null=True)),
                ("by_hand_reason", models.TextField(blank=True)),
                (
                    "by_hand_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.official",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enquiries", to="dossiers.dossier"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("dossier", "code"), name="enquiry_once")],
            },
        ),
    ]
