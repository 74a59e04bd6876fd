"""Satisfaction with the service: five questions, once, after the result."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.services.dossiers.models import Dossier


class Score(models.IntegerChoices):
    VERY_BAD = 1, _("Rất không hài lòng")
    BAD = 2, _("Không hài lòng")
    FAIR = 3, _("Bình thường")
    GOOD = 4, _("Hài lòng")
    VERY_GOOD = 5, _("Rất hài lòng")


#: The questions in the order asked: key of the answer, what is asked.
QUESTIONS: tuple[tuple[str, object], ...] = (
    ("access", _("Tìm và nộp hồ sơ có dễ không?")),
    ("guidance", _("Hướng dẫn, giấy tờ yêu cầu có rõ ràng không?")),
    ("attitude", _("Cán bộ có lịch sự, đúng mực không?")),
    ("time", _("Thời gian giải quyết có hợp lý không?")),
    ("result", _("Bạn có hài lòng với kết quả nhận được không?")),
)


class Rating(models.Model):
    """One person's answers about one dossier."""

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="rating")
    access = models.PositiveSmallIntegerField(choices=Score.choices)
    guidance = models.PositiveSmallIntegerField(choices=Score.choices)
    attitude = models.PositiveSmallIntegerField(choices=Score.choices)
    time = models.PositiveSmallIntegerField(choices=Score.choices)
    result = models.PositiveSmallIntegerField(choices=Score.choices)
    comment = models.TextField(blank=True, max_length=2000)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(access__range=(1, 5))
                & Q(guidance__range=(1, 5))
                & Q(attitude__range=(1, 5))
                & Q(time__range=(1, 5))
                & Q(result__range=(1, 5)),
                name="rating_one_to_five",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.mean}"

    @property
    def mean(self) -> float:
        """The mean of the five answers."""
        return (self.access + self.guidance + self.attitude + self.time + self.result) / 5
