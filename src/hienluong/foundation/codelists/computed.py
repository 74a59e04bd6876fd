"""Codes that are not copied into a file: administrative units, as the package ``vietnamadminunits`` (MIT) has them."""

from __future__ import annotations

from collections.abc import Iterable

from hienluong.foundation.organisations import units

from .rows import CodeRow, Pair


def units_before() -> list[CodeRow]:
    """Provinces, districts and communes as on 2025-06-30."""
    return _rows(units.before())


def units_now() -> list[CodeRow]:
    """Provinces and communes, wards and special zones from 2025-07-01 on."""
    return _rows(units.now())


def what_units_became() -> list[Pair]:
    """Which province and which commune each of before became; a district became nothing."""
    return [Pair(old, new, is_primary=main) for old, new, main in units.became()]


def _rows(found: Iterable[units.Place]) -> list[CodeRow]:
    return [CodeRow(place.code, place.parent, place.name, attributes=(("kind", place.kind),)) for place in found]
