"""Small charts as SVG: no script, colours from the style sheet, the numbers also in a table beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe

from .tables import rounded

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 640, 240, 62, 24, 36, 16
#: The most labels below a chart; more would run into one another on a phone.
MOST_LABELS = 6
#: Half the width of “11/2026” at the size of a phone.
HALF_A_LABEL = 38


def _frame(title: str, body: str) -> SafeString:
    return mark_safe(  # noqa: S308 - every text inside is escaped
        f'<svg class="hl-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{body}</svg>'
    )


def _scale(top: float) -> str:
    lines = []
    for share in (0, 0.5, 1):
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
        label = number_format(round(top * share), force_grouping=True)
        lines.append(
            f'<line class="hl-chart__grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="hl-chart__label" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
        )
    return "".join(lines)


def _labels(labels: Sequence[str], step: float) -> str:
    """The labels below, the last one always; where it would reach beyond the edge it ends there."""
    every = max(1, -(-len(labels) // MOST_LABELS))
    last = len(labels) - 1
    drawn = []
    for i, label in enumerate(labels):
        if (last - i) % every:
            continue
        x, anchor = LEFT + step * (i + 0.5), "middle"
        if x + HALF_A_LABEL > WIDTH:
            x, anchor = float(WIDTH), "end"
        drawn.append(
            f'<text class="hl-chart__label" x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}">{escape(label)}</text>'
        )
    return "".join(drawn)


def _step(points: Sequence[object]) -> float:
    return (WIDTH - LEFT - RIGHT) / max(len(points), 1)


def bars(points: Sequence[tuple[str, int]], title: str) -> SafeString:
    """Bars; an empty list gives an empty frame."""
    top = _top(value for _, value in points)
    step = _step(points)
    room = HEIGHT - TOP - BOTTOM
    drawn = "".join(
        f'<rect class="hl-chart__bar" x="{LEFT + step * i + step * 0.15:.1f}" width="{step * 0.7:.1f}" '
        f'y="{TOP + room * (1 - value / top):.1f}" height="{room * value / top:.1f}">'
        f"<title>{escape(label)}: {number_format(value, force_grouping=True)}</title></rect>"
        for i, (label, value) in enumerate(points)
    )
    return _frame(title, _scale(top) + drawn + _labels([label for label, _ in points], step))


def _top(values: Iterable[int]) -> int:
    """The count at the upper line: the highest one, or one more, so that the line at half of it is a whole number."""
    highest = max(values, default=0) or 1
    return highest + highest % 2


def histogram(
    points: Sequence[tuple[str, int]], ticks: Mapping[int, str], title: str, mark: tuple[int, str] | None = None
) -> SafeString:
    """Counts over time, bars side by side without gaps; `ticks` are the labels below by bar, `mark` a line before a bar
    with its words."""
    top = _top(value for _, value in points)
    step, room = _step(points), HEIGHT - TOP - BOTTOM
    drawn = "".join(
        f'<rect class="hl-chart__bar" x="{LEFT + step * i + min(1, step / 8):.1f}" width="{step - min(2, step / 4):.1f}" '
        f'y="{TOP + room * (1 - value / top):.1f}" height="{room * value / top:.1f}">'
        f"<title>{escape(label)}: {number_format(value, force_grouping=True)}</title></rect>"
        for i, (label, value) in enumerate(points)
        if value
    )
    below = "".join(
        f'<text class="hl-chart__label" x="{LEFT + step * i:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(label)}</text>'
        for i, label in ticks.items()
    )
    if mark:
        x = LEFT + step * mark[0]
        below += (
            f'<line class="hl-chart__mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            f'<text class="hl-chart__label" x="{x + 6:.1f}" y="{TOP + 14}">{escape(mark[1])}</text>'
        )
    return _frame(title, _scale(top) + drawn + below)


def line(points: Sequence[tuple[str, float | None]], title: str, top: float = 100) -> SafeString:
    """A line of percentages; a month without a figure breaks it."""
    step = _step(points)
    room = HEIGHT - TOP - BOTTOM
    parts: list[str] = []
    run: list[str] = []
    for i, (_, value) in enumerate([*points, ("", None)]):
        if value is None:
            if run:
                parts.append(f'<polyline class="hl-chart__line" points="{" ".join(run)}"/>')
            run = []
            continue
        run.append(f"{LEFT + step * (i + 0.5):.1f},{TOP + room * (1 - min(value, top) / top):.1f}")
    dots = "".join(
        f'<circle class="hl-chart__dot" r="4" cx="{LEFT + step * (i + 0.5):.1f}" '
        f'cy="{TOP + room * (1 - min(value, top) / top):.1f}">'
        f"<title>{escape(label)}: {rounded(value, 1)}%</title></circle>"
        for i, (label, value) in enumerate(points)
        if value is not None
    )
    return _frame(title, _scale(top) + "".join(parts) + dots + _labels([label for label, _ in points], step))
