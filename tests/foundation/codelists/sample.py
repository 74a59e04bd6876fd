"""A small list of trees for tests: two editions, a tree of three levels, a mapping."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hienluong.foundation.actions import Actor, Grant
from hienluong.foundation.codelists import reading
from hienluong.foundation.codelists.actions import Installed, install
from hienluong.foundation.codelists.reading import Loaded
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER

TREES: dict[str, Any] = {
    "code": "trees",
    "title": "Cây rừng",
    "title_en": "Trees",
    "editions": [
        {
            "code": "2020",
            "title": "Danh mục 2020",
            "valid_from": date(2020, 1, 1),
            "valid_to": date(2025, 7, 1),
            "legal_basis": ["Quyết định 1"],
            "source": "kiểm thử",
            "codes": [
                {"code": "G", "name": "Cây gỗ", "name_en": "Timber"},
                {"code": "G1", "parent": "G", "name": "Lim xanh", "attributes": {"group": "II"}},
                {"code": "G2", "parent": "G", "name": "Keo lá tràm"},
                {"code": "T", "name": "Tre nứa"},
                {"code": "T1", "parent": "T", "name": "Luồng", "valid_to": date(2024, 1, 1)},
            ],
        },
        {
            "code": "2025",
            "title": "Danh mục 2025",
            "valid_from": date(2025, 7, 1),
            "legal_basis": ["Quyết định 2"],
            "source": "kiểm thử",
            "codes": [
                {"code": "G", "name": "Cây lấy gỗ", "name_en": "Timber"},
                {"code": "G1", "parent": "G", "name": "Lim xanh"},
                {"code": "G11", "parent": "G1", "name": "Lim xanh rừng trồng"},
                {"code": "G3", "parent": "G", "name": "Keo"},
                {"code": "T", "name": "Tre nứa"},
            ],
        },
    ],
    "mappings": [
        {
            "from": "2020",
            "to": "2025",
            "source": "kiểm thử",
            "pairs": [
                {"from": "G", "to": "G"},
                {"from": "G1", "to": "G1"},
                {"from": "G1", "to": "G11", "primary": False},
                {"from": "G2", "to": "G3"},
                {"from": "T", "to": "T"},
                {"from": "T1", "to": "T"},
            ],
        }
    ],
}


def trees(**changes: Any) -> dict[str, Any]:
    """The list as data, with parts replaced."""
    return {**deepcopy(TREES), **changes}


def written(folder: Path, data: dict[str, Any] | None = None, **tables: str) -> Path:
    """The list as a file in a folder, with CSV files beside it."""
    content = TREES if data is None else data
    path = folder / f"{content['code']}.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return path


def loaded(folder: Path, data: dict[str, Any] | None = None, **tables: str) -> Loaded:
    """The list as it is read from a file."""
    return reading.load(written(folder, data, **tables))


def installed(folder: Path, data: dict[str, Any] | None = None, **tables: str) -> Installed:
    """The list put into the database."""
    return install(TESTER, loaded=loaded(folder, data, **tables))


def keeper(place: Organization) -> Actor:
    """An official who manages code lists at an organisation."""
    grant = Grant(frozenset({"codelists.manage"}), place.pk, place.path, f"Chức vụ tại {place.name}")
    return Actor(kind="account", label="Cán bộ danh mục", organization_id=place.pk, grants=(grant,))
