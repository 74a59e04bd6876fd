"""Where the records of a list are: points on a map, those too near to be told apart put together.

Everything is in degrees (WGS 84). A line or an area counts as the middle of its box.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.organisations import units

from .definition import RegisterSpec
from .models import Register
from .nearness import centre
from .queries import Box, Scope, Wish, narrow, placed

#: More records are not put on one map; whoever looks is told, and narrows the list or the box.
MOST = 20_000
#: Least distance between two spots, as a part of the map's width: a finger hits one of them, also on a phone.
APART = 0.08
#: Least width of a map in degrees, about 300 m.
NARROWEST = 0.003
#: How wide at least is what is shown of points that lie close together, and how far away a commune may be for its name to
#: help, in degrees: about 5 and 15 km.
CLOSE, NAMED = 0.05, 0.14
Point = tuple[int, float, float]  # record, longitude, latitude


@dataclass
class Spot:
    """One mark: where its first record is, and the records it stands for."""

    longitude: float
    latitude: float
    records: list[int] = field(default_factory=list)
    box: Box = (0.0, 0.0, 0.0, 0.0)

    def take(self, record: int, longitude: float, latitude: float) -> None:
        """One more record at this mark."""
        west, south, east, north = self.box if self.records else (longitude, latitude, longitude, latitude)
        self.records.append(record)
        self.box = (min(west, longitude), min(south, latitude), max(east, longitude), max(north, latitude))


@dataclass(frozen=True)
class Chart:
    """A map: what it shows (west, south, east, north), its marks, and whether there was more than it can hold."""

    box: Box
    spots: list[Spot]
    total: int
    is_cut: bool = False


def chart(register: Register, spec: RegisterSpec, scope: Scope, wish: Wish, ratio: float) -> Chart | None:
    """The map of a list, `ratio` times as wide as it is high; None when none of its records has a place.

    Raises InvalidInput when this scope may not read where records are, and for what cannot be asked in it.
    """
    if not spec.map or spec.map not in scope.fields:
        raise InvalidInput(_("Không xem được bản đồ trong phạm vi này."), field="box")
    found = narrow(register, spec, scope, wish).filter(placed(register, scope), box__isnull=False).order_by()
    centred = found.annotate(x=centre(0), y=centre(1)).values_list("record_id", "x", "y")
    points = list(centred[: MOST + 1])
    if not points and not wish.box:
        return None
    return drawn(points[:MOST], ratio, wish.box, is_cut=len(points) > MOST)


def drawn(points: Iterable[Point], ratio: float, box: Box | None = None, *, is_cut: bool = False) -> Chart:
    """A map of these points: around all of them, or of this box (made wider or higher, so that it has its shape).

    A point that is outside of the box (the middle of a shape that only touches it) is not marked.
    """
    there = sorted(points)
    shown = shaped(box or around(there), ratio)
    inside = [point for point in there if _holds(shown, point)]
    return Chart(shown, _together(inside, shown), len(inside), is_cut)


def around(points: Iterable[Point]) -> Box:
    """The box of these points with a margin; of points that lie close together about 5 km, and as much more as shows the
    nearest commune: without a name nobody knows where they are."""
    xs, ys = zip(*((x, y) for _record, x, y in points), strict=True)
    wide = max(max(xs) - min(xs), max(ys) - min(ys))
    x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    if wide * 1.16 > CLOSE:
        room = wide * 0.08
        return min(xs) - room, min(ys) - room, max(xs) + room, max(ys) + room
    room = room_with_name(x, y, CLOSE / 2)
    return x - room, y - room, x + room, y + room


def room_with_name(x: float, y: float, least: float) -> float:
    """How far to each side of a place is shown, in degrees: `least`, and more where the nearest commune would lie outside."""
    for commune in units.nearest(x, y, 1):
        away = max(abs(commune.longitude - x), abs(commune.latitude - y))
        if away < NAMED:
            return max(least, away * 1.3)
    return least


def shaped(box: Box, ratio: float) -> Box:
    """A box around the same middle that holds this one, `ratio` times as wide as high on the ground, within the world."""
    west, south, east, north = box
    middle, height = (south + north) / 2, north - south
    shrinks = max(math.cos(math.radians(min(abs(middle), 85.0))), 0.05)  # a degree of longitude against one of latitude
    width = max(east - west, height * ratio / shrinks, NARROWEST)
    height = width * shrinks / ratio
    centre = (west + east) / 2
    return (
        max(centre - width / 2, -180.0),
        max(middle - height / 2, -90.0),
        min(centre + width / 2, 180.0),
        min(middle + height / 2, 90.0),
    )


def _holds(box: Box, point: Point) -> bool:
    west, south, east, north = box
    return west <= point[1] <= east and south <= point[2] <= north


def _together(points: Iterable[Point], box: Box) -> list[Spot]:
    """The marks: a record joins the first mark that is near enough, else it begins one."""
    west, south, east, north = box
    apart = (east - west) * APART
    shrinks = max(math.cos(math.radians((south + north) / 2)), 0.05)
    spots: list[Spot] = []
    cells: dict[tuple[int, int], list[Spot]] = {}
    for record, x, y in points:
        column, row = int((x - west) / apart), int((y - south) / (apart * shrinks))
        near = (
            spot
            for across in (-1, 0, 1)
            for down in (-1, 0, 1)
            for spot in cells.get((column + across, row + down), ())
            if math.hypot(x - spot.longitude, (y - spot.latitude) / shrinks) < apart
        )
        spot = next(near, None)
        if spot is None:
            spot = Spot(x, y)
            spots.append(spot)
            cells.setdefault((column, row), []).append(spot)
        spot.take(record, x, y)
    return spots
