from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("dossiers", "0010_enquiries"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ordering", "Đang đặt chuyển phát"),
                            ("failed", "Chưa đặt được, bộ phận một cửa tự gửi"),
                            ("accepted", "Bưu chính đã nhận đơn"),
                            ("collected", "Bưu chính đã lấy kết quả"),
                            ("in_transit", "Đang vận chuyển"),
                            ("out_for_delivery", "Đang phát"),
                            ("delivered", "Đã phát"),
                            ("returned", "Không phát được, đã hoàn lại"),
                            ("cancelled", "Đã hủy"),
                        ],
                        default="ordering",
                        max_length=20,
                    ),
                ),
                ("order", models.CharField(blank=True, max_length=60)),
                ("parcel", models.CharField(blank=True, max_length=40)),
                ("events", models.JSONField(default=list)),
                ("why", models.CharField(blank=True, max_length=12)),
                ("ordered_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("next_look_at", models.DateTimeField(null=True)),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="post_orders", to="dossiers.dossier"
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="post_order", to="dossiers.result"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_look_at__isnull", False)),
                        fields=["next_look_at"],
                        name="post_order_to_look_at",
                    )
                ],
            },
        ),
    ]
