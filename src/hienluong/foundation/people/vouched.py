"""What an identity provider of the state vouches for about a citizen, written into what is known here."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, NotAllowed, action

from . import identifiers
from .models import Party
from .protected import blind_index


@action("people.vouched")
def vouched(
    act: Act,
    *,
    name: str,
    identifier: str,
    date_of_birth: date | None = None,
    sex: str = "",
    phone: str = "",
    email: str = "",
    address: str = "",
) -> tuple[Party, bool]:
    """The citizen with this personal number, and whether it was new here.

    Name, day of birth and sex become those vouched for: they come from the population database. Contacts are filled in
    where they were empty, never overwritten: changing them is the person's own act. The log says which fields changed.
    Only a system says so: the caller has verified whose words these are.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."))
    number = identifiers.normal(Party.Kind.CITIZEN, identifier)
    known = Party.objects.select_for_update().filter(kind=Party.Kind.CITIZEN, identifier_hash=blind_index(number))
    found = known.first()
    if found is None:
        given = {"phone": phone, "email": email, "address": address}
        found = Party.objects.create(
            kind=Party.Kind.CITIZEN, name=name, identifier=number, date_of_birth=date_of_birth, sex=sex, **given
        )
        act.record(found, after={"new": True})
        return found, True
    certain = {"name": name, "date_of_birth": date_of_birth, "sex": sex}
    contacts = {"phone": phone, "email": email, "address": address}
    changes = {field: value for field, value in certain.items() if value and value != getattr(found, field)}
    changes |= {field: value for field, value in contacts.items() if value and not getattr(found, field)}
    for field, value in changes.items():
        setattr(found, field, value)
    if changes:
        found.save()
    act.record(found, after={"changed": sorted(changes)})
    return found, False
