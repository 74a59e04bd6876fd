"""Setting up organisations and changing what they are called, where they stand and how they are reached.

Every change is a new version from a day on; the days before keep what they had, the days to come what they will have.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action

from .. import codes
from ..models import Organization, OrganizationVersion
from ..naming import sort_name
from . import effect, given

MANAGE = "organisations.manage"


@action("organisations.create")
def create(
    act: Act,
    *,
    code: str,
    kind: str,
    name: str,
    parent: Organization | None = None,
    valid_from: date | None = None,
    short_name: str = "",
    address: str = "",
    phone: str = "",
    email: str = "",
    opening_hours: Mapping[str, Any] | None = None,
    commune_code: str = "",
    legal_basis: str = "",
) -> Organization:
    """Set up an organisation from a day on (today by default) with its first version."""
    act.require(MANAGE, parent.path if parent else "/")
    code, name, legal_basis = codes.check(code), given.named(name), given.founded(legal_basis)
    if Organization.objects.filter(code=code).exists():
        raise InvalidInput(
            _("Mã %(code)s đã có cơ quan khác dùng.") % {"code": code}, code="organisations.code_taken", field="code"
        )
    if kind not in Organization.Kind.values:
        raise InvalidInput(_("Không có loại cơ quan này."), code="organisations.no_such_kind", field="kind")
    valid = given.days(valid_from, None)
    if parent and valid.lower not in parent.valid:
        raise InvalidInput(
            _("%(org)s không tồn tại vào ngày này.") % {"org": parent},
            code="organisations.parent_not_in_force",
            field="valid_from",
        )
    org = Organization.objects.create(
        code=code,
        legacy_code=codes.to_legacy(code) if codes.has_legacy(code) else "",
        kind=Organization.Kind(kind),
        name=name,
        sort_name=sort_name(name),
        parent=parent,
        commune_code=commune_code,
        valid=valid,
    )
    org.path = f"{parent.path if parent else '/'}{org.pk}/"
    org.save(update_fields=["path"])
    OrganizationVersion.objects.create(
        organization=org,
        name=org.name,
        short_name=short_name.strip(),
        parent=parent,
        address=address.strip(),
        phone=phone.strip(),
        email=email.strip(),
        opening_hours=given.opening_hours(opening_hours or {}),
        valid=valid,
        legal_basis=legal_basis,
    )
    act.record(org, after={"code": code, "name": name, "parent": parent.code if parent else None}, note=legal_basis)
    act.emit("organization.created", org, {"code": code})
    return org


@action("organisations.rename")
def rename(
    act: Act, *, org: Organization, name: str, on: date, legal_basis: str, short_name: str | None = None
) -> Organization:
    """Give `org` another name from a day on: a new version; the old name stays readable for the days before.

    Lists and papers show it from that day on, not before. Without `short_name` the short one stays as it is.
    """
    act.require(MANAGE, org.path)
    name, legal_basis = given.named(name), given.founded(legal_basis)
    fresh = {"name": name} | ({} if short_name is None else {"short_name": short_name.strip()})
    old = _next_version(org, on, **fresh, legal_basis=legal_basis)
    act.record(org, before={"name": old.name}, after={"name": name, "on": on.isoformat()}, note=legal_basis)
    effect.bring_up_to_date(act, [org], timezone.localdate())
    return org


@action("organisations.change_contacts")
def change_contacts(
    act: Act,
    *,
    org: Organization,
    on: date,
    address: str,
    phone: str,
    email: str,
    opening_hours: Mapping[str, Any],
) -> Organization:
    """Change address, contacts and opening hours from a day on."""
    act.require(MANAGE, org.path)
    fresh: dict[str, Any] = {
        "address": address.strip(),
        "phone": phone.strip(),
        "email": email.strip(),
        "opening_hours": given.opening_hours(opening_hours),
    }
    old = _next_version(org, on, **fresh)
    before = {key: getattr(old, key) for key in fresh}
    act.record(org, before=before, after={**fresh, "on": on.isoformat()})
    act.emit("organization.changed", org, {"code": org.code})
    return org


@action("organisations.move")
def move(act: Act, *, org: Organization, parent: Organization, on: date, legal_basis: str) -> Organization:
    """Put `org`, with everything below it, under another parent from a day on.

    Permissions follow on that day, not before: whoever administers the new parent reaches `org` only then.
    """
    act.require(MANAGE, org.path)
    act.require(MANAGE, parent.path)
    legal_basis = given.founded(legal_basis)
    effect.lock_moves()
    if given.day(on) not in parent.valid:
        raise InvalidInput(
            _("%(org)s không tồn tại vào ngày này.") % {"org": parent},
            code="organisations.parent_not_in_force",
            field="parent",
        )
    effect.refuse_circle(org, parent, on)
    old = _next_version(org, on, parent=parent, legal_basis=legal_basis)
    before = old.parent.code if old.parent else None
    act.record(org, before={"parent": before}, after={"parent": parent.code, "on": on.isoformat()}, note=legal_basis)
    effect.bring_up_to_date(act, [org], timezone.localdate())
    return org


def _next_version(org: Organization, on: date, **changes: Any) -> OrganizationVersion:
    """Close the version in force on a day and open the next with `changes`; the closed one is returned as it was.

    Changes already on record for later days keep what they changed, and take over the rest.
    """
    given.day(on)
    versions = list(
        OrganizationVersion.objects.select_for_update(of=("self",))
        .select_related("parent")
        .filter(organization=org)
        .order_by("valid")
    )
    place = next((n for n, version in enumerate(versions) if on in version.valid), None)
    if place is None:
        raise InvalidInput(
            _("%(org)s không tồn tại vào ngày này.") % {"org": org}, code="organisations.not_in_force", field="on"
        )
    old = versions[place]
    closed = copy(old)
    for key, value in changes.items():
        if key != "legal_basis":  # that of a later change stays its own
            _carry_on(versions[place + 1 :], key, getattr(closed, key), value)
    if old.valid.lower != on:
        upper = old.valid.upper
        old.valid = DateRange(old.valid.lower, on)
        old.save(update_fields=["valid"])
        old = copy(old)
        old.pk, old._state.adding = None, True
        old.valid = DateRange(on, upper)
    for key, value in changes.items():
        setattr(old, key, value)
    old.save()
    return closed


def _carry_on(later: list[OrganizationVersion], key: str, before: Any, after: Any) -> None:
    for version in later:
        if getattr(version, key) != before:
            return
        setattr(version, key, after)
        version.save(update_fields=[key])
