"""What is known of each system, the calls that were made, the answers that are kept, the questions that wait.

Nothing of a person stands here in plain text: questions and kept answers are encrypted, the log of calls names fields.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import ProtectedText

#: The classes of ``faults.py``, in words.
FAULTS: dict[str, object] = {
    "off": _("Chưa kết nối"),
    "down": _("Mất kết nối"),
    "slow": _("Chậm trả lời"),
    "busy": _("Đề nghị hỏi lại sau"),
    "wrong": _("Trả lời sai"),
    "duplicate": _("Trùng"),
    "refused": _("Từ chối"),
    "not_found": _("Không có dữ liệu"),
}


class System(models.Model):
    """The line to one system: how it has been lately, and whether it is asked at all now (the circuit)."""

    code = models.CharField(max_length=40, unique=True)
    failures = models.PositiveIntegerField(default=0)  # in a row, of the kinds that count
    opened_until = models.DateTimeField(null=True)  # until then nobody asks; afterwards one tries
    last_success_at = models.DateTimeField(null=True)
    last_ms = models.PositiveIntegerField(null=True)  # of the last answer
    last_kind = models.CharField(max_length=12, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.code


class Call(models.Model):
    """One question that was asked, for what, and what became of it; nothing of what was asked or answered."""

    system = models.CharField(max_length=40)
    operation = models.CharField(max_length=40)
    number = models.CharField(max_length=36)
    at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=12)  # ok, kept, old, or the kind of a fault
    error = models.CharField(max_length=300, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=1)
    ms = models.PositiveIntegerField(default=0)
    purpose = models.CharField(max_length=200)
    about = models.CharField(max_length=100, blank=True)  # dossier:H50…
    fields = models.JSONField(default=list)  # of a person, that were read
    actor_label = models.CharField(max_length=200)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("system", "-at"), name="adapters_call_by_system"),
            models.Index(fields=("at",), name="adapters_call_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.system}.{self.operation} {self.outcome}"


class KeptAnswer(models.Model):
    """An answer that may be used again for a while, as the rule of its operation says."""

    system = models.CharField(max_length=40)
    operation = models.CharField(max_length=40)
    key = models.CharField(max_length=64)  # keyed hash of the question
    answer = ProtectedText()
    at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)  # may serve as an old answer up to then

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("system", "operation", "key"), name="kept_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system}.{self.operation}"


class Pending(models.Model):
    """A question that waits until the system answers. Its answer goes to whoever asked (`taker`)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Đang chờ")
        DONE = "done", _("Đã trả lời")
        FAILED = "failed", _("Cần xem lại")

    system = models.CharField(max_length=40)
    operation = models.CharField(max_length=40)
    number = models.CharField(max_length=36, unique=True)  # ours, the same at each try
    question = ProtectedText(blank=True)  # emptied once it is answered
    purpose = models.CharField(max_length=200)
    about = models.CharField(max_length=100)
    taker = models.CharField(max_length=60)
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    unclear = models.BooleanField(default=False)  # a try may have arrived: ask first whether it was done
    attempts = models.PositiveSmallIntegerField(default=0)
    last_kind = models.CharField(max_length=12, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    next_try_at = models.DateTimeField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("taker", "about", "operation"), name="pending_once", condition=Q(state="waiting")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("system", "next_try_at"), name="pending_due", condition=Q(state="waiting")),
            models.Index(fields=("system", "-at"), name="pending_unsettled", condition=~Q(state="done")),
            models.Index(fields=("settled_at",), name="pending_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.system}.{self.operation} {self.state}"
