"""Who comes, and to which document."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.models import Organization

from ... import access
from ...models import Document
from ...trays import OUTGOING


def document_for(request: HttpRequest, pk: int, what: str = "") -> Document:
    """The document, when this official may read it; NotFound otherwise. `what` is written down when it is restricted."""
    found = (
        Document.objects.select_related("agency", "unit", "signer", "drafter")
        .filter(pk=min(pk, 2**63 - 1), direction__in=OUTGOING)
        .first()
    )
    if found is None:
        raise NotFound(_("Không tìm thấy văn bản."))
    actor = actor_of(request)
    access.require_read(actor, found)
    if what:
        access.look(actor, found, what)
    return found


def agencies_of(actor: Actor, permission: str) -> list[Organization]:
    """The agencies in which the official holds a permission; NotAllowed when there is none."""
    held = access.agencies_with(actor, permission)
    if not held:
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."), permission=permission)
    return list(Organization.objects.filter(pk__in=held).order_by("code"))


def units_of(agency: Organization) -> list[Organization]:
    """The divisions of an agency, without those of agencies below it."""
    from ...competence import within

    return list(
        Organization.objects.filter(pk__in=within(agency), valid__contains=_today())
        .exclude(pk=agency.pk)
        .order_by("code")
    )


def _today() -> object:
    from django.utils import timezone

    return timezone.localdate()
