"""Two states of a draft side by side: by file, as a list of changes in words, and line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hienluong.foundation.schemas.positions import parse
from hienluong.services.procedures.differences import Told, told

from .files import Files
from .yaml_text import plain

#: Most changes of a file that are told, and most lines that are shown.
MOST = 100
MOST_LINES = 600


@dataclass(frozen=True)
class FileChange:
    """What became of one file. `lines` are those of a unified diff: (``+``, ``-``, `` `` or ``@``; the text)."""

    path: str
    kind: Literal["new", "removed", "changed"]
    rows: tuple[Told, ...] = ()
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


def _rows(path: str, old: str, new: str) -> list[Told]:
    if not path.endswith(".yaml"):
        return []
    return told(plain(parse(old, path).value), plain(parse(new, path).value))


def _lines(old: str, new: str) -> Iterator[tuple[str, str]]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")
    for number, line in enumerate(lines):
        if number < 2:  # the names of the files
            continue
        if number > MOST_LINES:
            return
        yield line[:1], line[1:]
