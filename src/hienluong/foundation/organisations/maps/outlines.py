"""Outlines of coasts, borders and administrative units in GeoJSON, as a map's background needs them. Asks nobody else.

All coordinates are degrees (WGS 84), longitude first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # west, south, east, north

#: What a feature may be: the ground of the country, of another one, or a border that is drawn as a line.
KINDS = ("land", "abroad", "border")
#: No more corners are taken from one file.
MOST = 1_000_000


@dataclass(frozen=True)
class Outline:
    """One ring of an area, or one line."""

    kind: str
    points: tuple[Point, ...]
    box: Box
    is_area: bool


def read(text: str) -> list[Outline]:
    """The outlines of a collection of features: areas and lines, of the kind that ``properties.kind`` names.

    One that names none is a border. Raises ValueError, in words, for what is no such collection.
    """
    document = json.loads(text)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ValueError("cần một FeatureCollection của GeoJSON")
    found = [outline for number, feature in enumerate(features, 1) for outline in _outlines(feature, number)]
    if sum(len(one.points) for one in found) > MOST:
        raise ValueError(f"nhiều hơn {MOST} đỉnh; hãy giản lược trước")
    return found


def _outlines(feature: Any, number: int) -> Iterator[Outline]:
    try:
        geometry, kind = feature["geometry"], (feature.get("properties") or {}).get("kind") or "border"
        lines, is_area = _lines(geometry["type"], geometry["coordinates"])
        parts = [tuple((float(corner[0]), float(corner[1])) for corner in line) for line in lines]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(f"đối tượng thứ {number} không phải vùng hay đường") from error
    if kind not in KINDS:
        raise ValueError(f"đối tượng thứ {number}: kind là một trong {', '.join(KINDS)}")
    for part in parts:
        if any(not (-180 <= x <= 180 and -90 <= y <= 90) for x, y in part):
            raise ValueError(f"đối tượng thứ {number}: tọa độ phải là độ WGS 84, kinh độ trước")
        if len(part) > 1:
            yield Outline(kind, part, _box(part), is_area)


def _lines(type_: str, coordinates: Any) -> tuple[list[Any], bool]:
    if type_ == "Polygon":
        return list(coordinates), True
    if type_ == "MultiPolygon":
        return [ring for polygon in coordinates for ring in polygon], True
    if type_ == "LineString":
        return [coordinates], False
    if type_ == "MultiLineString":
        return list(coordinates), False
    raise ValueError(type_)


def _box(points: Sequence[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def meets(one: Box, other: Box) -> bool:
    """Whether two boxes touch."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def within(points: Sequence[Point], box: Box) -> list[Point]:
    """The part of an area's ring inside a box (Sutherland-Hodgman); empty when there is none.

    What enters and leaves again is joined along the edge of the box.
    """
    for axis, limit, keeps_greater in ((0, box[0], True), (1, box[1], True), (0, box[2], False), (1, box[3], False)):
        points = _cut(points, axis, limit, keeps_greater=keeps_greater)
        if not points:
            break
    return list(points)


def _cut(points: Sequence[Point], axis: int, limit: float, *, keeps_greater: bool) -> list[Point]:
    kept: list[Point] = []
    before = points[-1] if points else None
    for point in points:
        if before is not None:
            is_in, was_in = ((p[axis] >= limit) == keeps_greater or p[axis] == limit for p in (point, before))
            if is_in != was_in:
                kept.append(_crossing(before, point, axis, limit))
            if is_in:
                kept.append(point)
        before = point
    return kept


def _crossing(start: Point, end: Point, axis: int, limit: float) -> Point:
    part = (limit - start[axis]) / (end[axis] - start[axis])
    other = start[1 - axis] + part * (end[1 - axis] - start[1 - axis])
    return (limit, other) if axis == 0 else (other, limit)
