"""Registering parties: at the counter, from the national portal, by an account."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action
from hienluong.foundation.search.text import fold

from . import identifiers
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
    person's own act. Only officials and systems may look people up by number. Raises InvalidInput (``identifier``)
    for a number that cannot be one of this kind.
    """
    if act.actor.kind != "system" and act.actor.official_id is None:
        raise NotAllowed(_("Chỉ cán bộ được tra cứu người dân theo số định danh."))
    if not identifier.strip():
        raise InvalidInput(_("Thiếu số định danh."), field="identifier")
    identifier = identifiers.normal(kind, identifier)
    found = Party.objects.select_for_update().filter(kind=kind, identifier_hash=blind_index(identifier)).first()
    if found is None:
        found = Party.objects.create(
            kind=kind, name=name.strip(), identifier=identifier, phone=phone, address=address, email=email
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


@action("people.name_represented")
def name_represented(act: Act, *, name: str, identifier: str) -> Party:
    """The citizen whom the acting person files for, by name and personal number; registered now when new.

    Nothing of what is known about that citizen is given back but the name that was typed: a number that is known
    under another name is refused (``people.name_mismatch``), in the same words whatever that other name is.
    """
    if act.actor.party_id is None:
        raise NotAllowed(_("Chỉ người dân đã đăng nhập được nộp thay người khác."))
    if not name.strip():
        raise InvalidInput(_("Nhập họ và tên người được đại diện."), field="name")
    number = identifiers.normal(Party.Kind.CITIZEN, identifier)
    found = (
        Party.objects.select_for_update().filter(kind=Party.Kind.CITIZEN, identifier_hash=blind_index(number)).first()
    )
    if found is None:
        found = Party.objects.create(kind=Party.Kind.CITIZEN, name=name.strip()[:200], identifier=number)
    elif fold(found.name) != fold(name):
        raise InvalidInput(
            _("Họ tên và số định danh không khớp nhau. Hãy xem lại trên thẻ căn cước của người đó."),
            code="people.name_mismatch",
            field="identifier",
        )
    act.record(found, after={"by": act.actor.party_id})
    return found
