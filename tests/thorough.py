"""How much is tried: `make test` has fifteen minutes, the long runs (`make soak`) try everything there is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
#: Set by ``make soak``, which runs the tests marked ``thorough`` again with it.
THOROUGH = bool(os.environ.get("TEST_THOROUGH"))


def examples(few: int, many: int) -> int:
    """How many examples hypothesis draws: `few` in `make test`, `many` in `make soak`."""
    return many if THOROUGH else few


def some(everything: Sequence[T], one_of: int, place: int = 0) -> Sequence[T]:
    """All of them in `make soak`, else one of so many, beginning at `place`: each is somebody's turn."""
    return everything if THOROUGH else everything[place % one_of :: one_of]
