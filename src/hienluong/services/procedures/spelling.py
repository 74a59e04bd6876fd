"""What a word typed into the search of the catalogue may have meant, measured against the catalogue's own words."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Count, Max

from hienluong.foundation.search import slips

from .models import Procedure


def meanings(words: list[str]) -> list[tuple[str, ...]]:
    """For each folded word what to look for: itself, and the catalogue's words one slip away.

    Costs one query; the words of the catalogue are kept until the catalogue changes.
    """
    stamp = Procedure.objects.aggregate(at=Max("updated_at"), number=Count("pk"))
    known = _vocabulary((stamp["at"], stamp["number"]))
    return [slips.meanings(word, known) for word in words]


@lru_cache(maxsize=2)
def _vocabulary(stamp: object) -> frozenset[str]:
    texts = Procedure.objects.values_list("search_text", flat=True)
    return frozenset(word for text in texts for word in text.split())
