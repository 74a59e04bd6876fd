"""Makers that speak the domain; each goes through the real action, as the system actor "kiểm thử"."""

from __future__ import annotations

import itertools
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from stdnum.vn import mst

from hienluong.foundation.actions import Actor, system
from hienluong.foundation.identity import actions as identity_actions
from hienluong.foundation.identity import roles
from hienluong.foundation.identity.models import Account, Role
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations import actions as organisation_actions
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.people.models import Party, Representation

TESTER = system("kiểm thử")
LONG_AGO = date(2020, 1, 1)

_count = itertools.count(1)


def make_org(
    name: str = "",
    *,
    code: str = "",
    kind: str = "department",
    parent: Organization | None = None,
    valid_from: date = LONG_AGO,
    **more: str,
) -> Organization:
    """An organisation in force since 2020. Without `code`, the next free one below its parent (or H50)."""
    if not code:
        taken = set(Organization.objects.values_list("code", flat=True))
        base = parent.code if parent else ""
        candidates = (f"{base}.{n:02d}" for n in range(1, 1000)) if base else (f"H{n}" for n in (50, *range(10, 50)))
        code = next(candidate for candidate in candidates if candidate not in taken)
    return organisation_actions.create(
        TESTER,
        code=code,
        kind=kind,
        name=name or f"Cơ quan {code}",
        parent=parent,
        valid_from=valid_from,
        legal_basis="Quyết định kiểm thử",
        **more,
    )


def make_official(
    full_name: str = "",
    *,
    role: str = "officer",
    org: Organization | None = None,
    title: str = "",
    valid_from: date = LONG_AGO,
    valid_to: date | None = None,
) -> Official:
    """An official with one post in `org` (a new organisation when none is given)."""
    number = next(_count)
    org = org or make_org()
    official = organisation_actions.add_official(
        TESTER, code=f"CB{number:06d}", full_name=full_name or f"Nguyễn Văn {number}", organization=org
    )
    organisation_actions.appoint(
        TESTER,
        official=official,
        organization=org,
        title=title or role,
        role=role,
        valid_from=max(valid_from, org.valid.lower),
        valid_to=valid_to,
    )
    return official


def make_account(
    username: str = "",
    *,
    official: Official | None = None,
    party: Party | None = None,
    password: str | None = "Mat-khau-thu-2026",
) -> Account:
    """An account that can sign in with the password "Mat-khau-thu-2026"."""
    label = official.full_name if official else party.name if party else "Người dùng"
    return identity_actions.create_account(
        TESTER,
        username=username or f"tk{next(_count):06d}",
        display_name=label,
        password=password,
        official=official,
        party=party,
    )


def make_roles() -> list[Role]:
    """The roles of the product, with the permissions that the modules registered."""
    return roles.seed()


def actor_for_role(role: str, org: Organization | None = None) -> Actor:
    """An actor who holds a post with `role` in `org` (a new organisation when none is given)."""
    make_roles()
    return actor_of(make_account(official=make_official(role=role, org=org)))


def make_citizen(name: str = "Nguyễn Thị Kiểm Thử", *, identifier: str = "") -> Party:
    """A citizen with a 12-digit personal identifier of Quảng Trị."""
    number = identifier or f"0451900{next(_count):05d}"
    return Party.objects.create(kind=Party.Kind.CITIZEN, name=name, identifier=number, phone="0912345678")


def make_enterprise(name: str = "Công ty TNHH Kiểm Thử", *, representative: Party | None = None) -> Party:
    """An enterprise of Quảng Trị with a sound tax code; `representative` is recorded as its director."""
    base = f"3200{next(_count):05d}"
    found = Party.objects.create(kind=Party.Kind.ENTERPRISE, name=name, identifier=base + mst.calc_check_digit(base))
    if representative:
        Representation.objects.create(
            representative=representative, represented=found, role="Giám đốc", valid=DateRange(LONG_AGO, None)
        )
    return found
