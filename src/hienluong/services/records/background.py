"""What lies under the marks of a map: sea and land, borders, the names of communes, cut to a box and drawn.

What is known of them is in ``foundation/organisations/maps``. Nothing is asked of another address: maps are drawn without
the internet, and nobody outside learns who looks at which record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hienluong.foundation.organisations import units
from hienluong.foundation.organisations.maps import ground, outlines
from hienluong.foundation.organisations.maps.ground import COVERS
from hienluong.foundation.organisations.maps.outlines import Box, Outline
from hienluong.foundation.organisations.units import Centre

#: Corners that are nearer to the one before than so much of the drawing are left out.
_FINE = 0.7
#: Names on one map, and the room of a letter and of a line in the drawing: where it is large, and where it is small (a
#: phone, the map of one record) and letters are larger.
MOST_NAMES = 30
_LARGE, _SMALL = (6.5, 15.0), (11.5, 24.0)
#: Where the name of a commune beside a mark may stand: above its middle, below it, farther away.
_LIFTS = (0, 28, -22, 40)
Place = Callable[[float, float], tuple[float, float]]
Area = tuple[float, float, float, float]  # left, top, right, bottom in the drawing


@dataclass(frozen=True)
class Name:
    """A commune on the drawing; `narrow`: left out where the drawing is small."""

    x: float
    y: float
    text: str
    narrow: bool
    lift: int = 0  # how far its name stands below its usual place

    @property
    def offset(self) -> int:
        """From the middle of the commune down to the line that its name stands on."""
        return self.lift - 5


def under(
    box: Box, place: Place, taken: Iterable[Area], size: tuple[int, int], first: Sequence[Centre] = ()
) -> dict[str, Any]:
    """What the template draws of this box, `place` being where a longitude and latitude come to lie in the drawing.

    `taken`: where no name may stand (marks, the words of the net, the scale). `first`: the communes that are named before
    all others, above their middle or below it.
    """
    left, top = place(max(box[0], COVERS[0]), min(box[3], COVERS[3]))
    right, bottom = place(min(box[2], COVERS[2]), max(box[1], COVERS[1]))
    there = right > left and bottom > top
    shipped = _paths(ground.shipped(), box, place) if there else {}
    own = _paths(ground.own(), box, place)
    return {
        "sea": {"x": left, "y": top, "width": round(right - left, 1), "height": round(bottom - top, 1)}
        if there
        else None,
        "outlines": [(kind, path) for found in (shipped, own) for kind, path in found.items()],
        "names": list(_names(box, place, list(taken), size, first)),
    }


def _paths(found: Sequence[Outline], box: Box, place: Place) -> dict[str, str]:
    """By kind, the outlines that the box meets, as one path each."""
    west, south, east, north = box
    room = max(east - west, north - south) * 0.05  # the edges along which they are cut are not seen
    wide = (west - room, south - room, east + room, north + room)
    parts: dict[str, list[str]] = {}
    for one in found:
        if not outlines.meets(one.box, wide):
            continue
        points = outlines.within(one.points, wide) if one.is_area else one.points
        if path := _path(points, place, is_area=one.is_area):
            parts.setdefault(one.kind, []).append(path)
    return {kind: " ".join(parts[kind]) for kind in outlines.KINDS if kind in parts}


def _path(points: Sequence[outlines.Point], place: Place, *, is_area: bool) -> str:
    drawn: list[tuple[float, float]] = []
    for point in points:
        x, y = place(*point)
        if not drawn or abs(x - drawn[-1][0]) + abs(y - drawn[-1][1]) >= _FINE:
            drawn.append((x, y))
    if len(drawn) < (3 if is_area else 2):
        return ""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in drawn) + ("Z" if is_area else "")


def _names(box: Box, place: Place, taken: list[Area], size: tuple[int, int], first: Sequence[Centre]) -> Iterable[Name]:
    """The communes in the box, `first` and then as they are known best, as long as their names do not touch one another."""
    west, south, east, north = box
    small = list(taken)  # what is taken where letters are large
    count = 0
    for number, centre in enumerate((*first, *(one for one in units.centres() if one not in first))):
        if not (west <= centre.longitude <= east and south <= centre.latitude <= north):
            continue
        x, y = place(centre.longitude, centre.latitude)
        rooms = [(lift, _room(x, y + lift, centre.name, _LARGE)) for lift in (_LIFTS if number < len(first) else (0,))]
        free = [lift for lift, room in rooms if _is_free(room, taken, size)]
        if count == MOST_NAMES or not free:
            continue
        open_ = [lift for lift in free if _is_free(_room(x, y + lift, centre.name, _SMALL), small, size)]
        lift = (open_ or free)[0]
        taken.append(_room(x, y + lift, centre.name, _LARGE))
        if open_:
            small.append(_room(x, y + lift, centre.name, _SMALL))
        count += 1
        yield Name(x, y, centre.name, narrow=not open_, lift=lift)


def _room(x: float, y: float, text: str, letters: tuple[float, float]) -> Area:
    half, high = len(text) * letters[0] / 2, letters[1]
    return x - half, y - high - 4, x + half, y + 3


def _is_free(room: Area, taken: Sequence[Area], size: tuple[int, int]) -> bool:
    left, top, right, bottom = room
    if left < 0 or top < 0 or right > size[0] or bottom > size[1]:
        return False
    return not any(left < one[2] and one[0] < right and top < one[3] and one[1] < bottom for one in taken)
