"""Records within a distance of a point: no fewer and no more than a plain measurement finds, and none that are hidden."""

from __future__ import annotations

import math
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers import nearness, queries
from hienluong.capabilities.registers.nearness import Near
from hienluong.capabilities.registers.queries import Wish, find
from hienluong.foundation.actions import Actor, InvalidInput
from tests.thorough import examples

from .sample import wells
from .test_records import Wells

Spot = tuple[float, float]  # latitude, longitude


def metres(a: Spot, b: Spot) -> float:
    """The great circle between two points, by their vectors: another way than the one that is tested."""
    one, two = (
        (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
        for lat, lon in (map(math.radians, spot) for spot in (a, b))
    )
    return nearness.RADIUS * 2 * math.asin(min(1.0, math.dist(one, two) / 2))


def spots(around: Spot, by: float) -> st.SearchStrategy[Spot]:
    lat, lon = around
    return st.tuples(
        st.floats(max(-90.0, lat - by), min(90.0, lat + by)), st.floats(max(-180.0, lon - by), min(180.0, lon + by))
    )


@given(spots((0.0, 0.0), 180.0), st.floats(1e-3, nearness.FURTHEST), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_the_boxes_hold_every_point_within_the_distance(centre: Spot, far: float, way: float, part: float) -> None:
    lat, lon = map(math.radians, centre)
    angle = part * far / nearness.RADIUS
    up = math.asin(
        max(-1.0, min(1.0, math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(way)))
    )
    turned = math.atan2(math.sin(way) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * math.sin(up))
    there = math.degrees(up), (math.degrees(lon + turned) + 540) % 360 - 180
    held = nearness.boxes(Near(*centre, far))
    assert any(west <= there[1] <= east and south <= there[0] <= north for west, south, east, north in held)
    assert all(west <= east and west >= -180 and east <= 180 for west, _south, east, _north in held)


@pytest.mark.parametrize(
    "text",
    "|16.8,107.1|16.8,107.1,100,1|16.8;107.1;100|x,107.1,100|nan,107.1,100|1e1,107.1,100|91,0,1|0,181,1|16.8,107.1,0|"
    "16.8,107.1,-1|16.8,107.1,100000.5|16.8,107.1,inf|١٦,107.1,5".split("|"),
)
def test_what_is_no_distance_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        nearness.read(text)
    assert refused.value.field == "near"


def test_points_are_read_as_they_are_copied() -> None:
    for text in ("16.8163, 107.1003", "16.8163 107.1003", "16,8163; 107,1003"):
        assert nearness.point_in(text) == (16.8163, 107.1003)
    assert str(nearness.read(" 16.8, 107.1,500 ")) == "16.8,107.1,500.0"
    assert nearness.point_in("chợ Đông Hà") is nearness.point_in("107.1, 16.8") is None


@pytest.mark.django_db
@settings(max_examples=examples(8, 40))
@given(
    st.lists(spots((16.8, 107.1), 0.5), min_size=1, max_size=4),
    spots((16.8, 107.1), 0.5),
    st.floats(10.0, nearness.FURTHEST),
)
@example([(0.0, 179.95), (0.0, -179.95), (0.0, 0.0)], (0.0, 180.0), 6_000.0)
def test_a_list_holds_what_a_plain_measurement_finds(there: list[Spot], centre: Spot, far: float) -> None:
    if any(abs(metres(spot, centre) - far) < 0.01 for spot in there):
        far += 0.02  # within rounding either may be right
    far = min(far, float(nearness.FURTHEST))
    with transaction.atomic():
        well = Wells()
        for number, (lat, lon) in enumerate(there):
            well.add(code=f"G{number:03}", place={"type": "Point", "coordinates": [lon, lat]})
        well.add(code="G900", place="")
        scope = queries.own(well.clerk, wells())
        page = find(well.register, wells(), scope, Wish(near=Near(*centre, far)))
        transaction.set_rollback(True)
    wanted = [f"G{number:03}" for number, spot in enumerate(there) if metres(spot, centre) <= far]
    assert [row.key for row in page.rows] == wanted


@pytest.mark.django_db
def test_over_http_and_not_where_the_place_is_hidden() -> None:
    well = Wells()
    well.add(code="G001", place={"type": "Point", "coordinates": [107.1, 16.8]})
    well.add(code="G002", place={"type": "Point", "coordinates": [107.11, 16.8]})  # 1,064 m to the east

    def get(**query: Any) -> Any:
        return Client().get("/api/v1/registers/thu.gieng/records", query)

    assert [one["key"] for one in get(near="16.8,107.1,1060").json()["items"]] == ["G001"]
    assert [one["key"] for one in get(near="16.8,107.1,1070").json()["items"]] == ["G001", "G002"]
    assert get(near="16.8,107.1,1070", box="107.105,16,108,17").json()["items"][0]["key"] == "G002"
    for bad in ("1,2", "16.8,107.1,100001"):
        answer = get(near=bad)
        assert (answer.status_code, answer.json()["field"]) == (422, "near")
    described = Client().get("/api/v1/openapi.json").json()["paths"]["/api/v1/registers/{code}/records"]["get"]
    assert any(one["name"] == "near" and "100 km" in one["description"] for one in described["parameters"])
    hidden = wells(access={"public": {"read": ["code", "name"]}})
    with pytest.raises(InvalidInput) as refused:
        find(well.register, hidden, queries.whole(Actor(), well.register, hidden), Wish(near=Near(16.8, 107.1, 50.0)))
    assert refused.value.field == "near"
