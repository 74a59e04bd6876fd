"""Answers of providers that are kept for a while: for one agreement and one system by itself, in memory, and bounded.

The owner says for how many seconds at most; the provider's ``Cache-Control`` makes that shorter or forbids it (RFC 9111).
Which operations may be kept at all, :meth:`ServiceRoute.keeps` says: nothing of persons. What is kept is the answer as it
came; it is checked, cut, counted, signed and written down at each call as ever.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace

from .providers import Answer

#: Bytes of all answers and of one, and how many of them.
MOST_BYTES, MOST_OF_ONE, MOST = 16 * 1024 * 1024, 1024 * 1024, 5000
#: What an answer may differ by: fields of a request that are part of what is asked for here.
VARIES = frozenset({"accept", "accept-language", "accept-encoding"})
_SECONDS = re.compile(r'\b(s-maxage|max-age)\s*=\s*"?(\d{1,9})')
_FORBIDDEN = ("no-store", "no-cache", "private", "must-understand")


def seconds(answer: Answer, most: int) -> int:
    """For how long an answer may be kept; 0: not at all."""
    said = answer.headers.get("cache-control", "").lower()
    if answer.status != 200 or len(answer.content) > MOST_OF_ONE or any(word in said for word in _FORBIDDEN):
        return 0
    if "set-cookie" in answer.headers or not _differs_by(answer) <= VARIES:
        return 0
    told = {name: int(number) for name, number in reversed(_SECONDS.findall(said))}
    if not told:  # other ways to say it: whoever uses them is not asked for less than they mean
        return 0 if {"expires", "pragma"} & set(answer.headers) else most
    old = answer.headers.get("age", "0")
    own = told.get("s-maxage", told.get("max-age", 0)) - (int(old) if old.isdecimal() else 0)
    return max(0, min(own, most))


def _differs_by(answer: Answer) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get("vary", "").split(",") if name.strip()}


class Kept:
    """What is kept now; the answers that were used the longest ago make room."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, tuple[float, float, Answer]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Answer | None:
        """The answer to this question, with its age in seconds; None where there is none that is still good."""
        held = self._held.get(key)
        if held is None:
            return None
        since, until, answer = held
        now = time.monotonic()
        if now >= until:
            self._forget(key)
            return None
        self._held.move_to_end(key)
        return replace(answer, headers={**answer.headers, "age": str(int(now - since))})

    def put(self, key: Hashable, answer: Answer, most: int) -> None:
        """Keep an answer, if it may be."""
        self._forget(key)
        good = seconds(answer, most)
        if not good:
            return
        now = time.monotonic()
        self._held[key] = (now, now + good, answer)
        self._bytes += len(answer.content)
        while self._bytes > MOST_BYTES or len(self._held) > MOST:
            self._forget(next(iter(self._held)))

    def _forget(self, key: Hashable) -> None:
        if held := self._held.pop(key, None):
            self._bytes -= len(held[2].content)
