"""The ground under every map: what this installation knows of land, borders and communes, and one sheet of it for browsers.

The coast and the borders around Quảng Trị come with the product, simplified from Natural Earth (public domain); the places
of communes from the package ``vietnamadminunits`` (MIT). Who has the official boundaries puts them over it
(``HIENLUONG_MAP_OUTLINES``). Coordinates are degrees (WGS 84), longitude first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings

from hienluong.foundation.organisations import units

from . import outlines
from .outlines import Box, Outline, Point

#: What the shipped outlines show; beyond it nobody knows here what is land.
COVERS: Box = (105.2, 15.7, 108.5, 18.6)
#: What a map shows first: Quảng Trị with Cồn Cỏ.
PROVINCE: Box = (105.55, 16.25, 107.55, 18.15)
#: Most corners that travel to a browser, and how near two may be at first (degrees; 0.0002 are about 20 m).
MOST_CORNERS = 20_000
_FINE = 0.0002


@dataclass(frozen=True)
class Sheet:
    """What a browser draws maps on: JSON, and a tag that changes when it does."""

    text: str
    tag: str


@lru_cache(maxsize=1)
def shipped() -> Sequence[Outline]:
    """The outlines that come with the product."""
    return outlines.read(files(__package__).joinpath("data/outlines.geojson").read_text(encoding="utf-8"))


def own() -> Sequence[Outline]:
    """The outlines of this installation (``HIENLUONG_MAP_OUTLINES``); none when it has none."""
    return _read(str(settings.MAP_OUTLINES)) if settings.MAP_OUTLINES else ()


@lru_cache(maxsize=1)
def _read(path: str) -> Sequence[Outline]:
    return outlines.read(Path(path).read_text(encoding="utf-8"))


def sheet() -> Sheet:
    """What the map picker draws on (``frontend/js/place_ground.js``).

    ``covers`` is where the shipped outlines know what is sea, ``home`` what is shown first, ``outlines`` areas and lines by
    kind, ``names`` the communes that lie on either, most important first: name, longitude, latitude.
    """
    return _sheet(str(settings.MAP_OUTLINES))


@lru_cache(maxsize=1)
def _sheet(path: str) -> Sheet:
    mine = _read(path) if path else ()
    home = _around(one.box for one in mine) if mine else PROVINCE
    held = [COVERS, home]
    drawn: dict[str, Any] = {
        "covers": COVERS,
        "home": home,
        "outlines": _drawn([*shipped(), *mine]),
        "names": [
            [one.name, round(one.longitude, 4), round(one.latitude, 4)]
            for one in units.centres()
            if any(outlines.meets(box, (one.longitude, one.latitude, one.longitude, one.latitude)) for box in held)
        ],
    }
    text = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
    return Sheet(text, f'"{sha256(text.encode()).hexdigest()[:20]}"')


def _around(boxes: Iterable[Box]) -> Box:
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _drawn(found: Sequence[Outline]) -> list[dict[str, Any]]:
    """The outlines with no more corners than a telephone draws without stuttering."""
    step = _FINE
    while True:
        thinned = [(one, _thinned(one.points, step)) for one in found]
        if sum(len(points) for _one, points in thinned) <= MOST_CORNERS:
            break
        step *= 2
    return [
        {"kind": one.kind, "area": one.is_area, "points": [[round(x, 4), round(y, 4)] for x, y in points]}
        for one, points in thinned
        if len(points) > (2 if one.is_area else 1)
    ]


def _thinned(points: Sequence[Point], step: float) -> list[Point]:
    """The corners without those nearer than `step` to the one kept before; the last one stays."""
    kept = [points[0]]
    kept += (point for point in points[1:] if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= step)
    if kept[-1] != points[-1]:
        kept.append(points[-1])
    return kept
