"""What a signature looks like on the page, as Phụ lục I of Nghị định 30/2020/NĐ-CP has it.

The signer: the picture of the handwritten signature, blue, on a transparent ground. The agency: the picture of its seal,
red, in its true size, a third of it over the signature to the left. A file that goes with a document: no picture, but the
document's number and notation and the time of signing (ISO 8601).
"""

from __future__ import annotations

import base64
import hashlib
import math
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from django.utils import timezone

from .models import Look
from .papers import render_pdf

#: Colours of the two pictures, as the decree names them.
BLUE, RED = "#0b3a8f", "#c8102e"
#: From one letter of a seal to the next, in sizes of the letters.
STEP = 0.78


@dataclass(frozen=True)
class Stamp:
    """One mark to be drawn. Sizes in points; `picture` is a ``data:`` address."""

    look: str
    width: float
    height: float
    name: str
    title: str = ""
    organization: str = ""
    notation: str = ""
    picture: str = ""

    @property
    def size(self) -> str:
        """Width and height as CSS wants them, whatever the language writes between digits."""
        return f"{self.width:.2f}pt {self.height:.2f}pt"

    @property
    def high(self) -> str:
        """The height as CSS wants it."""
        return f"{self.height:.2f}pt"


def draw(stamps: Sequence[Stamp]) -> bytes:
    """A PDF with one page a mark, each as large as its mark."""
    now = timezone.localtime()
    at = now.strftime("%d/%m/%Y %H:%M:%S %z")
    context = {
        "marks": stamps,
        "at": f"{at[:-2]}:{at[-2:]}",
        "iso": now.isoformat(timespec="seconds"),
        "looks": Look,
    }
    return render_pdf("signing/stamp.html", context, title="stamp")


def as_address(svg: str) -> str:
    """A drawing as a ``data:`` address."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def handwriting(name: str) -> str:
    """A made-up signature of somebody with this name, for the demo: the same each time, blue, nothing behind it."""
    chance = random.Random(hashlib.sha256(name.encode()).digest())  # noqa: S311 - a drawing, no secret
    letters = [c for c in unicodedata.normalize("NFD", name) if c.isalpha()] or ["x"]
    x, points = 12.0, [(8.0, 46.0)]
    for letter in letters[-7:]:
        high = 34 if letter.isupper() or letter in "bdfhkltđ" else 14
        low = 16 if letter in "gpqy" else 0
        points += [
            (x, 46 - high + chance.uniform(-4, 4)),
            (x + chance.uniform(6, 10), 46 + low + chance.uniform(-3, 3)),
            (x + chance.uniform(3, 6), 40 + chance.uniform(-5, 5)),
        ]
        x += chance.uniform(13, 18)
    points.append((x + 16, 36 + chance.uniform(-8, 8)))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f} " + " ".join(
        f"Q{ax:.1f} {ay:.1f} {(ax + bx) / 2:.1f} {(ay + by) / 2:.1f}" for (ax, ay), (bx, by) in pairwise(points[1:])
    )
    sweep = f"M14 {64 + chance.uniform(-2, 2):.1f} Q{x / 2:.1f} {52 + chance.uniform(-4, 4):.1f} {x + 8:.1f} 60"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x + 24:.0f} 76">'
        f'<g fill="none" stroke="{BLUE}" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{path}" stroke-width="2.2"/><path d="{sweep}" stroke-width="1.5"/></g></svg>'
    )


def seal(name: str) -> str:
    """A made-up seal of an agency with this name, for the demo: round and red, a star and the word that it is none."""
    ring = _around(name.upper(), radius=40, middle=-90, size=_size(name))
    word = _around("TRÌNH DIỄN", radius=42.5, middle=90, size=6.5, inward=True)
    star = " ".join(
        f"{50 + r * math.sin(math.pi * i / 5):.2f},{50 - r * math.cos(math.pi * i / 5):.2f}"
        for i, r in ((i, 15 if i % 2 == 0 else 6) for i in range(10))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><g fill="none" stroke="{RED}">'
        f'<circle cx="50" cy="50" r="48.5" stroke-width="2"/><circle cx="50" cy="50" r="34" stroke-width="0.8"/></g>'
        f'<g fill="{RED}" font-family="Liberation Sans" font-weight="bold" text-anchor="middle">'
        f'{ring}{word}<polygon points="{star}"/></g></svg>'
    )


def _size(name: str) -> float:
    """The size at which a name goes two thirds of the way around."""
    return max(3.6, min(8.0, 165 / (STEP * max(len(name), 1))))


def _around(words: str, *, radius: float, middle: float, size: float, inward: bool = False) -> str:
    """Letters along a circle; `middle` is the angle of the middle of the words, in degrees from the right, clockwise."""
    step = math.degrees(STEP * size / radius) * (-1 if inward else 1)
    start = middle - step * (len(words) - 1) / 2
    found = []
    for place, letter in enumerate(words):
        angle = start + step * place
        x = 50 + radius * math.cos(math.radians(angle))
        y = 50 + radius * math.sin(math.radians(angle))
        turn = angle - 90 if inward else angle + 90
        found.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}" '
            f'transform="rotate({turn:.1f} {x:.2f} {y:.2f})">{escape(letter)}</text>'
        )
    return "".join(found)
