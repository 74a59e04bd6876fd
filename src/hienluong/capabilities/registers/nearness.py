"""Records within a distance of a point: found by box in an index, then measured.

The distance is that of the great circle on a sphere of the Earth's mean radius, to the middle of the box around the record's
geometry: of a point, the point itself. The sphere is at most 0.6 % from the ellipsoid.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from django.db.models import BooleanField, F, FloatField, Func, Q, Value
from django.db.models.functions import Cos, Power, Radians, Sin
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

#: Mean radius of the Earth in metres (IUGG).
RADIUS = 6_371_008.8
#: The longest distance that may be asked for, in metres: the province is about 100 km across.
FURTHEST = 100_000
#: Degrees by which the box is made wider, so that rounding leaves nothing out: about a centimetre.
_SLACK = 1e-7
_NUMBER = re.compile(r"[+-]?\d{1,12}([.,]\d{1,15})?", re.ASCII)


@dataclass(frozen=True)
class Near:
    """A point in degrees (WGS 84) and how far from it in metres. Raises :class:`InvalidInput` for what cannot be."""

    latitude: float
    longitude: float
    metres: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise InvalidInput(_("Vĩ độ từ −90 đến 90, kinh độ từ −180 đến 180."), field="near")
        if not 0 < self.metres <= FURTHEST:
            raise InvalidInput(
                _("Khoảng cách lớn hơn 0 và không quá %(most)s km.") % {"most": FURTHEST // 1000}, field="near"
            )

    def __str__(self) -> str:
        return f"{self.latitude!r},{self.longitude!r},{self.metres!r}"


def read(text: str) -> Near:
    """“latitude,longitude,metres” with decimal points. Raises :class:`InvalidInput`."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise InvalidInput(_("Khoảng cách gồm ba số: vĩ độ,kinh độ,số mét."), field="near")
    latitude, longitude, metres = map(float, parts)
    return Near(latitude, longitude, metres)


def point_in(text: str) -> tuple[float, float] | None:
    """Latitude and longitude as people copy them: “16.8012, 107.0523”, “16,8012; 107,0523”; None for what is no point."""
    parts = text.split(";") if ";" in text else text.split(",") if "," in text else text.split()
    parts = [part.strip() for part in parts]
    if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    latitude, longitude = (float(part.replace(",", ".")) for part in parts)
    return (latitude, longitude) if -90 <= latitude <= 90 and -180 <= longitude <= 180 else None


def boxes(near: Near) -> list[tuple[float, float, float, float]]:
    """The boxes (west, south, east, north) that hold every point within the distance: two where 180° lies between."""
    angle = near.metres / RADIUS
    south, north = (near.latitude + turn * (math.degrees(angle) + _SLACK) for turn in (-1, 1))
    across = math.sin(angle) / max(math.cos(math.radians(near.latitude)), 1e-300)
    if south <= -90 or north >= 90 or across >= 1:  # a pole is within: every longitude
        return [(-180.0, max(south, -90.0), 180.0, min(north, 90.0))]
    wide = math.degrees(math.asin(across)) + _SLACK
    west, east = near.longitude - wide, near.longitude + wide
    found = [(max(west, -180.0), south, min(east, 180.0), north)]
    if west < -180:
        found.append((west + 360, south, 180.0, north))
    if east > 180:
        found.append((-180.0, south, east - 360, north))
    return found


def corners(box: tuple[float, float, float, float]) -> str:
    """A box (west, south, east, north) as PostgreSQL writes it."""
    west, south, east, north = box
    return f"({east!r},{north!r}),({west!r},{south!r})"


def within(box: tuple[float, float, float, float], *, crowded: bool = False) -> Q:
    """The versions whose box touches this one (west, south, east, north).

    By the index of places, but for a crowded box: the server takes any box for nearly empty. Asked in this form it
    reckons with half of the records in it, and goes through them in the order wanted until it has a page.
    """
    template = "(CASE WHEN %(expressions)s::box THEN TRUE ELSE FALSE END)" if crowded else "(%(expressions)s::box)"
    asked = Value(corners(box))
    return Q(Func(F("box"), asked, template=template, arg_joiner=" && ", output_field=BooleanField()))


def centre(axis: int) -> Func:
    """The middle of a version's box: its longitude (0) or its latitude (1)."""
    return Func(F("box"), template=f"(center(%(expressions)s))[{axis}]", output_field=FloatField())


def condition(near: Near) -> Q:
    """The versions at most so far from the point."""
    touched = Q()
    for box in boxes(near):
        touched |= within(box)
    latitude, longitude = centre(1), centre(0)
    north = Power(Sin(Radians(latitude - Value(near.latitude)) / Value(2.0)), Value(2))
    east = Power(Sin(Radians(longitude - Value(near.longitude)) / Value(2.0)), Value(2))
    scale = Value(math.cos(math.radians(near.latitude)))
    # The haversine of the angle between them, against that of the longest one: both grow with the distance.
    most = Value(math.sin(near.metres / (2 * RADIUS)) ** 2)
    return touched & Q(LessThanOrEqual(north + scale * Cos(Radians(latitude)) * east, most))
