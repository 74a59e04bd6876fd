"""A map of records as a drawing: marks, what lies under them, a net of degrees, a scale. No picture from elsewhere is
asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hienluong.capabilities.registers import places
from hienluong.capabilities.registers.places import NARROWEST, Chart, Spot
from hienluong.capabilities.registers.queries import Box
from hienluong.foundation.organisations import units
from hienluong.foundation.schemas.kinds import box_of

from . import background

#: The drawing in its own units, and how far a mark reaches.
WIDTH, HEIGHT = 640, 480
RATIO = WIDTH / HEIGHT
_SINGLE, _LEAST, _MOST = 11, 14, 22
#: How far beyond its mark a link reaches, and the room that the words of a meridian need.
_REACH, _WORDS = 6, 70
#: The room at the top that the words of the meridians take, and at the bottom that the scale does: the words of a parallel
#: there would stand on them.
_TOP, _BOTTOM = 44, 40
#: Where the words of the net and of the scale stand: left, top, right, bottom.
_WORDED = ((0.0, 0.0, float(WIDTH), 26.0), (0.0, 0.0, 62.0, float(HEIGHT)), (0.0, HEIGHT - 40.0, 360.0, float(HEIGHT)))
#: Kilometres of a degree of latitude.
_KILOMETRES = 111.32
#: Up to so many marks, the communes beside them are named first.
_FEW = 5


@dataclass(frozen=True)
class Mark:
    """A record, or several that are too near: where it is drawn, what it is called, where it leads."""

    x: float
    y: float
    radius: float
    reach: float
    count: int
    title: str
    href: str


def draw(chart: Chart, title: Callable[[Spot], str], href: Callable[[Spot], str]) -> dict[str, Any]:
    """What the template needs: `title` names the only record of a mark, `href` says where a mark leads."""
    place = _placer(chart.box)
    marks = []
    for spot in chart.spots:
        x, y = place(spot.longitude, spot.latitude)
        count = len(spot.records)
        radius = _SINGLE if count == 1 else min(_LEAST + 2 * math.log10(count), _MOST)
        said = title(spot) if count == 1 else _together(count)
        marks.append(Mark(x, y, round(radius, 1), round(radius + _REACH, 1), count, said, href(spot)))
    west, south, east, north = chart.box
    meridians = [
        _meridian(number, place(degree, north)[0], words)
        for number, (degree, words) in enumerate(_net(west, east, _("Đ"), _("T")))
    ]
    parallels = [
        {"at": at, "label": words if _TOP < at < HEIGHT - _BOTTOM else ""}
        for at, words in ((place(west, degree)[1], words) for degree, words in _net(south, north, _("B"), _("N")))
    ]
    taken = [(mark.x - mark.reach, mark.y - mark.reach, mark.x + mark.reach, mark.y + mark.reach) for mark in marks]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "marks": marks,
        "under": background.under(chart.box, place, [*taken, *_WORDED], (WIDTH, HEIGHT), _beside(chart.spots)),
        "meridians": meridians,
        "parallels": parallels,
        "scale": _scale(chart.box),
    }


def _beside(spots: Sequence[Spot]) -> list[units.Centre]:
    """The communes that are named before all others: the nearest to each mark, then the next ones; none for many marks."""
    if len(spots) > _FEW:
        return []
    near = [units.nearest(spot.longitude, spot.latitude, 3) for spot in spots]
    return list(dict.fromkeys(centre for row in zip(*near, strict=True) for centre in row))


def alone(shape: Any, title: str) -> dict[str, Any] | None:
    """The place of one record, drawn with what is around it (about 12 km, so that names tell where it is); None for what is no geometry."""
    if not isinstance(shape, Mapping) or "coordinates" not in shape:
        return None
    box = neighbourhood(box_of(shape))
    chart = places.drawn([(0, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)], RATIO, box)
    return draw(chart, lambda spot: title, lambda spot: "")


def neighbourhood(box: Box) -> Box:
    """A box around the middle of this one, wide enough (about 12 km) for its neighbours and for the names of places."""
    west, south, east, north = box
    x, y = (west + east) / 2, (south + north) / 2
    room = places.room_with_name(x, y, max(east - west, north - south, 0.12) / 2)
    return x - room, y - room, x + room, y + room


def _meridian(number: int, at: float, words: str) -> dict[str, Any]:
    """A line with its words; `narrow`: they are left out where the drawing is small. None where they would be cut off."""
    room = WIDTH - at
    return {"at": at, "label": words if room > _WORDS else "", "narrow": number % 2 == 1 or room < 2 * _WORDS}


def _together(count: int) -> str:
    words = ngettext("%(n)s bản ghi gần nhau", "%(n)s bản ghi gần nhau", count)
    return words % {"n": number_format(count, force_grouping=True)}


def _placer(box: Box) -> Callable[[float, float], tuple[float, float]]:
    west, south, east, north = box

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        x = (longitude - west) / (east - west) * WIDTH
        y = (north - latitude) / (north - south) * HEIGHT
        return round(x, 1), round(y, 1)

    return place


def _net(start: float, end: float, above: str, below: str) -> Iterator[tuple[float, str]]:
    """Round degrees between two, four to eight of them, in words: 107,25° Đ."""
    step = _round_step((end - start) / 6)
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    number = math.ceil(start / step)
    while number * step <= end:
        degree = round(number * step, 9)
        yield degree, f"{number_format(abs(degree), places)}° {above if degree >= 0 else below}"
        number += 1


def _round_step(about: float) -> float:
    power = 10.0 ** math.floor(math.log10(about))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= about)


def _scale(box: Box) -> dict[str, Any]:
    """A bar of a round length on the ground."""
    west, south, east, north = box
    whole = (east - west) * _KILOMETRES * max(math.cos(math.radians((south + north) / 2)), 0.05)
    length = _round_step(whole / 5) if whole / 5 >= 0.001 else 0.001
    words = (
        _("%(n)s km") % {"n": number_format(length, 0, force_grouping=True)}
        if length >= 1
        else _("%(n)s m") % {"n": number_format(length * 1000, 0)}
    )
    return {"width": round(length / whole * WIDTH, 1), "label": words}


def moved(box: Box, *, across: float = 0.0, up: float = 0.0, zoom: float = 1.0) -> str:
    """The address part of another box: shifted by parts of its size, `zoom` times as wide."""
    west, south, east, north = box
    width, height = east - west, north - south
    x, y = (west + east) / 2 + across * width, (south + north) / 2 + up * height
    width, height = max(width * zoom, NARROWEST), max(height * zoom, NARROWEST / RATIO)
    return said((x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def said(box: Box) -> str:
    """A box as the address says it; kept within the world."""
    west, south, east, north = box
    west, east = max(west, -180.0), min(east, 180.0)
    south, north = max(south, -90.0), min(north, 90.0)
    return ",".join(f"{part:.6f}" for part in (west, south, east, north))


def box_in(text: str) -> Box | None:
    """The box that an address says: west, south, east, north in degrees; None for what is none."""
    parts = text.split(",")
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        return None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        return None
    return west, south, east, north


def beside(box: Box) -> Box:
    """A box with some room around it, to look closer at the records of a mark."""
    west, south, east, north = box
    room = max(east - west, north - south, NARROWEST) * 0.15
    return west - room, south - room, east + room, north + room
