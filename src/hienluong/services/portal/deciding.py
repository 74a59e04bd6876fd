"""Which agency decides on a draft, why it is that one, and where and when its counter is open."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.organisations import opening
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.dossiers.competence import commune_asked, commune_of, competent_for, counter_of
from hienluong.services.dossiers.models import Draft
from hienluong.services.procedures.spec import ProcedureSpec


@dataclass(frozen=True)
class Proposed:
    """The commune that the address given names, and which address that was; none when no address is known."""

    organization: Organization | None = None
    why: str = ""


@dataclass(frozen=True)
class Agency:
    """The agency as the page shows it: its counter too, when dossiers are received by another unit."""

    organization: Organization
    why: str
    counter: Organization
    address: str
    phone: str
    hours: list[tuple[str, str]]


def proposed(draft: Draft, filer: Party) -> Proposed:
    """The commune of the address in the form, else where the person whose matter it is lives, else where the filer does."""
    spec, today = draft.procedure_version.spec, timezone.localdate()
    named = commune_of(spec, draft.data, "", on=today)
    if named is not None and spec.form is not None:
        field = commune_asked(spec)
        label = label_of(field, properties(spec.form.data_schema)[field])
        return Proposed(named, _("Theo điều bạn đã khai ở mục “%(label)s”.") % {"label": label})
    subject = draft.subject or filer
    for party in (subject, filer):
        home = _commune(party.commune_code)
        if home is None:
            continue
        if party.pk == filer.pk:
            return Proposed(home, _("Theo địa chỉ của bạn."))
        return Proposed(home, _("Theo địa chỉ của %(name)s.") % {"name": party.name})
    return Proposed()


def settled(spec: ProcedureSpec) -> Organization | None:
    """The agency when the procedure leaves nothing to choose; None when the person chooses, or none is in force."""
    try:
        return competent_for(spec, on=timezone.localdate())
    except InvalidInput:
        return None


def why_settled(organization: Organization) -> str:
    """Why there is nothing to choose."""
    if organization.kind == Organization.Kind.COMMUNE:
        return _("Trong tỉnh chỉ nơi này giải quyết thủ tục này.")
    return _("Cơ quan này giải quyết thủ tục này cho cả tỉnh, bạn ở đâu cũng vậy.")


def shown(organization: Organization, why: str) -> Agency:
    """What the page tells of an agency today."""
    today = timezone.localdate()
    counter = counter_of(organization, on=today)
    at, own = organisations.version_on(counter, today), organisations.version_on(organization, today)
    hours, _theirs = opening.hours_of(counter, at, today)
    address, phone = (
        next((found for version in (at, own) if version and (found := getattr(version, field))), "")
        for field in ("address", "phone")
    )
    return Agency(organization, why, counter, address, phone, opening.in_words(hours))


def _commune(code: str) -> Organization | None:
    if not code:
        return None
    return organisations.in_force().filter(kind=Organization.Kind.COMMUNE, commune_code=code).first()
