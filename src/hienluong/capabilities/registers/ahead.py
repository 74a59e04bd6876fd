"""Rows looked at before their turn, in a thread of its own, while the rows before them are being written.

Checking a row and writing one take about as long; the one keeps this process busy, the other the database. What is found
here rests on the definitions and the code lists alone, so nothing is asked of the database in the thread; references,
organisations and keys are looked at when the rows are written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Self

from django.utils import timezone, translation

from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.foundation.schemas import lists

from . import checking, temporal
from .actions import spec_of
from .checking import Half
from .definition import RegisterSpec
from .models import Definition, Register
from .obeying import Definitions
from .row import Row

#: How long the thread goes on when another one wants to, in seconds.
_TURN = 0.0002
_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Seen:
    """A row half checked, and what will be written of it when it is sound."""

    position: int
    since: datetime
    touched: tuple[str, ...]  # the fields that were given a value
    half: Half
    text: str  # the data as JSON
    words: str | None  # by which it is found; None when its key is not known yet
    box: str | None


@dataclass(frozen=True)
class Looked:
    """Rows half checked, by the definition of their day; and those that are refused already."""

    rows: Sequence[Row]
    mark: object
    seen: list[tuple[Definition, list[Seen]]]
    refused: list[tuple[int, DomainError]]


def look(definitions: Definitions, rows: Sequence[Row]) -> Looked:
    """Look at rows; asks the database for nothing but code lists."""
    now = timezone.now()
    day_of = lru_cache(maxsize=None)(timezone.localdate)  # mostly the same few moments
    refused: list[tuple[int, DomainError]] = []
    groups: dict[int, tuple[Definition, list[tuple[int, datetime, Row]]]] = {}
    for position, row in enumerate(rows):
        try:
            since = temporal.moment(row.since) if row.since is not None else now
        except InvalidInput as error:
            refused.append((position, error))
            continue
        definition = definitions.taking(row.data, day_of(since), row.meant_for)
        groups.setdefault(definition.pk, (definition, []))[1].append((position, since, row))
    seen = []
    for definition, group in groups.values():
        spec = spec_of(definition)
        days = [day_of(since) for _position, since, _row in group]
        halves = checking.half_checked(spec, [row.data for _position, _since, row in group], days)
        found = [_seen(spec, *given, half) for given, half in zip(group, halves, strict=True)]
        seen.append((definition, found))
    return Looked(rows, definitions.mark, seen, refused)


def _seen(spec: RegisterSpec, position: int, since: datetime, row: Row, half: Half) -> Seen:
    given = row.data
    touched = tuple(given) if None not in given.values() else tuple(name for name in given if given[name] is not None)
    if half.errors or half.broken:
        return Seen(position, since, touched, half, "", None, None)
    key = str(half.data.get(spec.key.field) or "") if spec.key.field else ""
    words = checking.words(spec, key, half.data) if key else None
    text = _json(half.data)
    return Seen(position, since, touched, half, text, words, temporal.box_text(checking.box(spec, half.data)))


class Ahead:
    """One thread that looks at what comes next; a context that ends with it."""

    def __init__(self) -> None:
        # The thread that writes waits for an answer of the database every few hundred microseconds, and must not wait
        # five milliseconds more each time until this one lets it go on.
        self._before = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._coming: dict[Hashable, Future[Looked]] = {}

    def begin(self, name: Hashable, register: Register, make: Callable[[], Sequence[Row]]) -> None:
        """Begin to look at the rows that `make` gives (called in the thread), to be asked for by `name`."""
        definitions, language = Definitions(register), translation.get_language() or "vi"
        with lists.reading(lists.held(spec.schema_ for spec in definitions.specs)):
            context = copy_context()

        def work() -> Looked:
            with translation.override(language):
                return look(definitions, make())

        self._coming[name] = self._pool.submit(context.run, work)

    def take(self, name: Hashable) -> Looked | None:
        """What was found of the rows of this name; None when nobody has begun to look at them."""
        coming = self._coming.pop(name, None)
        return coming.result() if coming else None

    def wait(self) -> None:
        """Wait until all that was begun has been looked at."""
        wait(self._coming.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        sys.setswitchinterval(self._before)
