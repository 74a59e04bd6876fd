"""Where a dossier of the demo is filed on a day: the version of that day, the agencies of that day, who works there.

Until 2025-06-30 there were districts and other communes: a dossier of then belongs to the commune of then, and to the
province (Quảng Trị or Quảng Bình) of then.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.foundation.organisations.models import Official, Organization, OrganizationVersion, Position, Succession
from hienluong.services.procedures.models import ProcedureVersion, RuleSet
from hienluong.services.procedures.spec import ProcedureSpec

from .proportions import SERVICES

Kind = Organization.Kind
MERGED = date(2025, 7, 1)
#: Roles whose posts may lie above the place itself: the leader of a commune signs for its division.
_FALLBACK = {"clerk": "Cán bộ một cửa", "officer": "Chuyên viên", "head": "Trưởng phòng", "leader": "Lãnh đạo ký"}


@dataclass(frozen=True)
class Place:
    """The agency that decides, where it receives, and which of its parts works on it."""

    competent: Organization
    counter: Organization
    handling: Organization


class Map:
    """Everything about places, read once."""

    def __init__(self) -> None:
        self._organizations = {row.pk: row for row in Organization.objects.all()}
        self._new = {
            row.commune_code: row
            for row in self._organizations.values()
            if row.kind == Kind.COMMUNE and row.valid.upper is None
        }
        self.communes = sorted(self._new)
        self._old: dict[int, list[Organization]] = defaultdict(list)
        for old, new in Succession.objects.filter(
            predecessor__kind=Kind.COMMUNE, successor__kind=Kind.COMMUNE
        ).values_list("predecessor_id", "successor_id"):
            self._old[new].append(self._organizations[old])
        for rows in self._old.values():
            rows.sort(key=lambda row: row.code)
        self._asked: dict[str, Organization] = {}
        self._children: dict[int | None, list[Organization]] = defaultdict(list)
        for row in sorted(self._organizations.values(), key=lambda row: row.code):
            self._children[row.parent_id].append(row)
        self._short_names: dict[int, list[tuple[str, DateRange]]] = defaultdict(list)
        for pk, short, valid in OrganizationVersion.objects.values_list("organization_id", "short_name", "valid"):
            self._short_names[pk].append((short, valid))
        self._places: dict[tuple[int, str, bool], Place] = {}
        self._officials: dict[tuple[str, int], list[Official]] = defaultdict(list)
        for position in Position.objects.select_related("official").order_by("pk"):
            self._officials[position.role, position.organization_id].append(position.official)

    def place(self, spec: ProcedureSpec, commune_code: str, day: date) -> Place | None:
        """Where this service is asked for by somebody of this (new) commune on that day; None: nowhere then."""
        competent = self._competent(spec, commune_code, day)
        if competent is None:
            return None
        division = spec.agency.key if spec.agency.level in ("commune", "district") else ""
        key = (competent.pk, division, day < MERGED)
        if key not in self._places:
            handling = next(
                (
                    row
                    for row in self._children[competent.pk]
                    if row.kind == Kind.DIVISION and self._is(row, division, day)
                ),
                competent,
            )
            self._places[key] = Place(competent, self._counter(competent, day), handling)
        return self._places[key]

    def _is(self, organization: Organization, short_name: str, day: date) -> bool:
        return day in organization.valid and any(
            short == short_name and day in valid for short, valid in self._short_names[organization.pk]
        )

    def _counter(self, organization: Organization, day: date) -> Organization:
        """Where it is received, as ``competence.counter_of`` finds it, without asking the database each time."""
        for parent in (organization.pk, organization.parent_id):
            for row in self._children[parent] if parent else ():
                if row.kind in (Kind.SERVICE_CENTRE, Kind.COUNTER) and day in row.valid:
                    return row
        return organization

    def _competent(self, spec: ProcedureSpec, commune_code: str, day: date) -> Organization | None:
        commune = self._new[commune_code]
        if day < MERGED:
            before = self._old[commune.pk]
            if not before:
                return None
            commune = before[day.toordinal() % len(before)]
        if spec.agency.level == "commune":
            return commune
        if spec.agency.level == "district":
            return self._organizations[commune.parent_id] if commune.parent_id else None
        return self._department(commune.code.split(".")[0], spec.agency.key, day)

    def _department(self, province: str, key: str, day: date) -> Organization | None:
        top = next(row for row in self._children[None] if row.code == province)
        return next(
            (row for row in self._children[top.pk] if row.kind == Kind.DEPARTMENT and self._is(row, key, day)), None
        )

    def asked(self, key: str, day: date) -> Organization:
        """The agency whose opinion a process asks for by its key."""
        if key not in self._asked:
            found = Organization.objects.filter(versions__short_name=key, valid__contains=day, code__startswith="H50")
            self._asked[key] = found.order_by("code")[0]
        return self._asked[key]

    def official(self, role: str, place: Organization, chance: random.Random) -> Official | None:
        """Somebody who holds that post there; None before the posts of today began."""
        found = self._officials.get((role, place.pk))
        if not found and place.parent_id and role == "leader":
            found = self._officials.get((role, place.parent_id))
        return chance.choice(found) if found else None


def label_of(role: str, official: Official | None) -> str:
    """The name written beside a step."""
    return official.full_name if official else _FALLBACK[role]


class Law:
    """Which version of a service and which one-stop rules are in force on a day."""

    def __init__(self) -> None:
        rows = ProcedureVersion.objects.filter(
            procedure__code__in=SERVICES, procedure__state="published", state="published"
        ).select_related("procedure")
        self._versions: dict[str, list[ProcedureVersion]] = defaultdict(list)
        for row in rows:
            self._versions[row.procedure.code].append(row)
        self._rules = list(RuleSet.objects.all())

    def on(self, day: date) -> tuple[list[ProcedureVersion], list[int]]:
        """The versions in force on a day, and how often each is asked for."""
        found = [(version, SERVICES[code]) for code in SERVICES if (version := self.version(code, day))]
        return [version for version, _weight in found], [weight for _version, weight in found]

    def version(self, code: str, day: date) -> ProcedureVersion | None:
        """The version of a service in force on a day."""
        return next((row for row in self._versions[code] if day in row.valid), None)

    def rules(self, day: date) -> RuleSet:
        """The one-stop rules in force on a day."""
        return next(row for row in self._rules if day in row.valid)
