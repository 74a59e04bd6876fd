"""Writing down that an official looked at a person's data: who, what, why (Law 91/2025/QH15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
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
