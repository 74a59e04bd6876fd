"""Demo: an official for every post of the province, and citizens all over it."""

from __future__ import annotations

import random
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.organisations.naming import sort_name
from hienluong.foundation.people.models import Party, Representation

from . import Progress, formdata, names

Kind = Organization.Kind
SINCE = date(2025, 7, 1)
OPENED = date(2023, 1, 1)
CITIZENS = 1200
ENTERPRISES = 90
#: How many times as many people live in a ward, and in the two towns of the province, as in a rural commune.
WARD, TOWNS = 3, {"18880": 8, "19333": 7}
#: Codes of the officials made here begin so.
OFFICIAL = "CBTD"


def officials(progress: Progress) -> None:
    """Officials everywhere, once."""
    if not Official.objects.filter(code__startswith=OFFICIAL).exists():
        with transaction.atomic():
            _officials()


def citizens(progress: Progress) -> None:
    """Citizens and enterprises, once."""
    if Party.objects.count() < CITIZENS:
        _citizens()
        _enterprises()


def _officials() -> None:
    """One official a role in every counter, division, commune and department of today (a few hundred)."""
    chance = random.Random(50)  # noqa: S311 - a fixed seed, so that the demo is the same everywhere
    wanted: list[tuple[Organization, str, str]] = []
    for organization in Organization.objects.filter(valid__contains=SINCE).exclude(kind=Kind.DISTRICT).order_by("path"):
        wanted += [(organization, role, title) for role, title in _posts(organization)]
    with_seal = Organization.objects.filter(valid__contains=SINCE, kind__in=(Kind.DEPARTMENT, Kind.COMMUNE)).order_by(
        "path"
    )
    wanted += [(organization, "document_clerk", "Văn thư") for organization in with_seal]
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
    weights = [TOWNS.get(code, WARD if "phường" in name.lower() else 1) for code, name in communes]
    rows = []
    for number in range(CITIZENS):
        name, sex = names.person(chance)
        code, commune = chance.choices(communes, weights)[0]
        born = date(chance.randint(1950, 2005), chance.randint(1, 12), chance.randint(1, 28))
        party = Party(
            kind=Party.Kind.CITIZEN,
            name=name,
            identifier=formdata.identifier(born, male=sex == "male", number=100_000 + number),
            date_of_birth=born,
            sex=sex,
            phone=f"09{chance.randint(10_000_000, 99_999_999)}",
            address=f"Thôn {chance.randint(1, 12)}, {commune.removeprefix('UBND ')}, tỉnh Quảng Trị",
            commune_code=code,
        )
        rows.append(party.with_index())
    Party.objects.bulk_create(rows, batch_size=500)


_TRADES = ("Thương mại", "Xây dựng", "Vận tải", "Du lịch", "Nông sản", "Thủy sản", "Dịch vụ", "Lâm nghiệp")
_PLACES = ("Hiền Lương", "Bến Hải", "Cửa Tùng", "Phong Nha", "Lao Bảo", "Thành Cổ", "Nhật Lệ", "Trường Sơn", "Gio An")
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def tax_code(number: int) -> str:
    """The tax code of nine digits with its check digit; empty for a number that is never issued."""
    digits = f"{number:09d}"
    check = 10 - sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11
    return f"{digits}{check}" if check < 10 else ""


def _enterprises() -> None:
    """Enterprises, each with a citizen who acts for it."""
    chance = random.Random(52)  # noqa: S311
    directors = list(Party.objects.filter(kind=Party.Kind.CITIZEN, account__isnull=True).order_by("pk"))
    codes = [code for number in range(320_070_000, 320_071_000, 7) if (code := tax_code(number))][:ENTERPRISES]
    rows, people = [], chance.sample(directors, min(ENTERPRISES, len(directors)))
    for number, (code, director) in enumerate(zip(codes, people, strict=False)):
        form = "Công ty Cổ phần" if number % 4 == 3 else "Công ty TNHH"
        name = f"{form} {chance.choice(_TRADES)} {_PLACES[number % len(_PLACES)]} {number // len(_PLACES) + 1}"
        rows.append(
            Party(
                kind=Party.Kind.ENTERPRISE,
                name=name,
                identifier=code,
                phone=director.phone,
                address=director.address,
                commune_code=director.commune_code,
            ).with_index()
        )
    made = Party.objects.bulk_create(rows)
    Representation.objects.bulk_create(
        Representation(representative=director, represented=enterprise, role="Giám đốc", valid=DateRange(OPENED, None))
        for director, enterprise in zip(people, made, strict=False)
    )
