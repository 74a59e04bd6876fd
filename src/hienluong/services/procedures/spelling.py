"""Forgiving one slip of the finger: words of the catalogue that a typed word may have meant."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Count, Max

from .models import Procedure

#: Shorter words have too many neighbours to guess from.
SHORTEST = 4
_MOST_MEANINGS = 8


def meanings(words: list[str]) -> list[tuple[str, ...]]:
    """For each folded word what to look for: itself, or the catalogue's words one slip away when it is in none.

    Costs one query; the words of the catalogue are kept until the catalogue changes.
    """
    stamp = Procedure.objects.aggregate(at=Max("updated_at"), number=Count("pk"))
    known = _vocabulary((stamp["at"], stamp["number"]))
    return [(word, *_near(word, known)) for word in words]


@lru_cache(maxsize=2)
def _vocabulary(stamp: object) -> frozenset[str]:
    texts = Procedure.objects.values_list("search_text", flat=True)
    return frozenset(word for text in texts for word in text.split())


def _near(word: str, known: frozenset[str]) -> list[str]:
    if len(word) < SHORTEST or any(word in other for other in known):
        return []
    return sorted(other for other in known if one_slip_apart(word, other))[:_MOST_MEANINGS]


def one_slip_apart(left: str, right: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped turns one word into the other."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    a, b = left[start:], right[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]
