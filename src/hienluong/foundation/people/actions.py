"""Registering parties: at the counter, from the national portal, by an account."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action

from .models import Party
from .protected import blind_index


@action("people.find_or_register")
def find_or_register(
    act: Act,
    *,
    name: str,
    identifier: str,
    kind: str = Party.Kind.CITIZEN,
    phone: str = "",
    address: str = "",
    email: str = "",
) -> Party:
    """The party with this identifying number, registered now when it is new.

    A known party's contacts are filled in where they were empty, never overwritten: changing them is the
    person's own act. Only officials and systems may look people up by number.
    """
    if act.actor.kind != "system" and act.actor.official_id is None:
        raise NotAllowed(_("Chỉ cán bộ được tra cứu người dân theo số định danh."))
    if not identifier.strip():
        raise InvalidInput(_("Thiếu số định danh."), field="identifier")
    found = Party.objects.select_for_update().filter(kind=kind, identifier_hash=blind_index(identifier)).first()
    if found is None:
        found = Party.objects.create(
            kind=kind, name=name.strip(), identifier=identifier.strip(), phone=phone, address=address, email=email
        )
        act.record(found, after={"name": found.name, "kind": kind})
        return found
    filled = {
        key: value
        for key, value in {"phone": phone, "address": address, "email": email}.items()
        if value and not getattr(found, key)
    }
    for key, value in filled.items():
        setattr(found, key, value)
    if filled:
        found.save()
    act.record(found, verb="people.looked_up", after={"filled": sorted(filled)})
    return found
