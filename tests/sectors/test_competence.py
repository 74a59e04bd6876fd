"""The agency a procedure names is an agency of the province on the days the procedure holds."""

from __future__ import annotations

from datetime import date

import pytest

from hienluong.foundation.organisations import seed
from hienluong.foundation.organisations.models import Organization, OrganizationVersion
from tests.snapshots import ready

from .test_packs import SPECS

#: Agencies of the State's vertical branches that the province's own tree does not hold.
OUTSIDE = {"BHXHT", "CAX"}
KINDS = {"department": Organization.Kind.DEPARTMENT, "province": Organization.Kind.PROVINCE}

pytestmark = pytest.mark.django_db


@pytest.fixture
def short_names() -> list[tuple[str, str, date, date | None]]:
    ready(seed.load_quang_tri)
    return [
        (version.short_name, version.organization.kind, version.valid.lower, version.valid.upper)
        for version in OrganizationVersion.objects.select_related("organization").filter(
            organization__code__startswith="H50"
        )
    ]


def test_every_agency_exists_from_the_first_to_the_last_day(
    short_names: list[tuple[str, str, date, date | None]],
) -> None:
    missing = []
    for path, spec in SPECS.items():
        key, level = spec.agency.key, spec.agency.level
        if key in OUTSIDE or level not in KINDS or (level == "province" and not key):
            continue
        last = spec.effective_to or date.max
        covered = any(
            (name, kind) == (key, KINDS[level]) and start <= spec.effective_from and (end is None or last < end)
            for name, kind, start, end in short_names
        )
        if not covered:
            missing.append(f"{path.name}: {key} {spec.effective_from}–{spec.effective_to}")
    assert missing == []


def test_divisions_of_communes_and_districts_exist(
    short_names: list[tuple[str, str, date, date | None]],
) -> None:
    divisions = {name for name, kind, _start, _end in short_names if kind == Organization.Kind.DIVISION}
    named = {
        spec.agency.key
        for spec in SPECS.values()
        if spec.agency.level in ("commune", "district") and spec.agency.key not in ("", *OUTSIDE)
    }
    assert named <= divisions
