"""The marks of a map: no record is lost, none stands for itself twice, and a finger can hit each of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers import places

RATIO = 4 / 3
PLACES = st.lists(
    st.tuples(st.floats(-179, 179, allow_subnormal=False), st.floats(-80, 80, allow_subnormal=False)),
    min_size=1,
    max_size=40,
)

pytestmark = pytest.mark.once


@settings(max_examples=50)
@given(PLACES)
def test_every_record_has_one_mark_and_marks_keep_apart(found: list[tuple[float, float]]) -> None:
    points = [(number, x, y) for number, (x, y) in enumerate(found)]
    chart = places.drawn(points, RATIO)
    assert sorted(record for spot in chart.spots for record in spot.records) == [number for number, _x, _y in points]
    assert (chart.total, chart.is_cut) == (len(points), False)
    west, south, east, north = chart.box
    shrinks = max(math.cos(math.radians((south + north) / 2)), 0.05)
    for number, spot in enumerate(chart.spots):
        assert west <= spot.longitude <= east
        assert south <= spot.latitude <= north
        for other in chart.spots[:number]:
            away = math.hypot(spot.longitude - other.longitude, (spot.latitude - other.latitude) / shrinks)
            assert away >= (east - west) * places.APART * 0.999


@settings(max_examples=50)
@given(st.floats(-170, 160), st.floats(-70, 60), st.floats(0.0001, 10), st.floats(0.0001, 10))
def test_a_box_keeps_its_middle_and_gets_the_shape_of_the_map(x: float, y: float, width: float, height: float) -> None:
    west, south, east, north = places.shaped((x, y, x + width, y + height), RATIO)
    assert west <= x + 1e-9
    assert east >= x + width - 1e-9
    if south > -90 and north < 90 and west > -180 and east < 180:
        shrinks = math.cos(math.radians((y + y + height) / 2))
        assert math.isclose((east - west) * shrinks / (north - south), RATIO, rel_tol=1e-6)


def test_what_is_outside_of_the_box_is_not_marked() -> None:
    chart = places.drawn([(1, 107.1, 16.8), (2, 108.0, 16.8)], RATIO, (107.0, 16.7, 107.2, 16.9))
    assert [spot.records for spot in chart.spots] == [[1]]
    assert chart.total == 1
