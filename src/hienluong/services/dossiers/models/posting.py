"""What was ordered of the post: a result brought to the person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .dossier import Dossier
from .papers import Result


class PostOrder(models.Model):
    """One order to bring one result, as the system of the post has it; `events` are its own words about the way.

    Nothing of the person stands here: name, telephone and address are in the question, which is emptied once answered.
    """

    class State(models.TextChoices):
        ORDERING = "ordering", _("Đang đặt chuyển phát")
        FAILED = "failed", _("Chưa đặt được, bộ phận một cửa tự gửi")
        ACCEPTED = "accepted", _("Bưu chính đã nhận đơn")
        COLLECTED = "collected", _("Bưu chính đã lấy kết quả")
        IN_TRANSIT = "in_transit", _("Đang vận chuyển")
        OUT_FOR_DELIVERY = "out_for_delivery", _("Đang phát")
        DELIVERED = "delivered", _("Đã phát")
        RETURNED = "returned", _("Không phát được, đã hoàn lại")
        CANCELLED = "cancelled", _("Đã hủy")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="post_orders")
    result = models.OneToOneField(Result, models.PROTECT, related_name="post_order")
    state = models.CharField(max_length=20, choices=State.choices, default=State.ORDERING)
    order = models.CharField(max_length=60, blank=True)
    parcel = models.CharField(max_length=40, blank=True)
    events = models.JSONField(default=list)  # [{"state", "at", "place"}], oldest first
    why = models.CharField(max_length=12, blank=True)  # kind of the last fault; ``state``: one that cannot follow
    ordered_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    next_look_at = models.DateTimeField(null=True)  # empty while the post is being asked, and once it ended

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("next_look_at",), name="post_order_to_look_at", condition=Q(next_look_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.order or self.state}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes from the post."""
        return self.state in (self.State.DELIVERED, self.State.RETURNED, self.State.CANCELLED, self.State.FAILED)
