"""Reminding of opinions on drafts: near the deadline, on the day, and when they are late; each once."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.calendars.deadlines import next_working_day
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification

from . import telling
from .actions.drafting import address
from .models import Opinion, State

WHO = system("Nhắc hạn cho ý kiến")
#: Days after the day of the deadline on which those are reminded who owe an opinion and who asked for it.
LATE_AFTER = (1, 3, 7, 14, 30)
_NEAR = gettext_noop("Sắp đến hạn cho ý kiến dự thảo: %(name)s")
_TODAY = gettext_noop("Hôm nay hết hạn cho ý kiến dự thảo: %(name)s")
_LATE = gettext_noop("Quá hạn cho ý kiến dự thảo: %(name)s")
_LATE_FOR_DRAFTER = gettext_noop("Chậm có ý kiến cho dự thảo: %(name)s")


def remind_all() -> int:
    """Remind of the opinions that are owed. What was said is not said again; returns how many were reminded of."""
    today, done = timezone.localdate(), 0
    waiting = (
        Opinion.objects.filter(
            given_at__isnull=True, withdrawn_at__isnull=True, due_at__isnull=False, document__state=State.OPINIONS
        )
        .select_related("document__agency", "official", "agency")
        .order_by("pk")
    )
    for opinion in waiting.iterator(500):
        stage, late = _stage(opinion, today)
        key = f"owed:{opinion.pk}:{opinion.due_at:%Y%m%d}:{stage}"
        if not stage or Notification.objects.filter(key=f"document:{opinion.document_id}:{key}").exists():
            continue
        if not Account.objects.filter(official_id__in=_told(opinion, late), is_active=True).exists():
            continue
        remind_of(WHO, opinion=opinion, key=key, late=late)
        done += 1
    return done


def _stage(opinion: Opinion, today: date) -> tuple[str, int]:
    """What is to be said today, and how many days it is late; nothing when it is not time yet."""
    assert opinion.due_at is not None
    due = timezone.localdate(opinion.due_at)
    if due == today:
        return "today", 0
    if due > today:
        return ("near" if due <= next_working_day(today, opinion.agency) else ""), 0
    late = max(days for days in LATE_AFTER if days <= (today - due).days)
    return f"late{late}", late


def _told(opinion: Opinion, late: int) -> set[int]:
    """Who owes it; when it is late those who asked for it and who drafts, too."""
    others = (opinion.asked_by_id, opinion.document.drafter_id) if late else ()
    return {opinion.official_id, *(official for official in others if official is not None)}


@action("documents.remind_of_opinion")
def remind_of(act: Act, *, opinion: Opinion, key: str, late: int) -> None:
    """Tell those concerned that an opinion is due, or has been late for so many days."""
    document, href = opinion.document, address(opinion.document)
    title = _LATE if late else _TODAY if key.endswith(":today") else _NEAR
    telling.tell(act, document, [opinion.official_id], key, title, _due(opinion), href=href)
    if late:
        others = _told(opinion, late) - {opinion.official_id}
        telling.tell(act, document, others, key, _LATE_FOR_DRAFTER, opinion.official.full_name, href=href)
    act.record(document, after={"reminded": opinion.pk, "late": late}, organization_id=document.agency_id)


def _due(opinion: Opinion) -> str:
    assert opinion.due_at is not None
    return f"{timezone.localtime(opinion.due_at):%H:%M %d/%m/%Y}"
