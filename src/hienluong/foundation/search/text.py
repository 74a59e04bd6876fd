"""Vietnamese text for machines: folded for finding, keyed for sorting."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKS_REMOVED = str.maketrans({"đ": "d"})
_COMMON_MARKS = re.compile("[\u0300-\u036f]+")
_SPACES = re.compile(r"\s+")
#: Letters of their own in the Vietnamese alphabet, after the letter they grew from.
_ORDER = {"ă": "a2", "â": "a3", "đ": "d2", "ê": "e2", "ô": "o2", "ơ": "o3", "ư": "u2"}
#: Tones in dictionary order: level, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0301": "5", "\u0323": "6"}


def fold(text: str) -> str:
    """Lower case without diacritics and with single blanks: “Đăng ký  khai sinh” → “dang ky khai sinh”."""
    if text.isascii():
        return _SPACES.sub(" ", text.lower()).strip()
    return " ".join(filter(None, map(_folded, text.split())))


@lru_cache(maxsize=8192)  # Vietnamese has some seven thousand syllables, and each is a word
def _folded(text: str) -> str:
    """A word, folded; what stands for a blank in it becomes one."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = _COMMON_MARKS.sub("", parts.translate(_MARKS_REMOVED))
    if not plain.isascii():  # other marks than those of Vietnamese, other letters
        plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    return _SPACES.sub(" ", plain).strip()


def exact(word: str) -> str:
    """One word as it is written, wherever its tone is put and in either Unicode form: “hòa” and “hoà” are the same,
    “hoa” and “hoa” with another tone are not. Lower case; the tone is the digit at the end."""
    letters: list[str] = []
    tone = "1"
    for character in unicodedata.normalize("NFC", word).casefold():
        base, found = _split(character)
        letters.append(base)
        tone = max(tone, found)
    return "".join(letters) + tone


def sort_key(text: str) -> str:
    """A key in plain ASCII that sorts as a Vietnamese dictionary does, in any database collation.

    Letters first (a ă â b c d đ …), tones only between words that are else the same.
    """
    letters: list[str] = []
    tones: list[str] = []
    for word in unicodedata.normalize("NFC", text).casefold().split():
        if letters:
            letters.append("01")
        for character in word:
            base, tone = _split(character)
            tones.append(tone)
            letters.append(_ORDER.get(base) or _plain(base))
    return "".join(letters) + "00" + "".join(tones).rstrip("1")


def _split(character: str) -> tuple[str, str]:
    """A letter without its tone, and the tone."""
    parts = unicodedata.normalize("NFD", character)
    tone = next((_TONES[c] for c in parts if c in _TONES), "1")
    return unicodedata.normalize("NFC", "".join(c for c in parts if c not in _TONES)), tone


def _plain(base: str) -> str:
    if base.isascii() and base.isdigit():
        return base + "d"
    plain = fold(base)[:1]
    return plain + "1" if plain.isascii() and plain.isalpha() else "02"


def name_sort_key(name: str) -> str:
    """A key that sorts people by given name, then by the rest: “Trần Văn An” before “Lê Thị Bình”."""
    *before, given = name.split() or [""]
    return sort_key(" ".join((given, *before)))
