"""What registers hold of a person, read for a dossier: each read and each refusal is written down.

The agency that will handle the dossier reads by the person's own right where it keeps the register or the record; a
record of somebody else it reads only under a sharing agreement that names the procedure (NĐ 278/2025/NĐ-CP). Nothing is
read that the person themselves may not read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import agreements, looks, sharing
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Register, Version
from hienluong.capabilities.registers.queries import Wish, as_of, value_of
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.services.procedures.spec import ProcedureSpec

from .competence import competent_for

#: Most records of one person that are offered to choose from.
MOST = 30


@dataclass(frozen=True)
class Held:
    """One record of a person, as the register has it now."""

    register: Register
    spec: RegisterSpec
    version: Version

    @property
    def name(self) -> str:
        """What the person calls it; its key where the name is not theirs to read."""
        readable = self.readable
        value = self.version.data.get(self.spec.name) if self.spec.name in readable else ""
        return str(value or self.key)

    @property
    def key(self) -> str:
        """Its key, where the person may read it."""
        return self.version.key if not self.spec.key.field or self.spec.key.field in self.readable else ""

    @property
    def readable(self) -> frozenset[str]:
        """The fields that the person may read."""
        return self.spec.readable(self.spec.access.subject) | self.spec.readable(self.spec.access.public)


@dataclass(frozen=True)
class Reading:
    """What was read of a record, and under which agreement; empty when by the person's own right."""

    data: Mapping[str, Any]
    agreement: str = ""


def held_by(code: str, party: Party) -> list[Held]:
    """The records of a register that are about a party now, by key; none when there is no such register."""
    register = Register.objects.select_related("owner").filter(code=code).first()
    if register is None or not party.identifier:
        return []
    spec = spec_of(definition_on(register, timezone.localdate()))
    if not spec.subject:
        return []
    theirs = Exact(value_of(spec.subject, "text"), party.identifier)
    found = as_of(register).filter(theirs).select_related("organization", "opened_by").order_by("key")
    return [Held(register, spec, version) for version in found[:MOST]]


def agency_of(spec: ProcedureSpec, chosen: Organization | None, subject: Party) -> Organization | None:
    """The agency that a dossier will go to: the one chosen, else the only one, else that of the person's commune."""
    if chosen is not None:
        return chosen
    try:
        return competent_for(spec, on=timezone.localdate(), commune_code=subject.commune_code)
    except InvalidInput:
        return None


def read(
    act: Act,
    held: Held,
    fields: Collection[str],
    *,
    party: Party,
    agency: Organization | None,
    spec: ProcedureSpec,
    purpose: str,
) -> Reading | None:
    """Read fields of a person's record for a dossier of a procedure; None when nothing may be read (this is logged)."""
    wanted = [name for name in held.spec.fields if name in fields and name in held.readable]
    place = agency or _keeper(held, spec)
    if place is None or not wanted:
        return None
    who = Actor(
        kind="system",
        label=_("Điền sẵn hồ sơ"),
        organization_id=place.pk,
        ip=act.actor.ip,
        request_id=act.actor.request_id,
        purpose="dossiers.known",
    )
    if keeps(place, held):
        looks.write_down(who, held.spec, [party.identifier], wanted, purpose, organization=place.pk)
        return Reading({name: held.version.data.get(name) for name in wanted})
    for agreement in agreements.for_procedure(held.register, spec.code, place):
        covered = [name for name in wanted if name in agreement.fields]
        if not covered:
            continue
        wish = Wish(record=held.version.record_id, size=1)
        try:
            page = sharing.read(who, held.register, held.spec, agreement.code, wish, covered)
        except DomainError:
            continue  # expired, suspended, ended, used up: sharing has written down that it refused, and why
        if page.rows:
            return Reading(page.rows[0].data, agreement.code)
    act.record(
        held.register,
        verb="dossiers.register_refused",
        after={"procedure": spec.code, "agency": place.code, "fields": wanted},
        organization_id=held.register.owner_id,
        note=_("%(place)s không có thỏa thuận chia sẻ còn hiệu lực cho thủ tục này.") % {"place": place.name},
    )
    return None


def keeps(agency: Organization, held: Held) -> bool:
    """Whether the agency keeps the register, or is the one responsible for the record (or above it, or a part of it)."""
    record, owner = held.version.organization.path, held.register.owner.path
    return agency.path.startswith(owner) or agency.path.startswith(record) or record.startswith(agency.path)


def _keeper(held: Held, spec: ProcedureSpec) -> Organization | None:
    """Whoever keeps the record, when it stands at the level that the procedure is decided at and no place was named."""
    keeper = held.version.organization
    return keeper if keeper.kind == spec.agency.level else None
