"""Demo: an official for every post of the province, and citizens all over it."""

from __future__ import annotations

import random
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.organisations.naming import sort_name
from hienluong.foundation.people.models import Party

from . import Progress, names

Kind = Organization.Kind
SINCE = date(2025, 7, 1)
CITIZENS = 1200
#: Codes of the officials made here begin so.
OFFICIAL = "CBTD"


def officials(progress: Progress) -> None:
    """Officials everywhere, once."""
    if not Official.objects.filter(code__startswith=OFFICIAL).exists():
        with transaction.atomic():
            _officials()


def citizens(progress: Progress) -> None:
    """Citizens, once."""
    if Party.objects.count() < CITIZENS:
        _citizens()


def _officials() -> None:
    """One official a role in every counter, division, commune and department of today (a few hundred)."""
    chance = random.Random(50)  # noqa: S311 - a fixed seed, so that the demo is the same everywhere
    wanted: list[tuple[Organization, str, str]] = []
    for organization in Organization.objects.filter(valid__contains=SINCE).exclude(kind=Kind.DISTRICT).order_by("path"):
        wanted += [(organization, role, title) for role, title in _posts(organization)]
    officials, positions = [], []
    for number, (organization, role, title) in enumerate(wanted, start=1):
        name, _sex = names.person(chance)
        officials.append(Official(code=f"{OFFICIAL}{number:05d}", full_name=name, sort_name=sort_name(name)))
        positions.append((organization, role, title))
    made = Official.objects.bulk_create(officials, batch_size=500)
    Position.objects.bulk_create(
        [
            Position(official=official, organization=organization, role=role, title=title, valid=DateRange(SINCE, None))
            for official, (organization, role, title) in zip(made, positions, strict=True)
        ],
        batch_size=500,
    )


def _posts(organization: Organization) -> list[tuple[str, str]]:
    if organization.kind in (Kind.SERVICE_CENTRE, Kind.COUNTER):
        return [("clerk", "Chuyên viên một cửa"), ("clerk", "Chuyên viên một cửa")]
    if organization.kind == Kind.DIVISION:
        return [("officer", "Chuyên viên"), ("head", "Trưởng phòng")]
    if organization.kind == Kind.COMMUNE:
        return [("leader", "Phó Chủ tịch")]
    if organization.kind == Kind.DEPARTMENT:
        return [
            ("officer", "Chuyên viên"),
            ("officer", "Chuyên viên"),
            ("head", "Trưởng phòng"),
            ("leader", "Phó Giám đốc"),
        ]
    return []


def _citizens() -> None:
    chance = random.Random(51)  # noqa: S311
    communes = list(
        Organization.objects.filter(kind=Kind.COMMUNE, valid__contains=SINCE)
        .order_by("code")
        .values_list("commune_code", "name")
    )
    rows = []
    for number in range(CITIZENS):
        name, sex = names.person(chance)
        code, commune = chance.choice(communes)
        born = date(chance.randint(1950, 2005), chance.randint(1, 12), chance.randint(1, 28))
        century = (0 if born.year < 2000 else 2) + (sex == "female")
        party = Party(
            kind=Party.Kind.CITIZEN,
            name=name,
            identifier=f"045{century}{born.year % 100:02d}{100000 + number:06d}",
            date_of_birth=born,
            sex=sex,
            phone=f"09{chance.randint(10_000_000, 99_999_999)}",
            address=f"Thôn {chance.randint(1, 12)}, {commune.removeprefix('UBND ')}",
            commune_code=code,
        )
        rows.append(party.with_index())
    Party.objects.bulk_create(rows, batch_size=500)
