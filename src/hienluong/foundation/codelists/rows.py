"""Rows of code lists: a code, what became of one; what may be wrong with many of them, their levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from .models import MAX_DEPTH

MAX_VALUE, MAX_NAME = 40, 500
KINDS = ("same", "merged", "split", "part")


@dataclass(frozen=True)
class CodeRow:
    """A code as it was read, and the line where it stands."""

    value: str
    parent: str
    name: str
    name_en: str = ""
    since: date | None = None
    until: date | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    line: int = 1


@dataclass(frozen=True)
class Pair:
    """What one code became."""

    source: str
    target: str
    kind: str = ""
    is_primary: bool = True
    line: int = 1


def row_problems(rows: Sequence[CodeRow]) -> Iterator[tuple[int, str]]:
    """What is wrong with a table of codes, by line: texts, parents, cycles, the same code twice on one day."""
    by_value: dict[str, list[CodeRow]] = {}
    for row in rows:
        yield from ((row.line, message) for message in _texts(row))
        for other in by_value.setdefault(row.value, []):
            if _overlap(row, other):
                yield row.line, f"mã “{row.value}” đã có ở dòng {other.line}"
        by_value[row.value].append(row)
    parents = {row.value: row.parent for row in rows}
    for row in rows:
        if row.parent and row.parent not in parents:
            yield row.line, f"không có mã cha “{row.parent}”"
    for row in rows:
        steps, at = 0, row.parent
        while at and steps <= MAX_DEPTH:
            steps, at = steps + 1, parents.get(at, "")
        if steps > MAX_DEPTH:
            yield row.line, f"mã “{row.value}” nằm trong vòng cha con, hoặc sâu quá {MAX_DEPTH + 1} cấp"
    for value, same in by_value.items():
        if len({row.parent for row in same}) > 1:
            yield same[-1].line, f"mã “{value}” có nhiều mã cha; mã mới phải là mã khác"


def _texts(row: CodeRow) -> Iterator[str]:
    if not row.value or len(row.value) > MAX_VALUE or row.value != row.value.strip() or not row.value.isprintable():
        yield f"mã phải có từ 1 đến {MAX_VALUE} ký tự, không có khoảng trắng ở đầu, cuối"
    if not row.name.strip() or len(row.name) > MAX_NAME or len(row.name_en) > MAX_NAME:
        yield f"tên phải có từ 1 đến {MAX_NAME} ký tự"
    if row.since and row.until and row.until <= row.since:
        yield f"mã “{row.value}”: ngày hết hiệu lực phải sau ngày có hiệu lực"


def _overlap(one: CodeRow, other: CodeRow) -> bool:
    first, last = date.min, date.max
    return (one.since or first) < (other.until or last) and (other.since or first) < (one.until or last)


def pair_problems(pairs: Sequence[Pair], old: Set[str], new: Set[str]) -> Iterator[tuple[int, str]]:
    """What is wrong with a mapping between these codes and those, by line."""
    seen: set[tuple[str, str]] = set()
    for pair in pairs:
        if pair.source not in old:
            yield pair.line, f"không có mã “{pair.source}” ở ấn bản trước"
        if pair.target not in new:
            yield pair.line, f"không có mã “{pair.target}” ở ấn bản sau"
        if pair.kind not in ("", *KINDS):
            yield pair.line, f"“{pair.kind}” không phải {', '.join(KINDS)}"
        if (pair.source, pair.target) in seen:
            yield pair.line, f"“{pair.source}” → “{pair.target}” bị lặp"
        seen.add((pair.source, pair.target))


def with_kinds(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with their kinds: a kind that was not said follows from how many became how many."""
    outs, ins = Counter(pair.source for pair in pairs), Counter(pair.target for pair in pairs)
    names = {(False, False): "same", (False, True): "merged", (True, False): "split", (True, True): "part"}
    return [
        Pair(
            pair.source,
            pair.target,
            pair.kind or names[outs[pair.source] > 1, ins[pair.target] > 1],
            pair.is_primary,
            pair.line,
        )
        for pair in pairs
    ]


def by_depth(rows: Iterable[CodeRow]) -> list[list[tuple[int, CodeRow]]]:
    """The rows level by level, each with its place in the file; sound rows only."""
    numbered = list(enumerate(rows))
    parents: dict[str, str] = {row.value: row.parent for _number, row in numbered}
    levels: list[list[tuple[int, CodeRow]]] = []
    depths: dict[str, int] = {"": -1}

    def depth(value: str) -> int:
        if value not in depths:
            depths[value] = depth(parents[value]) + 1
        return depths[value]

    for number, row in numbered:
        level = depth(row.value)
        levels += [[] for _more in range(level + 1 - len(levels))]
        levels[level].append((number, row))
    return levels


def items(rows: Sequence[CodeRow]) -> list[dict[str, Any]]:
    """The rows in the shape of :class:`hienluong.foundation.schemas.lists.Item`."""
    return [
        {
            "value": row.value,
            "name": row.name,
            "name_en": row.name_en,
            "parent": row.parent,
            "since": row.since,
            "until": row.until,
        }
        for row in rows
    ]
