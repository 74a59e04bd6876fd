"""Writing down whose data an assessment shows: those whom the assessed records are about (Luật 91/2025/QH15)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from hienluong.capabilities.registers import naming
from hienluong.capabilities.scoring.models import Assessment
from hienluong.foundation.actions import Actor
from hienluong.foundation.files.models import StoredFile


def write_down(actor: Actor, assessments: Iterable[Assessment]) -> None:
    """Write down that `actor` was shown these assessments. One that is about something named in words names no person."""
    records: dict[str, set[int]] = {}
    for one in assessments:
        if one.register and one.record is not None:
            records.setdefault(one.register, set()).add(one.record)
    if records:
        naming.told(actor, records, _("Chấm điểm, kiểm tra"))


def log_report(actor: Actor, file: StoredFile) -> None:
    """Write down that the report of an assessment was opened."""
    write_down(actor, Assessment.objects.filter(report=file))
