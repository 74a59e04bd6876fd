"""Writing down that an official looked at a person's data: who, what, why (Law 91/2025/QH15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.audit.reads import log_reads
from hienluong.services.dossiers.models import Dossier

from .guard import actor_of

#: The parts of a dossier's papers that name the person.
PERSON = ("name", "identifier", "phone", "address")


def whole(dossier: Dossier) -> list[str]:
    """Everything that the page of a dossier shows."""
    return [*PERSON, *sorted(dossier.data)]


def look(request: HttpRequest, dossiers: Iterable[Dossier], fields: Sequence[str], purpose: str = "") -> None:
    """Log one look at the same fields of each dossier's person."""
    actor = actor_of(request)
    log_reads(
        [
            PersonalDataRead(
                party_id=dossier.subject_id,
                actor_id=actor.account_id,
                actor_label=actor.label,
                organization_id=actor.organization_id,
                fields=list(fields),
                purpose=purpose or _("Giải quyết thủ tục hành chính"),
                subject=dossier.code,
                ip=actor.ip,
            )
            for dossier in dossiers
        ]
    )


def look_at_list(request: HttpRequest, dossiers: Iterable[Dossier]) -> None:
    """Log that names stood in a list, once a day for each official and dossier: a list is opened again and again.

    Two statements however long the list is; none but the first when all were written down today.
    """
    actor = actor_of(request)
    rows = list(dossiers)
    purpose = _("Xem danh sách hồ sơ phải giải quyết")
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = PersonalDataRead.objects.filter(
        party_id__in={row.subject_id for row in rows}, at__gte=since, actor_id=actor.account_id
    )
    written = set(today.values_list("subject", flat=True))
    look(request, [row for row in rows if row.code not in written], ["name"], purpose)
