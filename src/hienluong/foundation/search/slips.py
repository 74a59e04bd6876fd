"""Forgiving one slip of the finger in a word: what a typed word may have meant.

A slip is one letter added, left out or changed, or two neighbours swapped. Words of four letters and more are looked
for so, whatever was made of them; what was typed is always looked for as it stands too, and comes first. Words with
digits are never guessed: codes are typed off paper, and one digit off is another thing.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Words shorter than this have too many neighbours to be guessed from what was typed.
SHORTEST = 4


def meanings(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """A folded word, and the known words that one slip turned into it, in order of the alphabet.

    >>> meanings("khsi", {"khai", "sinh"})
    ('khsi', 'khai')
    """
    if not worth_guessing(word):
        return (word,)
    return (word, *sorted(other for other in set(known) if _can_be_meant(other) and one_slip_apart(word, other)))


def worth_guessing(word: str) -> bool:
    """Whether a typed word may be a slip of a word long enough to be guessed."""
    return len(word) >= SHORTEST - 1


def _can_be_meant(known: str) -> bool:
    return len(known) >= SHORTEST and not any(character.isdigit() for character in known)


def one_slip_apart(left: str, right: str) -> bool:
    """Whether one slip turns one word into the other; a word is no slip of itself."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    a, b = left[start:], right[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]


def has_word(text: str, alternatives: Iterable[str]) -> bool:
    """Whether a folded text holds one of these words, also as a part of a longer one."""
    return any(word in text for word in alternatives)
