"""For whom the person works just now: chosen once, shown on every page, gone as soon as the right to it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from hienluong.foundation.people.models import Party, Representation

SESSION = "acting-for"


@dataclass(frozen=True)
class ActingFor:
    """The enterprise (or household) on whose behalf a page is used; `chosen`: for all pages, until left."""

    party_id: int
    name: str
    role: str
    chosen: bool


def of_session(request: HttpRequest) -> ActingFor | None:
    """What the session chose, if it still holds today."""
    held = request.session.get(SESSION)
    mine = getattr(request.user, "party_id", None)
    if not isinstance(held, int) or mine is None:
        return None
    found = _representation(mine, held)
    return ActingFor(held, found.represented.name, found.role, chosen=True) if found else None


def shown(request: HttpRequest, subject: Party | None) -> None:
    """Say on this page for whom it is, when its thing belongs to an enterprise that the person represents."""
    mine = getattr(request.user, "party_id", None)
    if subject is None or subject.kind == Party.Kind.CITIZEN or mine is None:
        return
    known = getattr(request, "acting_for", None)
    if known is not None and known.party_id == subject.pk:
        return
    found = _representation(mine, subject.pk)
    role = found.role if found else ""
    request.acting_for = ActingFor(subject.pk, subject.name, role, chosen=False)  # type: ignore[attr-defined]


def _representation(party_id: int, represented_id: int) -> Representation | None:
    held = Representation.objects.filter(
        representative_id=party_id, represented_id=represented_id, valid__contains=timezone.localdate()
    )
    return held.select_related("represented").first()
