"""What was asked of a national system about a dossier, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Official
from hienluong.foundation.people.protected import ProtectedText

from .dossier import Dossier


class Enquiry(models.Model):
    """One question of a procedure (``enquiries``) about one dossier, as it was asked last.

    Asked again, because the answers of the form changed or an official wants it, it is the next `round`; an answer to an
    earlier one changes nothing. What stands in `rows` is encrypted, and never replaces what the person wrote.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Đang chờ trả lời")
        AGREES = "agrees", _("Khớp")
        DIFFERS = "differs", _("Không khớp")
        NOT_FOUND = "not_found", _("Hệ thống không có dữ liệu")
        DUPLICATE = "duplicate", _("Hệ thống báo trùng")
        FAILED = "failed", _("Không hỏi được")
        DROPPED = "dropped", _("Không cần hỏi nữa")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="enquiries")
    code = models.CharField(max_length=40)  # of the procedure
    round = models.PositiveSmallIntegerField(default=0)
    question = models.CharField(max_length=64, blank=True)  # keyed hash; empty: to be asked anew
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    holds = models.BooleanField(default=False)  # nothing is granted as it stands, unless somebody goes on by hand
    rows = ProtectedText(blank=True)  # JSON: what the person wrote beside what the system said
    why = models.CharField(max_length=12, blank=True)  # kind of the last fault
    asked_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # when the person was told that it waits
    answered_at = models.DateTimeField(null=True)
    by_hand_at = models.DateTimeField(null=True)
    by_hand_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    by_hand_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("dossier", "code"), name="enquiry_once")]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.code} {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it keeps the dossier from being granted."""
        return self.holds and self.by_hand_at is None
