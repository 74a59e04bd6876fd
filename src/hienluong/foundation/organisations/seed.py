"""Loading the government of Quảng Trị: idempotent, in bulk. What exists already is left as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import Any

import yaml
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from hienluong.foundation.actions import Act, action, system

from . import codes, units
from .models import Organization, OrganizationVersion, Succession
from .naming import initials, sort_name

Kind = Organization.Kind
_OFFICIAL_CODES = frozenset({"H50", "H46"})


@dataclass(frozen=True)
class Stretch:
    """One version of an organisation in the data."""

    start: date
    address: str = ""
    law: str = ""


@dataclass(frozen=True)
class Entry:
    """One organisation in the data."""

    code: str
    kind: str
    name: str
    parent: str | None
    start: date
    end: date | None = None
    short_name: str = ""
    commune_code: str = ""
    hours: str = ""
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class HandOver:
    """One succession in the data."""

    kind: str
    old: str
    new: str
    on: date
    law: str
    is_primary: bool = True


@dataclass(frozen=True)
class Loaded:
    """How many rows a run of the loader added."""

    organisations: int
    versions: int
    successions: int


class Plan:
    """Everything the data says, in codes and dates; no database yet."""

    def __init__(self) -> None:
        text = files(__package__).joinpath("data/quang_tri.yaml").read_text(encoding="utf-8")
        self.data: dict[str, Any] = yaml.safe_load(text)
        self.laws: dict[str, str] = self.data["laws"]
        self.known: date = self.data["known_from"]
        self.reorganised: date = self.data["reorganised_on"]
        self.merged: date = self.data["merged_on"]
        self.entries: list[Entry] = []
        self.hand_overs: list[HandOver] = []
        for province in self.data["provinces"]:
            self._province(province)
        self._communes()
        for province in self.data["provinces"]:
            self._districts(province)

    def _province(self, province: dict[str, Any]) -> None:
        top, joins = province["code"], province.get("joins")
        stretches = [Stretch(self.known, province["address"])]
        if not joins:
            stretches.append(Stretch(self.merged, province["merged_address"], self.laws["merger"]))
        else:
            self.hand_overs.append(HandOver("merge", top, joins, self.merged, self.laws["merger"]))
        ends = self.merged if joins else None
        self.entries.append(
            Entry(
                top, Kind.PROVINCE, province["name"], None, self.known, ends,
                short_name=province["short_name"], stretches=tuple(stretches),
            )
        )  # fmt: skip
        for number, department in province["departments"].items():
            self._department(province, number, department)
        centre = province["centre"]
        code = f"{top}.{centre['code']}"
        self._add(code, Kind.SERVICE_CENTRE, centre["name"], top, self.known, ends, hours="with_saturday")
        if joins:
            into = f"{joins}.{centre['merged']}"
            self.hand_overs.append(HandOver("merge", code, into, self.merged, self.laws["merger"]))

    def _department(self, province: dict[str, Any], number: str, department: dict[str, Any]) -> None:
        top, joins = province["code"], province.get("joins")
        code = f"{top}.{number}"
        new = bool(department.get("from_reorganisation"))
        start = self.reorganised if new else self.known
        law = self.laws[f"reorganisation_{top.lower()}"]
        ends = self.reorganised if "into" in department else (self.merged if joins else None)
        self._add(
            code, Kind.DEPARTMENT, department["name"], top, start, ends,
            law=law if new else "", short_name=department.get("short_name", ""),
        )  # fmt: skip
        if "into" in department:
            self.hand_overs.append(HandOver("merge", code, f"{top}.{department['into']}", self.reorganised, law))
        elif joins:
            into = f"{joins}.{department['merged']}"
            self.hand_overs.append(HandOver("merge", code, into, self.merged, self.laws["merger"]))
        divisions: list[str] = department.get("divisions", [])
        later: list[str] = province.get("new_divisions", {}).get(number, [])
        for place, name in enumerate([*divisions, *later], start=1):
            began = start if place <= len(divisions) else self.reorganised
            self._add(
                f"{code}.{place:02d}", Kind.DIVISION, name, code, began, ends, law=law if began > self.known else ""
            )

    def _communes(self) -> None:
        for place, unit in enumerate(self._new_units, start=101):
            code = f"H50.{place}"
            self._add(
                code, Kind.COMMUNE, unit.council_name, "H50", self.merged,
                law=self.laws["communes"], commune_code=unit.code, address=f"{unit.name}, tỉnh Quảng Trị",
            )  # fmt: skip
            hours = "with_saturday" if unit.code in self.data["saturday_centres"] else "office"
            centre = (
                f"Trung tâm Phục vụ hành chính công {unit.kind.lower()} {unit.name.removeprefix(unit.kind).strip()}"
            )
            self._add(
                f"{code}.01", Kind.SERVICE_CENTRE, centre, code, self.merged,
                law=self.laws["centres"], commune_code=unit.code, hours=hours,
            )  # fmt: skip
            for number, division in self.data["commune_divisions"].items():
                name = division.get("ward_name", division["name"]) if unit.kind == "Phường" else division["name"]
                self._add(
                    f"{code}.{number}", Kind.DIVISION, name, code, self.merged,
                    law=self.laws["divisions"], short_name=division["short_name"],
                )  # fmt: skip

    def _districts(self, province: dict[str, Any]) -> None:
        top = province["code"]
        became = units.successors()
        old_units = units.legacy_units(province["source_code"])
        for nso, district in province["districts"].items():
            code = f"{top}.{district['code']}"
            self._add(code, Kind.DISTRICT, district["name"], top, self.known, self.merged)
            inside = [unit for unit in old_units if unit.district_code == nso]
            seat = self._by_nso[district["seat"]]
            heirs = {self._by_nso[became[unit.code]] for unit in inside} | {seat}
            for heir in (seat, *sorted(heirs - {seat}), "H50"):
                self.hand_overs.append(
                    HandOver("abolish", code, heir, self.merged, self.laws["districts"], is_primary=heir == seat)
                )
            for place, name in enumerate(self._district_divisions(province, district), start=51):
                self._add(f"{code}.{place}", Kind.DIVISION, name, code, self.known, self.merged)
            if province.get("counters"):
                self._counter(f"{code}.50", code, district["name"], seat)
            for place, unit in enumerate(inside, start=1):
                self._old_commune(province, f"{code}.{place:02d}", code, unit, self._by_nso[became[unit.code]])

    def _old_commune(self, province: dict[str, Any], code: str, parent: str, unit: units.Unit, heir: str) -> None:
        self._add(
            code, Kind.COMMUNE, unit.council_name, parent, self.known, self.merged, commune_code=unit.code
        )  # fmt: skip
        self.hand_overs.append(HandOver("merge", code, heir, self.merged, self.laws["communes"]))
        if province.get("counters"):
            self._counter(f"{code}.001", code, unit.council_name, heir)

    def _counter(self, code: str, parent: str, of: str, heir: str) -> None:
        name = f"Bộ phận Tiếp nhận và Trả kết quả {of}"
        self._add(code, Kind.COUNTER, name, parent, self.known, self.merged, hours="office")
        self.hand_overs.append(HandOver("merge", code, f"{heir}.01", self.merged, self.laws["centres"]))

    def _district_divisions(self, province: dict[str, Any], district: dict[str, Any]) -> list[str]:
        names: dict[str, list[str]] = province.get("district_divisions", {})
        if not names:
            return []
        if district.get("island"):
            return names["island"]
        own = names["urban"] if district.get("urban") else names["rural"]
        return [*names["all"], *own, *(names["ethnic"] if district.get("ethnic") else [])]

    def _add(
        self,
        code: str,
        kind: str,
        name: str,
        parent: str,
        start: date,
        end: date | None = None,
        *,
        law: str = "",
        commune_code: str = "",
        hours: str = "",
        address: str = "",
        short_name: str = "",
    ) -> None:
        if not short_name and kind in (Kind.DEPARTMENT, Kind.DIVISION):
            short_name = initials(name)
        self.entries.append(
            Entry(
                code, kind, name, parent, start, end, short_name=short_name,
                commune_code=commune_code, hours=hours, stretches=(Stretch(start, address, law),),
            )
        )  # fmt: skip

    @cached_property
    def _new_units(self) -> list[units.Unit]:
        return units.current_units("44")

    @cached_property
    def _by_nso(self) -> dict[str, str]:
        return {unit.code: f"H50.{place}" for place, unit in enumerate(self._new_units, start=101)}


@action("organisations.load_quang_tri")
def _load(act: Act) -> Loaded:
    plan = Plan()
    present = dict(Organization.objects.values_list("code", "pk"))
    fresh = [entry for entry in plan.entries if entry.code not in present]
    for level in _levels(fresh):
        made = Organization.objects.bulk_create([_organization(entry, present) for entry in level])
        present.update({org.code: org.pk for org in made})
    _fill_paths()
    versions = OrganizationVersion.objects.bulk_create(
        version for entry in fresh for version in _versions(entry, present, plan.data["hours"])
    )
    known = set(Succession.objects.values_list("predecessor_id", "successor_id", "effective_on"))
    steps = [
        Succession(
            kind=step.kind,
            predecessor_id=present[step.old],
            successor_id=present[step.new],
            effective_on=step.on,
            legal_basis=step.law,
            is_primary=step.is_primary,
            work_moved_at=timezone.now() if step.on <= timezone.localdate() else None,  # history: nothing to move
        )
        for step in plan.hand_overs
        if (present[step.old], present[step.new], step.on) not in known
    ]
    Succession.objects.bulk_create(steps)
    loaded = Loaded(len(fresh), len(versions), len(steps))
    act.record(
        Organization.objects.get(code="H50"),
        after={"organisations": loaded.organisations, "successions": loaded.successions},
        note="quang_tri.yaml, vietnamadminunits",
    )
    return loaded


def load_quang_tri() -> Loaded:
    """Load the data; run again it adds what is missing and changes nothing else.

    It writes history, not acts of today: no ``organization.succeeded`` is emitted for what is past.
    """
    return _load(system("nạp dữ liệu cơ quan"))


def _levels(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    by_depth: dict[int, list[Entry]] = {}
    for entry in entries:
        by_depth.setdefault(entry.code.count("."), []).append(entry)
    for depth in sorted(by_depth):
        yield by_depth[depth]


def _organization(entry: Entry, present: dict[str, int]) -> Organization:
    return Organization(
        code=codes.check(entry.code),
        legacy_code=codes.to_legacy(entry.code) if codes.has_legacy(entry.code) else "",
        code_is_official=entry.code in _OFFICIAL_CODES,
        kind=entry.kind,
        name=entry.name,
        sort_name=sort_name(entry.name),
        parent_id=present[entry.parent] if entry.parent else None,
        commune_code=entry.commune_code,
        valid=DateRange(entry.start, entry.end),
    )


def _versions(entry: Entry, present: dict[str, int], hours: dict[str, Any]) -> Iterator[OrganizationVersion]:
    ends = [*(stretch.start for stretch in entry.stretches[1:]), entry.end]
    for stretch, end in zip(entry.stretches, ends, strict=True):
        yield OrganizationVersion(
            organization_id=present[entry.code],
            name=entry.name,
            short_name=entry.short_name,
            parent_id=present[entry.parent] if entry.parent else None,
            address=stretch.address,
            opening_hours=hours[entry.hours] if entry.hours else {},
            valid=DateRange(stretch.start, end),
            legal_basis=stretch.law[:200],
        )


def _fill_paths() -> None:
    """Give each organisation without a path the one its parents make."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE place (id, path) AS (
                SELECT id, '/' || id || '/' FROM organisations_organization WHERE parent_id IS NULL
                UNION ALL
                SELECT below.id, place.path || below.id || '/'
                FROM organisations_organization below JOIN place ON below.parent_id = place.id
            )
            UPDATE organisations_organization org SET path = place.path
            FROM place WHERE place.id = org.id AND org.path = ''
            """
        )
