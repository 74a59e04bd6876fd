"""Communes before and after 2025-07-01, from the package ``vietnamadminunits`` (MIT), and which became which."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

from vietnamadminunits.database import query

#: Spelling of the law where the package writes a name differently.
_SPELLING = {"Đa Krông": "Đakrông"}


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


def legacy_units(province_code: str) -> list[Unit]:
    """The communes of a province as on 2025-06-30, by NSO code. A district without communes gives none."""
    rows = query(
        "SELECT wardCode, ward, wardType, districtCode, provinceCode FROM admin_units_legacy WHERE wardCode IS NOT NULL ORDER BY districtCode, wardCode"
    )
    return [
        Unit(row["wardCode"], _spelled(row["ward"]), row["wardType"], row["districtCode"])
        for row in rows
        if row["provinceCode"] == province_code
    ]


def current_units(province_code: str) -> list[Unit]:
    """The communes, wards and special zones of a province as of 2025-07-01, by NSO code."""
    rows = query("SELECT wardCode, ward, wardType, provinceCode FROM admin_units ORDER BY wardCode")
    return [
        Unit(row["wardCode"], _spelled(row["ward"]), row["wardType"])
        for row in rows
        if row["provinceCode"] == province_code
    ]


def successors(province_key: str = "tinhquangtri") -> dict[str, str]:
    """NSO code of each old commune (or of a district without communes) → NSO code of the commune it became."""
    text = files("vietnamadminunits").joinpath("data/converter_2025.json").read_text(encoding="utf-8")
    merged: dict[str, list[str]] = json.loads(text)["DICT_PROVINCE_WARD_NO_DIVIDED"][province_key]
    new = {
        row["wardKey"]: row["wardCode"]
        for row in query("SELECT wardKey, wardCode, provinceKey FROM admin_units")
        if row["provinceKey"] == province_key
    }
    old = {
        f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}": row["wardCode"] or row["districtCode"]
        for row in query("SELECT provinceKey, districtKey, wardKey, wardCode, districtCode FROM admin_units_legacy")
    }
    return {old[key]: new[became] for became, keys in merged.items() for key in keys}


def _spelled(name: str) -> str:
    for written, right in _SPELLING.items():
        name = name.replace(written, right)
    return name
