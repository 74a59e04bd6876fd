"""Whether a system is asked at all now: after some failures in a row nobody asks for a while, then one tries.

It stands in the database, so that all processes know what one of them has learnt.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from .faults import Down, Fault
from .models import System

#: So many failures in a row open it.
LIMIT = 5
#: For how long at first, and at most; it doubles with each failure after that.
FIRST, LONGEST = timedelta(seconds=15), timedelta(minutes=10)
#: How long others keep away while one tries whether the system is back.
TRIAL = timedelta(seconds=30)


def admit(code: str) -> None:
    """Let one question through. Raises :class:`Down` (not sent) while nobody asks."""
    now = timezone.now()
    found = System.objects.filter(code=code).first()
    if found is None or found.opened_until is None:
        return
    if found.opened_until > now:
        raise Down("tạm ngừng hỏi vì lỗi liên tiếp", sent=False, retry_after=(found.opened_until - now).total_seconds())
    # One of those who come now tries; the others wait for what it finds.
    if not System.objects.filter(pk=found.pk, opened_until=found.opened_until).update(opened_until=now + TRIAL):
        raise Down("đang thử kết nối lại", sent=False, retry_after=TRIAL.total_seconds())


def after(system: System, fault: Fault | None) -> None:
    """Note in `system` (to be saved) what an answer, or a fault, means for those who come next."""
    now = timezone.now()
    if fault is None or not (fault.counts or fault.kind in ("busy", "off")):
        system.failures, system.opened_until = 0, None  # whoever says no is there
        return
    if fault.kind == "busy":
        system.opened_until = now + timedelta(seconds=fault.retry_after or 0)
        return
    if fault.counts:
        system.failures += 1
        if system.failures >= LIMIT:
            system.opened_until = now + min(FIRST * 2 ** min(system.failures - LIMIT, 10), LONGEST)


def close(system: System) -> None:
    """Ask again from now on, whatever was (in `system`, to be saved)."""
    system.failures, system.opened_until = 0, None
