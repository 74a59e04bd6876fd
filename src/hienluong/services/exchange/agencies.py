"""Agency codes on their way: in which form we write ours, and which agency of ours a code means."""

from __future__ import annotations

from django.conf import settings

from hienluong.foundation.organisations import codes
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.services.documents.agencies import AGENCY_KINDS, agency_of


def written(code: str) -> str:
    """A code as we write it into packages: the current form, or the legacy one where it was chosen and there is one."""
    if settings.DOCUMENT_AXIS["codes"] == "legacy" and codes.has_legacy(code):
        return codes.to_legacy(code)
    return code


def tidy(code: str) -> str:
    """One form for comparing: the current one when `code` has it or the legacy one, else itself in capitals."""
    return codes.current_form(code) or code.strip().upper()


def ours(code: str) -> Organization | None:
    """The agency of this installation that a code means today, None when there is none.

    What was merged into another is that other; what has no records office of its own is the agency above it.
    """
    found = Organization.objects.filter(code=tidy(code)).first()
    return agency_of(organisations.resolve_successor(found)) if found else None


def connected() -> list[Organization]:
    """The agencies of this installation that send and receive, in the order of their codes."""
    return list(organisations.in_force().filter(kind__in=AGENCY_KINDS).order_by("code"))
