"""Communes before and after 2025-07-01, from the package ``vietnamadminunits`` (MIT), and which became which."""

from __future__ import annotations

import heapq
import json
import math
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: Spelling of the law where the package writes a name differently.
_SPELLING = {"Đa Krông": "Đakrông", "Thành Phố ": "Thành phố "}


@dataclass(frozen=True)
class Unit:
    """A commune-level unit: NSO code, full name, its district (legacy units only)."""

    code: str
    name: str
    kind: str
    district_code: str = ""

    @property
    def council_name(self) -> str:
        """The name of its People's Committee: ``UBND xã Cam Lộ``."""
        return f"UBND {self.kind.lower()} {self.name.removeprefix(self.kind).strip()}"


def _data(name: str) -> Path:
    """A file of the package. It loads parsers of addresses (numpy, shapely, a web client) when it is imported, and we
    read its tables only, so it is not.
    """
    spec = find_spec("vietnamadminunits")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("vietnamadminunits is not installed: uv sync")
    return Path(spec.submodule_search_locations[0]) / "data" / name


def _query(statement: str) -> list[dict[str, Any]]:
    """Rows of the package's tables."""
    with closing(sqlite3.connect(f"{_data('dataset.db').as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement)]


def _converter() -> dict[str, Any]:
    """The package's table of what became what on 2025-07-01."""
    found: dict[str, Any] = json.loads(_data("converter_2025.json").read_text(encoding="utf-8"))
    return found


def legacy_units(province_code: str) -> list[Unit]:
    """The communes of a province as on 2025-06-30, by NSO code. A district without communes gives none."""
    rows = _query(
        "SELECT wardCode, ward, wardType, districtCode, provinceCode FROM admin_units_legacy WHERE wardCode IS NOT NULL ORDER BY districtCode, wardCode"
    )
    return [
        Unit(row["wardCode"], _spelled(row["ward"]), row["wardType"], row["districtCode"])
        for row in rows
        if row["provinceCode"] == province_code
    ]


def current_units(province_code: str) -> list[Unit]:
    """The communes, wards and special zones of a province as of 2025-07-01, by NSO code."""
    rows = _query("SELECT wardCode, ward, wardType, provinceCode FROM admin_units ORDER BY wardCode")
    return [
        Unit(row["wardCode"], _spelled(row["ward"]), row["wardType"])
        for row in rows
        if row["provinceCode"] == province_code
    ]


@dataclass(frozen=True)
class Centre:
    """A commune of today and about where its middle is, in degrees (WGS 84)."""

    name: str  # without its kind: Cam Lộ
    longitude: float
    latitude: float


@lru_cache(maxsize=1)
def centres() -> tuple[Centre, ...]:
    """All communes from 2025-07-01 on, those first by which people find their way: named as a district or a town of before,
    then wards and special zones, then the largest."""
    rows = _query(
        "SELECT ward, wardType, wardLon, wardLat FROM admin_units WHERE wardLat IS NOT NULL"
        " ORDER BY wardShort NOT IN (SELECT districtShort FROM admin_units_legacy WHERE districtShort IS NOT NULL),"
        " wardType = 'Xã', wardAreaKm2 DESC, wardCode"
    )
    return tuple(
        Centre(
            _spelled(row["ward"]).removeprefix(row["wardType"]).strip(), float(row["wardLon"]), float(row["wardLat"])
        )
        for row in rows
    )


def nearest(longitude: float, latitude: float, most: int) -> list[Centre]:
    """The communes of today whose middle is nearest to a place (degrees, WGS 84), the nearest first. The first is as a rule
    the one that holds the place: outlines of communes are not known."""
    shrinks = math.cos(math.radians(latitude))

    def apart(centre: Centre) -> float:
        return math.hypot((centre.longitude - longitude) * shrinks, centre.latitude - latitude)

    return heapq.nsmallest(most, centres(), key=apart)


def province_names() -> set[str]:
    """The provinces and cities of the country, before and after 2025-07-01."""
    rows = _query("SELECT DISTINCT province FROM admin_units UNION SELECT DISTINCT province FROM admin_units_legacy")
    return {_spelled(row["province"]) for row in rows}


def successors(province_key: str = "tinhquangtri") -> dict[str, str]:
    """NSO code of each old commune (or of a district without communes) → NSO code of the commune it became."""
    merged: dict[str, list[str]] = _converter()["DICT_PROVINCE_WARD_NO_DIVIDED"][province_key]
    new = {
        row["wardKey"]: row["wardCode"]
        for row in _query("SELECT wardKey, wardCode, provinceKey FROM admin_units")
        if row["provinceKey"] == province_key
    }
    old = {
        f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}": row["wardCode"] or row["districtCode"]
        for row in _query("SELECT provinceKey, districtKey, wardKey, wardCode, districtCode FROM admin_units_legacy")
    }
    return {old[key]: new[became] for became, keys in merged.items() for key in keys}


@dataclass(frozen=True)
class Place:
    """A unit of the whole country: its NSO code, kind, full name, and the code of what it lies in (a province: none)."""

    code: str
    kind: str
    name: str
    parent: str = ""


def before() -> list[Place]:
    """Provinces, districts and communes of the country as on 2025-06-30, each level by code."""
    rows = _query(
        "SELECT province, provinceCode, district, districtType, districtCode, ward, wardType, wardCode "
        "FROM admin_units_legacy ORDER BY wardCode"
    )
    provinces = {row["provinceCode"]: _province(row["provinceCode"], row["province"]) for row in rows}
    districts = {
        row["districtCode"]: Place(
            row["districtCode"], row["districtType"], _spelled(row["district"]), row["provinceCode"]
        )
        for row in rows
    }
    communes = [
        Place(row["wardCode"], row["wardType"], _spelled(row["ward"]), row["districtCode"])
        for row in rows
        if row["wardCode"]
    ]
    return [*_by_code(provinces), *_by_code(districts), *communes]


def now() -> list[Place]:
    """Provinces, and communes, wards and special zones, of the country from 2025-07-01 on, each level by code."""
    rows = _query("SELECT province, provinceCode, ward, wardType, wardCode FROM admin_units ORDER BY wardCode")
    provinces = {row["provinceCode"]: _province(row["provinceCode"], row["province"]) for row in rows}
    communes = [Place(row["wardCode"], row["wardType"], _spelled(row["ward"]), row["provinceCode"]) for row in rows]
    return [*_by_code(provinces), *communes]


def became() -> list[tuple[str, str, bool]]:
    """Which unit of before went into which of now, wholly or in part; True where the larger part went.

    Districts ended with nobody to succeed them; one without communes (an island) became a special zone.
    """
    converter = _converter()
    new = {
        (row["provinceKey"], row["wardKey"]): (row["provinceCode"], row["wardCode"])
        for row in _query("SELECT provinceKey, provinceCode, wardKey, wardCode FROM admin_units")
    }
    new_provinces = {key: code for (key, _ward), (code, _ward_code) in new.items()}
    old: dict[str, str] = {}
    old_provinces: dict[str, str] = {}
    for row in _query(
        "SELECT provinceKey, provinceCode, districtKey, districtCode, wardKey, wardCode FROM admin_units_legacy"
    ):
        key = f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}"
        old[key] = row["wardCode"] or row["districtCode"]
        old_provinces[row["provinceKey"]] = row["provinceCode"]
    found = [
        (old_provinces[key], new_provinces[province], True)
        for province, keys in converter["DICT_PROVINCE"].items()
        for key in keys
    ]
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        found += [(old[key], new[province, ward][1], True) for ward, keys in wards.items() for key in keys]
    for province, parts in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        found += [
            (old[key], new[province, part["newWardKey"]][1], bool(part["isDefaultNewWard"]))
            for key, into in parts.items()
            for part in into
        ]
    return sorted(found)


def _province(code: str, name: str) -> Place:
    kind = "Thành phố" if name.startswith("Thành phố") else "Tỉnh"
    return Place(code, kind, _spelled(name))


def _by_code(places: dict[str, Place]) -> list[Place]:
    return [places[code] for code in sorted(places)]


def _spelled(name: str) -> str:
    for written, right in _SPELLING.items():
        name = name.replace(written, right)
    return name
