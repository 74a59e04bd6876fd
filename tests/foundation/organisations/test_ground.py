"""The ground that browsers draw maps on: small, kept by the browser, with boundaries of one's own."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.organisations.maps import ground

pytestmark = pytest.mark.once


def test_everybody_gets_the_ground_once() -> None:
    first = Client().get("/ban-do/nen")
    assert first.status_code == 200
    assert "public" in first["Cache-Control"]
    assert not first.cookies
    assert len(first.content) < 40_000
    again = Client().get("/ban-do/nen", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().post("/ban-do/nen").status_code == 405
    found = first.json()
    assert {one["kind"] for one in found["outlines"]} == {"land", "abroad"}
    names = [name for name, _longitude, _latitude in found["names"]]
    assert {"Cồn Cỏ", "Đồng Hới"} <= set(names)
    assert "Hoàn Kiếm" not in names
    west, south, east, north = found["home"]
    for name, longitude, latitude in found["names"]:
        if name in ("Cồn Cỏ", "Đồng Hới", "Lao Bảo"):
            assert west < longitude < east, name
            assert south < latitude < north, name


def test_boundaries_of_ones_own_are_thinned_and_shown_first(settings: Any, tmp_path: Path) -> None:
    shipped = ground.sheet()
    corners = 90_000
    turns = [2 * math.pi * number / corners for number in range(corners)]
    ring = [[105.8 + 0.3 * math.cos(turn), 21.0 + 0.2 * math.sin(turn)] for turn in turns]
    feature = {"properties": {}, "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
    own = tmp_path / "ha-noi.geojson"
    own.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    settings.MAP_OUTLINES = str(own)
    mine = ground.sheet()
    assert mine.tag != shipped.tag
    found = json.loads(mine.text)
    assert found["home"] == pytest.approx([105.5, 20.8, 106.1, 21.2], abs=0.001)
    drawn = found["outlines"][-1]
    assert (drawn["kind"], drawn["area"]) == ("border", True)
    assert 500 < len(drawn["points"]) < ground.MOST_CORNERS
    assert drawn["points"][0] == drawn["points"][-1]
    assert "Hoàn Kiếm" in [name for name, _longitude, _latitude in found["names"]]
