"""What lies under the marks of a map: cut to the view, readable, from nowhere else; outlines of one's own."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from hienluong.capabilities.registers import places
from hienluong.capabilities.registers.queries import Box
from hienluong.foundation.organisations import units
from hienluong.foundation.organisations.maps import outlines
from hienluong.house import environment
from hienluong.services.records import background, charting
from tests.thorough import examples

pytestmark = pytest.mark.once

PROVINCE: Box = (105.9, 16.2, 107.6, 18.2)


def under(box: Box, points: list[places.Point] | None = None) -> dict[str, Any]:
    chart = places.drawn(points or [], charting.RATIO, box)
    found: dict[str, Any] = charting.draw(chart, lambda spot: "", lambda spot: "")["under"]
    return found


def test_the_province_lies_between_the_sea_and_another_country() -> None:
    found = under(PROVINCE)
    assert [kind for kind, _path in found["outlines"]] == ["land", "abroad"]
    assert found["sea"]["width"] > 0
    names = {name.text for name in found["names"]}
    assert {"Cồn Cỏ", "Đồng Hới"} <= names
    assert 5 <= len(names) <= background.MOST_NAMES
    for sizes in (found["names"], [name for name in found["names"] if not name.narrow]):
        letters = background._LARGE if sizes is found["names"] else background._SMALL
        rooms = [background._room(name.x, name.y, name.text, letters) for name in sizes]
        for one, other in combinations(rooms, 2):
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], "names overlap"


def test_a_mark_keeps_names_away_and_a_near_view_shows_ground_only() -> None:
    dong_hoi = (106.632, 17.4522)
    west, south = dong_hoi
    near = under((west - 0.02, south - 0.02, west + 0.02, south + 0.02))
    (land,) = near["outlines"]
    assert land[0] == "land"
    assert len(land[1]) < 120, "cut to what is seen"
    named = under(PROVINCE)
    marked = under(PROVINCE, [(1, *dong_hoi)])
    assert "Đồng Hới" in {name.text for name in named["names"]}
    (moved,) = [name for name in marked["names"] if name.text == "Đồng Hới"]
    assert moved.lift, "beside its mark, not under it"
    far = under((105.7, 20.9, 105.9, 21.1))
    assert (far["sea"], far["outlines"]) == (None, []), "nobody knows here what is land there"
    assert far["names"]


#: In the middle of a commune, between several, in the mountains where communes are far apart.
PLACES = [(107.1003, 16.8163), (106.632, 17.4522), (106.734, 16.62), (106.9, 16.5), (106.35, 17.6)]


@pytest.mark.parametrize(("longitude", "latitude"), PLACES)
def test_one_record_is_shown_with_the_name_of_the_nearest_commune(longitude: float, latitude: float) -> None:
    (nearest,) = units.nearest(longitude, latitude, 1)
    chart = places.drawn([(1, longitude, latitude)], charting.RATIO)
    west, _south, east, _north = chart.box
    assert 0.05 <= east - west < 0.5, "about 5 km at least, not the ground that it stands on"
    list_map = charting.draw(chart, lambda spot: "", lambda spot: "")
    small_map = charting.alone({"type": "Point", "coordinates": [longitude, latitude]}, "Giếng")
    assert small_map is not None
    for drawing in (list_map, small_map):
        (named,) = [name for name in drawing["under"]["names"] if name.text == nearest.name]
        assert not named.narrow, "on a phone too"


def test_the_nearest_communes_are_told_from_their_middles() -> None:
    first, second = units.nearest(107.1003, 16.8163, 2)
    assert (first.name, second.name) == ("Nam Đông Hà", "Đông Hà")


@tried(max_examples=examples(40, 500), deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12))
def test_what_is_cut_lies_in_the_box_and_what_lies_in_it_is_left(ring: list[tuple[int, int]]) -> None:
    box = (-4.0, -5.0, 4.0, 5.0)
    points = [(float(x), float(y)) for x, y in ring]
    cut = outlines.within(points, box)
    assert all(-4 <= x <= 4 and -5 <= y <= 5 for x, y in cut)
    inside = [(x, y) for x, y in points if -4 <= x <= 4 and -5 <= y <= 5]
    assert set(inside) <= set(cut)
    assert outlines.within(cut, box) == cut
    if len(inside) == len(points):
        assert cut == points


def collection(*geometries: Any, **properties: str) -> str:
    features = [{"type": "Feature", "properties": properties, "geometry": one} for one in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features})


SQUARE = {"type": "Polygon", "coordinates": [[[106.5, 17.0], [107.0, 17.0], [107.0, 17.4], [106.5, 17.0]]]}
LINE = {"type": "MultiLineString", "coordinates": [[[106.5, 17.0], [107.0, 17.4]]]}


def test_boundaries_of_ones_own_are_drawn_over_it(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    own = tmp_path / "xa.geojson"
    own.write_text(collection(SQUARE, LINE))
    monkeypatch.setenv("HIENLUONG_MAP_OUTLINES", str(own))
    settings.MAP_OUTLINES = environment.outlines()
    assert [kind for kind, _path in under(PROVINCE)["outlines"]] == ["land", "abroad", "border"]
    border = under(PROVINCE)["outlines"][-1][1]
    assert (border.count("M"), border.count("Z")) == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"type": "FeatureCollection"}',
        '{"features": [null]}',
        '{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}',
        '{"features": [{"geometry": {"type": "Polygon", "coordinates": [["x"]]}}]}',
        collection({"type": "LineString", "coordinates": [[0, 0], [687000, 1850000]]}),
        collection(LINE, kind="sea"),
    ],
)
def test_what_cannot_be_drawn_stops_the_start_with_the_name_of_the_setting(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "xa.geojson"
    own.write_text(text)
    monkeypatch.setenv("HIENLUONG_MAP_OUTLINES", str(own))
    with pytest.raises(environment.BadSetting, match="HIENLUONG_MAP_OUTLINES"):
        environment.outlines()
