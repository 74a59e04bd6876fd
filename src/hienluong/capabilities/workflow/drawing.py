"""Drawing the course of a process as SVG, with where an instance stands. No script needed.

Colours come from the page's style sheet (``.hl-process …``). A picture says nothing to who cannot see it: :func:`in_words`
tells the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from .course import Course, Node, Way
from .engine import Standing
from .layout import BAND, EDGE, ROW, Box, Line, lay_out

_LINE, _SMALL = 18, 14
#: Most characters in a row of the words beside a line, so that they end before the tracks between the columns: of a line
#: up or down, and of one to the side, whose words stand above and below it.
_BESIDE_UPRIGHT, _BESIDE_LEVEL = 10, 7
#: From this width on a drawing is not made smaller to fit a page as far as a narrow one.
_WIDE = 1000
_DECIDES = "exclusiveGateway"


@dataclass(frozen=True)
class Onward:
    """What follows a step: under which condition (empty: always), and what it is called."""

    when: str
    to: str


@dataclass(frozen=True)
class Told:
    """A step in words: what it is called, who does it, what follows; `state` is ``ready``, ``passed`` or empty."""

    name: str
    lane: str
    onward: tuple[Onward, ...]
    state: str


def in_words(course: Course, words: Mapping[str, str], standing: Standing | None = None) -> list[Told]:
    """The steps of a course in their order."""
    boxes = lay_out(course).boxes
    steps = [name for name, node in course.nodes.items() if node.kind == "userTask"]
    return [
        Told(
            course.nodes[name].name or name,
            course.lanes.get(course.nodes[name].lane, ""),
            tuple(_onward(course, name, words, "")),
            _state(name, standing),
        )
        for name in sorted(steps, key=lambda name: boxes[name].column)
    ]


def svg(course: Course, words: Mapping[str, str], standing: Standing | None = None, *, title: str = "") -> str:
    """The drawing as an SVG element. Ready tasks have class ``is-ready``, completed ones ``is-passed``."""
    layout = lay_out(course)
    label = escape(title or course.title)
    size = f"{layout.width:.0f} {layout.height:.0f}"
    parts = [
        f'<svg class="hl-process{" hl-process--wide" if layout.width > _WIDE else ""}" viewBox="0 0 {size}" width="{layout.width:.0f}" height="{layout.height:.0f}" role="img" '
        f'aria-label="{label}" xmlns="http://www.w3.org/2000/svg">',
        '<defs><marker id="hl-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 10 5 0 10z"/></marker></defs>',
    ]
    parts += [_lane(row, name, layout.width) for row, name in enumerate(layout.rows)]
    parts += [_flow(line) for line in layout.lines]
    parts += [_node(node, layout.boxes[name], _state(name, standing)) for name, node in course.nodes.items()]
    parts += [_condition(course, line, layout.boxes, words) for line in layout.lines]
    return "".join((*parts, "</svg>"))


def condition(course: Course, way: Way, words: Mapping[str, str]) -> str:
    """When a way is taken, in words; empty when always."""
    if course.nodes[way.source].kind != _DECIDES:
        return ""
    return way.name or " / ".join(words.get(outcome, outcome) for outcome in way.outcomes)


def _onward(course: Course, name: str, words: Mapping[str, str], when: str) -> list[Onward]:
    found = []
    for way in course.ways_from(name):
        said, target = condition(course, way, words) or when, course.nodes[way.target]
        if target.kind.endswith("Gateway"):
            found += _onward(course, way.target, words, said)
        else:
            found.append(Onward(said, target.name))
    return found


def _state(name: str, standing: Standing | None) -> str:
    if standing and standing.at(name):
        return "ready"
    return "passed" if standing and name in standing.passed else ""


def _lane(row: int, name: str, width: float) -> str:
    top = EDGE + row * ROW
    text = _rows(name, EDGE + BAND / 2, top + ROW / 2, _LINE, limit=15)
    return (
        f'<g class="hl-process__lane"><rect x="{EDGE}" y="{top}" width="{width - 2 * EDGE:.0f}" height="{ROW}"/>'
        f'<rect x="{EDGE}" y="{top}" width="{BAND}" height="{ROW}"/>{text}</g>'
    )


def _flow(line: Line) -> str:
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in line.points)
    return f'<polyline class="hl-process__flow" points="{points}" marker-end="url(#hl-arrow)"/>'


def _condition(course: Course, line: Line, boxes: Mapping[str, Box], words: Mapping[str, str]) -> str:
    """The words beside the line where it leaves the gateway."""
    said = condition(course, line.way, words)
    if not said:
        return ""
    x, y = boxes[line.way.source].at(line.side)
    if line.side in ("top", "bottom"):
        rows = _wrap(said, _BESIDE_UPRIGHT)
        x, first = x + 7, y + 13 if line.side == "bottom" else y - 4 - (len(rows) - 1) * _SMALL
        heights = [first + number * _SMALL for number in range(len(rows))]
    else:
        rows = _wrap(said, _BESIDE_LEVEL)
        x, above = x - 6 if line.side == "left" else x + 3, (len(rows) + 1) // 2
        heights = [y - 7 - (above - 1 - number) * _SMALL + (8 if number >= above else 0) for number in range(len(rows))]
    end = " is-left" if line.side == "left" else ""
    spans = [f'<tspan x="{x:.0f}" y="{at:.0f}">{escape(row)}</tspan>' for row, at in zip(rows, heights, strict=True)]
    return f'<text class="hl-process__when{end}">{" ".join(spans)}</text>'


def _node(node: Node, box: Box, state: str) -> str:
    x, y = box.x, box.y
    if node.kind == "userTask":
        left, top = x - box.width / 2, y - box.height / 2
        is_state = f" is-{state}" if state else ""
        return (
            f'<g class="hl-process__task{is_state}"><rect x="{left:.0f}" y="{top:.0f}" width="{box.width:.0f}" '
            f'height="{box.height:.0f}" rx="8"/>{_rows(node.name, x, y, _LINE, limit=15)}</g>'
        )
    if node.kind in ("startEvent", "endEvent"):
        ring = "hl-process__end" if node.kind == "endEvent" else "hl-process__start"
        above = y - box.height / 2 - 8  # lines come to it from the left or from below
        return (
            f'<g class="{ring}"><circle cx="{x:.0f}" cy="{y:.0f}" r="{box.width / 2:.0f}"/>'
            f'<text x="{x:.0f}" y="{above:.0f}">{escape(node.name)}</text></g>'
        )
    points = " ".join(f"{px:.0f},{py:.0f}" for px, py in (box.at(side) for side in ("top", "right", "bottom", "left")))
    cross = "M-8 0H8M0-8V8" if node.kind == "parallelGateway" else "M-6-6 6 6M6-6-6 6"
    return (
        f'<g class="hl-process__gateway"><polygon points="{points}"/>'
        f'<path d="{cross}" transform="translate({x:.0f} {y:.0f})"/></g>'
    )


def _rows(text: str, x: float, y: float, height: int, limit: int) -> str:
    """A text in rows around a middle."""
    rows = _wrap(text, limit)
    first = y - (len(rows) - 1) * height / 2 + 5
    return " ".join(
        f'<text x="{x:.0f}" y="{first + i * height:.0f}">{escape(row)}</text>' for i, row in enumerate(rows)
    )


def _wrap(text: str, limit: int) -> list[str]:
    rows: list[str] = []
    for word in text.split():
        if rows and len(rows[-1]) + len(word) < limit:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows or [""]
