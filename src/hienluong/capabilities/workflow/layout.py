"""Where the nodes of a course stand in its drawing, and how the lines between them run.

Lanes are rows from top to bottom, the course runs in columns from left to right. A line leaves a gateway on a side of its
own, so that its words stand beside it alone; long lines run between the boxes, each on a track of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .course import Course, Way

COLUMN, ROW, BAND, EDGE = 174, 140, 120, 12
SIZES = {"userTask": (122, 64), "startEvent": (36, 36), "endEvent": (36, 36)}
_GATEWAY = (50, 50)
_TRACK, _FIRST_TRACK = 8, 10
_SLOTS = (0, 34, -34, 48, -48, 20, -20)
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node in the drawing: its cell, its middle and its size."""

    row: int
    column: int
    width: float
    height: float

    @property
    def x(self) -> float:
        """Its middle, from the left."""
        return BAND + EDGE + (self.column + 0.5) * COLUMN

    @property
    def y(self) -> float:
        """Its middle, from the top."""
        return EDGE + (self.row + 0.5) * ROW

    def at(self, side: str, slot: float = 0) -> Point:
        """The point of a side at which a line begins or ends."""
        across = {"left": -1, "right": 1}.get(side, 0)
        down = {"top": -1, "bottom": 1}.get(side, 0)
        return self.x + across * self.width / 2 + (slot if down else 0), self.y + down * self.height / 2


@dataclass(frozen=True)
class Line:
    """A way as it is drawn: its corners, and the side on which it leaves its source."""

    way: Way
    points: tuple[Point, ...]
    side: str


@dataclass(frozen=True)
class Layout:
    """A course laid out."""

    boxes: dict[str, Box]
    lines: tuple[Line, ...]
    rows: list[str]
    width: float
    height: float


def lay_out(course: Course) -> Layout:
    """Boxes and lines of a course."""
    rows = _rows(course)
    boxes = _Places(course, rows).boxes()
    names = list(course.lanes.values()) or [course.title]
    columns = max(box.column for box in boxes.values()) + 1
    width, height = BAND + columns * COLUMN + 2 * EDGE, len(names) * ROW + 2 * EDGE
    return Layout(boxes, tuple(_Router(course, boxes).lines()), names, width, height)


def _rows(course: Course) -> dict[str, int]:
    """The row of each node: that of its lane; without one, that of the node before it."""
    order = list(course.lanes)
    rows: dict[str, int] = {}
    for name, node in course.nodes.items():
        before = next((rows[way.source] for way in course.ways_to(name) if way.source in rows), 0)
        rows[name] = order.index(node.lane) if node.lane in order else before
    return rows


@dataclass
class _Places:
    """Finding a column for each node: after those before it, straight above or below a gateway where there is room."""

    course: Course
    rows: dict[str, int]
    columns: dict[str, int] = field(default_factory=dict)
    taken: set[tuple[int, int]] = field(default_factory=set)

    def boxes(self) -> dict[str, Box]:
        forward = self._forward()
        waiting = list(self.course.nodes)
        while waiting:
            name = next(
                (n for n in waiting if not {w.source for w in forward if w.target == n} & set(waiting)), waiting[0]
            )
            waiting.remove(name)
            self._put(name, [way.source for way in forward if way.target == name])
        return {
            name: Box(self.rows[name], self.columns[name], *SIZES.get(node.kind, _GATEWAY))
            for name, node in self.course.nodes.items()
        }

    def _forward(self) -> list[Way]:
        """The ways that do not lead back."""
        back: set[Way] = set()
        done: set[str] = set()

        def follow(name: str, above: frozenset[str]) -> None:
            done.add(name)
            for way in self.course.ways_from(name):
                if way.target in above | {name}:
                    back.add(way)
                elif way.target not in done:
                    follow(way.target, above | {name})

        for name in self.course.nodes:
            if name not in done:
                follow(name, frozenset())
        return [way for way in self.course.ways if way not in back]

    def _put(self, name: str, before: list[str]) -> None:
        row = self.rows[name]
        column = max((self.columns[b] + self._step(b, name) for b in before if b in self.columns), default=0)
        while (row, column) in self.taken or any(cell in self.taken for cell in self._between(before, row, column)):
            column += 1
        self.columns[name] = column
        self.taken |= {(row, column), *self._between(before, row, column)}

    def _step(self, before: str, name: str) -> int:
        turns = self.course.nodes[before].kind.endswith(("Gateway", "startEvent"))
        is_end = self.course.nodes[name].kind == "endEvent"
        return 0 if self.rows[before] != self.rows[name] and (turns or is_end) else 1

    def _between(self, before: list[str], row: int, column: int) -> list[tuple[int, int]]:
        """The cells that a straight line from a node before, in the same column, runs through."""
        rows = [self.rows[b] for b in before if self.columns.get(b) == column]
        return [(r, column) for other in rows for r in range(min(row, other) + 1, max(row, other))]


