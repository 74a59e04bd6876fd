"""Keeping the words of texts that are too many to be read at each search."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import connection

from .models import Word
from .slips import SHORTEST, meanings, worth_guessing

#: Words only, no numbers: codes are typed off paper, and one digit off is another thing.
_WORD = re.compile(rf"[a-z]{{{SHORTEST},40}}")


def remember(scope: str, texts: Iterable[str]) -> None:
    """Add the words of folded texts to those known of a kind. Cheap when they are known, which they nearly always are."""
    words = {word for text in texts for word in text.split() if _WORD.fullmatch(word)}
    fresh = words - set(Word.objects.filter(scope=scope, word__in=words).values_list("word", flat=True))
    if fresh:  # in order, so that two transactions cannot wait for one another
        Word.objects.bulk_create(
            [Word(scope=scope, word=word) for word in sorted(fresh)], ignore_conflicts=True, batch_size=1000
        )


def meanings_of(scope: str, words: list[str]) -> list[tuple[str, ...]]:
    """For each folded word: itself and the known words one slip away. One query for all of them.

    ``levenshtein`` counts two swapped neighbours as two, so those two steps away are looked at more closely.
    """
    guessed = [word for word in dict.fromkeys(words) if worth_guessing(word) and len(word) <= 41]
    near: set[str] = set()
    if guessed:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT w.word FROM search_word w JOIN unnest(%s::text[]) AS typed (word)"
                " ON length(w.word) BETWEEN length(typed.word) - 1 AND length(typed.word) + 1"
                " AND levenshtein_less_equal(w.word, typed.word, 2) <= 2 WHERE w.scope = %s",
                [guessed, scope],
            )
            near = {row[0] for row in cursor.fetchall()}
    return [meanings(word, near) for word in words]
