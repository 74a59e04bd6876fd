"""Who calls whom as a drawing: consumers left, providers right, a line between them as thick as there are calls.

SVG without script; every figure in it stands in the table beside it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from hienluong.ui.money import grouped

from .watching import Pair

#: The most lines drawn; the table has all.
MOST = 12
WIDTH, ROW, TOP = 640, 44, 34
#: Where the names end and begin, and the most characters of one: more would run into the lines on a phone.
LEFT, RIGHT, NAME = 230, 410, 22


def flows(pairs: Sequence[Pair]) -> SafeString:
    """The busiest pairs; nothing for none."""
    shown = pairs[:MOST]
    if not shown:
        return SafeString("")
    left = _places([pair.consumer.name for pair in shown])
    right = _places([pair.provider.name for pair in shown])
    height = TOP + ROW * max(len(left), len(right))
    body = _heads()
    body += "".join(_line(pair, left[pair.consumer.name], right[pair.provider.name]) for pair in shown)
    body += "".join(_name(name, LEFT - 8, y, "end") for name, y in left.items())
    body += "".join(_name(name, RIGHT + 8, y, "start") for name, y in right.items())
    title = _("Cơ quan nào gọi dịch vụ của cơ quan nào")
    return mark_safe(  # noqa: S308 - every text inside is escaped
        f'<svg class="hl-chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">{body}</svg>'
    )


def _places(names: Sequence[str]) -> dict[str, float]:
    """Where each name stands, in the order they come."""
    return {name: TOP + ROW * (place + 0.5) for place, name in enumerate(dict.fromkeys(names))}


def _heads() -> str:
    return (
        f'<text class="hl-chart__label" x="{LEFT - 8}" y="18" text-anchor="end">{escape(_("Bên khai thác"))}</text>'
        f'<text class="hl-chart__label" x="{RIGHT + 8}" y="18">{escape(_("Bên cung cấp"))}</text>'
    )


def _line(pair: Pair, start: float, end: float) -> str:
    """A line from 2 to 14 wide by the power of ten of its calls; broken where there are too many errors."""
    wide = min(14.0, 2 + 2 * log10(max(1, pair.sums.calls)))
    middle = (LEFT + RIGHT) / 2
    words = _("%(consumer)s gọi %(provider)s: %(calls)s lượt, %(errors)s lỗi") % {
        "consumer": pair.consumer.name,
        "provider": pair.provider.name,
        "calls": grouped(pair.sums.calls),
        "errors": grouped(pair.sums.errors),
    }
    look = "hl-chart__flow hl-chart__flow--bad" if pair.sums.bad else "hl-chart__flow"
    return (
        f'<path class="{look}" stroke-width="{wide:.1f}" '
        f'd="M{LEFT},{start:.1f} C{middle:.0f},{start:.1f} {middle:.0f},{end:.1f} {RIGHT},{end:.1f}">'
        f"<title>{escape(words)}</title></path>"
    )


def _name(name: str, x: int, y: float, anchor: str) -> str:
    short = name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…"
    return (
        f'<text class="hl-chart__label" x="{x}" y="{y + 5:.1f}" text-anchor="{anchor}">{escape(short)}'
        f"<title>{escape(name)}</title></text>"
    )