@dataclass
class _Router:
    """Leading each way from box to box with square corners."""

    course: Course
    boxes: dict[str, Box]
    sides: set[tuple[str, str]] = field(default_factory=set)
    tracks: Counter[tuple[str, int]] = field(default_factory=Counter)
    slots: Counter[tuple[str, str]] = field(default_factory=Counter)

    def lines(self) -> Iterator[Line]:
        """Straight lines first: they need their sides whole."""
        ways = sorted(self.course.ways, key=lambda way: self._straight(way) is None)
        for way in ways:
            straight = self._straight(way)
            if straight and not {(way.source, straight[0]), (way.target, straight[1])} & self.sides:
                self._use(way, *straight)
                points = self.boxes[way.source].at(straight[0]), self.boxes[way.target].at(straight[1])
                yield Line(way, points, straight[0])
            else:
                yield self._led(way)

    def _use(self, way: Way, leaving: str, entering: str) -> None:
        self.sides |= {(way.source, leaving), (way.target, entering)}
        self.slots[way.target, entering] += 1

    def _straight(self, way: Way) -> tuple[str, str] | None:
        """The sides between which one straight line goes, when nothing stands between."""
        source, target = self.boxes[way.source], self.boxes[way.target]
        cells = {(box.row, box.column) for box in self.boxes.values()}
        if source.column == target.column and source.row != target.row:
            low, high = sorted((source.row, target.row))
            clear = not any((row, source.column) in cells for row in range(low + 1, high))
            return (("bottom", "top") if target.row > source.row else ("top", "bottom")) if clear else None
        if source.row == target.row and target.column > source.column:
            between = range(source.column + 1, target.column)
            return None if any((source.row, column) in cells for column in between) else ("right", "left")
        return None

    def _led(self, way: Way) -> Line:
        source, target = self.boxes[way.source], self.boxes[way.target]
        is_forward = target.column > source.column
        side = self._leaving(way.source, source, target, is_forward=is_forward)
        entering = "left" if is_forward else "top" if source.row < target.row else "bottom"
        slot = _SLOTS[self.slots[way.target, entering] % len(_SLOTS)]
        self._use(way, side, entering)
        end = target.at(entering, slot)
        if entering == "left" and slot:
            end = (end[0], end[1] + slot / 3)
        begin = source.at(side)
        middle = self._middle(begin, end, side, entering, source, target)
        return Line(way, (begin, *middle, end), side)

    def _leaving(self, name: str, source: Box, target: Box, *, is_forward: bool) -> str:
        facing = "bottom" if target.row > source.row else "top"
        away = "top" if facing == "bottom" else "bottom"
        wanted = ("right", facing, away, "left") if is_forward else ("left", facing, away, "right")
        if not is_forward and target.row == source.row:
            wanted = ("bottom", "top", "left", "right")
        return next((side for side in wanted if (name, side) not in self.sides), wanted[0])

    def _middle(self, begin: Point, end: Point, side: str, entering: str, source: Box, target: Box) -> list[Point]:
        leaves_down, enters_down = side in ("top", "bottom"), entering in ("top", "bottom")
        if not leaves_down:
            across = self._gutter(source.column + (side == "right"))
            if enters_down:
                along = self._corridor(target.row, entering)
                return [(across, begin[1]), (across, along), (end[0], along)]
            if source.column + (side == "right") == target.column:
                return [(across, begin[1]), (across, end[1])]
            along = self._corridor(target.row, "bottom" if source.row > target.row else "top")
            last = self._gutter(target.column)
            return [(across, begin[1]), (across, along), (last, along), (last, end[1])]
        along = self._corridor(source.row, side)
        if not enters_down:
            last = self._gutter(target.column)
            return [(begin[0], along), (last, along), (last, end[1])]
        if (source.row, side) == (target.row, entering):
            return [(begin[0], along), (end[0], along)]
        across, second = (
            self._gutter(target.column + (source.column >= target.column)),
            self._corridor(target.row, entering),
        )
        return [(begin[0], along), (across, along), (across, second), (end[0], second)]

    def _gutter(self, column: int) -> float:
        """A free track between a column and the one before it."""
        count = self.tracks["gutter", column]
        self.tracks["gutter", column] += 1
        return BAND + EDGE + column * COLUMN + (count + 1) // 2 * _TRACK * (-1 if count % 2 else 1)

    def _corridor(self, row: int, side: str) -> float:
        """A free track above or below the boxes of a row."""
        count = self.tracks[side, row]
        self.tracks[side, row] += 1
        from_border = _FIRST_TRACK + count % 4 * _TRACK
        return EDGE + row * ROW + from_border if side == "top" else EDGE + (row + 1) * ROW - from_border
