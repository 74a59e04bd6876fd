"""How much is tried: `make test` has fifteen minutes, what checks a change for all (`EVERYTHING=1`, `.ci/run`) has more,
the long runs (`make soak`) try everything there is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
#: Set by ``make soak``, which runs the tests marked ``thorough`` again with it.
THOROUGH = bool(os.environ.get("TEST_THOROUGH"))
#: Set by ``.ci/run``.
EVERYTHING = THOROUGH or bool(os.environ.get("EVERYTHING"))


def examples(few: int, many: int) -> int:
    """How many examples hypothesis draws: half of `few` in `make test`, `few` in `.ci/run`, `many` in `make soak`."""
    if THOROUGH:
        return many
    return few if EVERYTHING else few // 2


def looks(each: Sequence[T], place: int = 0) -> Sequence[T]:
    """The sizes and themes in which pages are looked at: all of them in `.ci/run`, in `make test` the one at `place`."""
    return each if EVERYTHING else [each[place % len(each)]]


def some(everything: Sequence[T], one_of: int, place: int = 0) -> Sequence[T]:
    """All of them in `make soak`, else one of so many (in `make test` of twice as many), beginning at `place`: each is
    somebody's turn."""
    if THOROUGH:
        return everything
    step = one_of if EVERYTHING else 2 * one_of
    return everything[place % step :: step]
