"""Two states of a draft side by side: by file, as a list of changes in words, and line by line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hienluong.foundation.schemas.positions import parse
from hienluong.services.procedures.installing import changes
from hienluong.services.procedures.wording import part_label, said

from .files import Files
from .yaml_text import plain

#: Most changes of a file that are told, and most lines that are shown.
MOST = 100
MOST_LINES = 600


@dataclass(frozen=True)
class Row:
    """One change: where, what it was, what it is."""

    part: str
    before: str
    after: str


@dataclass(frozen=True)
class FileChange:
    """What became of one file. `lines` are those of a unified diff: (``+``, ``-``, `` `` or ``@``; the text)."""

    path: str
    kind: Literal["new", "removed", "changed"]
    rows: tuple[Row, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()


def compare(before: Files, after: Files) -> list[FileChange]:
    """What differs between two states, by file."""
    found = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        kind: Literal["new", "removed", "changed"] = "new" if old is None else "removed" if new is None else "changed"
        rows = tuple(_rows(path, old, new)) if old is not None and new is not None else ()
        found.append(FileChange(path, kind, rows[:MOST], tuple(_lines(old or "", new or ""))))
    return found


#: The parts of a definition whose values are names of fields, or of what the dossier knows.
_OF_NAMES = frozenset("access effects lists search index map name subject responsible".split())


def told(differences: Any, called: Mapping[str, str] | None = None) -> list[Row]:
    """Changes (path, before, after) as rows in words; `called` says what a name is called on the screen."""
    return [_row(path, before, after, called or {}) for path, before, after in list(differences)[:MOST]]


def _row(path: str, before: Any, after: Any, called: Mapping[str, str]) -> Row:
    part = part_label(path)
    inside, sign, last = part.rpartition(" › ")
    part = f"{inside}{sign}{called.get(last, last)}"
    if re.split(r"[.\[]", path, maxsplit=1)[0] in _OF_NAMES:
        before, after = _named(before, called), _named(after, called)
    return Row(part, said(before), said(after))


def _named(value: Any, called: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(each, called) for each in value]
    return called.get(value, value) if isinstance(value, str) else value


def _rows(path: str, old: str, new: str) -> Iterator[Row]:
    if not path.endswith(".yaml"):
        return
    left, right = plain(parse(old, path).value), plain(parse(new, path).value)
    for part, before, after in changes(left, right):
        yield Row(part_label(part), said(before), said(after))
    yield from _moved(left, right, "")


def _moved(left: Any, right: Any, path: str) -> Iterator[Row]:
    """Fields that stand in another order, which `changes` does not tell."""
    if not (isinstance(left, Mapping) and isinstance(right, Mapping)):
        return
    for key in left.keys() & right.keys():
        inside = f"{path}.{key}" if path else key
        old, new = left[key], right[key]
        if key == "properties" and isinstance(old, Mapping) and isinstance(new, Mapping):
            both = [name for name in old if name in new], [name for name in new if name in old]
            if both[0] != both[1]:
                yield Row(part_label(inside), " · ".join(both[0]), " · ".join(both[1]))
        yield from _moved(old, new, inside)


def _lines(old: str, new: str) -> Iterator[tuple[str, str]]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")
    for number, line in enumerate(lines):
        if number < 2:  # the names of the files
            continue
        if number > MOST_LINES:
            return
        yield line[:1], line[1:]
