"""Telling people what happens to their dossier, and officials what is about to be late."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from hienluong.foundation.actions import system
from hienluong.foundation.events.models import Event
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from .models import OPEN_STATES, Dossier
from .presentation import PLAIN

#: Steps the person is told about.
TOLD = (
    "receive",
    "request_supplement",
    "refuse",
    "apologise",
    "stop",
    "reopen",
    "complete",
    "return_result",
    "revoke_result",
    "move_to_successor",
)
WHO = system("Thông báo hồ sơ")


def tell_person(event: Event) -> None:
    """Tell the account of the one who filed (idempotent: once an event)."""
    dossier = Dossier.objects.select_related("filer").filter(code=event.data.get("code", "")).first()
    account = Account.objects.filter(party_id=dossier.filer_id).first() if dossier else None
    if dossier is None or account is None:
        return
    verb = event.type.removeprefix("dossier.")
    handover = dossier.handovers.filter(verb=verb).order_by("-at").first()
    due = (
        f"Hẹn trả: {timezone.localtime(dossier.due_at):%H:%M ngày %d/%m/%Y}.\n"
        if verb == "receive" and dossier.due_at
        else ""
    )
    words = handover.public_note if handover else ""
    notify(
        WHO,
        account=account,
        key=f"event:{event.uid}",
        kind=event.type,
        title=f"{PLAIN.get(verb, verb)}: {dossier.procedure_name}"[:200],
        body=f"Mã hồ sơ {dossier.code}.\n{due}{words}\n{settings.BASE_URL}/ho-so/{dossier.code}".strip(),
        href=f"/ho-so/{dossier.code}",
        phone=dossier.filer.phone,
    )


def remind(now_plus: timedelta = timedelta(days=1)) -> int:
    """Remind the one who holds a dossier a day before it is due, and its head of division when it is late.

    Returns how many were told; each is told once a kind.
    """
    now, told = timezone.now(), 0
    soon = Dossier.objects.filter(
        state__in=OPEN_STATES, due_at__lte=now + now_plus, due_at__gt=now - timedelta(days=30), assignee__isnull=False
    ).select_related("assignee", "handling")
    for dossier in soon[:2000]:
        assert dossier.due_at is not None
        late = dossier.due_at < now
        kind = "late" if late else "soon"
        holders = Account.objects.filter(official_id=dossier.assignee_id or 0)
        if late:
            holders = holders | Account.objects.filter(
                official__positions__organization_id=dossier.handling_id,
                official__positions__role="head",
                official__positions__valid__contains=timezone.localdate(),
            )
        for account in holders.distinct():
            notify(
                WHO,
                account=account,
                key=f"{kind}:{dossier.pk}:{dossier.due_at.isoformat()}",
                kind=f"dossier.{kind}",
                title=f"{'Đã quá hạn' if late else 'Sắp đến hạn'}: {dossier.code}",
                body=f"{dossier.procedure_name}. Hẹn trả {timezone.localtime(dossier.due_at):%H:%M %d/%m/%Y}.",
                href=f"/lam-viec/ho-so/{dossier.code}",
            )
            told += 1
    return told
