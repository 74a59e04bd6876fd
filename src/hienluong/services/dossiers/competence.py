"""Which organisation decides, which division works on it, and where it is received."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.organisations.models import Organization
from hienluong.services.procedures.spec import ProcedureSpec

_KIND = {
    "province": Organization.Kind.PROVINCE,
    "department": Organization.Kind.DEPARTMENT,
    "district": Organization.Kind.DISTRICT,
    "commune": Organization.Kind.COMMUNE,
}


def competent_for(spec: ProcedureSpec, *, on: date, commune_code: str = "") -> Organization:
    """The organisation competent for a procedure on a day; a commune procedure needs the commune's code.

    Raises :class:`InvalidInput` when there is none: the page asks for the place again.
    """
    level, key = spec.agency.level, spec.agency.key
    found = Organization.objects.filter(kind=_KIND[level], valid__contains=on)
    if level == "commune":
        found = found.filter(commune_code=commune_code) if commune_code else found.none()
    elif level == "department":
        found = found.filter(versions__short_name=key, versions__valid__contains=on)
    elif level == "district" and commune_code:
        found = found.filter(commune_code=commune_code)
    organization = found.order_by("code").first()
    if organization is None:
        raise InvalidInput(
            _("Chưa xác định được cơ quan giải quyết. Hãy chọn lại nơi giải quyết."),
            code="dossiers.no_competent",
            field="commune",
        )
    return organization


def division_of(organization: Organization, key: str, *, on: date) -> Organization:
    """The division with this short name in the organisation, or the organisation itself."""
    if not key:
        return organization
    return (
        Organization.objects.filter(
            parent=organization, kind=Organization.Kind.DIVISION, valid__contains=on, versions__short_name=key
        ).first()
        or organization
    )


def counter_of(organization: Organization, *, on: date) -> Organization:
    """Where dossiers of this organisation are received: its service centre or counter, else the province's centre.

    Since 2025-07-01 departments receive at the provincial centre (Nghị định 118/2025/NĐ-CP).
    """
    kinds = (Organization.Kind.SERVICE_CENTRE, Organization.Kind.COUNTER)
    own = Organization.objects.filter(parent=organization, kind__in=kinds, valid__contains=on).order_by("code").first()
    if own:
        return own
    if organization.parent_id and organization.parent:
        above = (
            Organization.objects.filter(parent_id=organization.parent_id, kind__in=kinds, valid__contains=on)
            .order_by("code")
            .first()
        )
        if above:
            return above
    return organization
