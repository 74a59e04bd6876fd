"""Names in Vietnamese order: letters before tones, given names before family names."""

from __future__ import annotations

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: f"{place:02d}" for place, letter in enumerate(_LETTERS, start=20)}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}  # huyền, hỏi, ngã, sắc, nặng


def sort_name(name: str) -> str:
    """The key by which names sort in Vietnamese order: all letters first, tones break ties."""
    letters, tones = [], []
    for word in name.lower().split():
        bare = []
        for sign in unicodedata.normalize("NFD", word):
            if sign in _TONES:
                tones.append(_TONES[sign])
            else:
                bare.append(sign)
        letters.append("".join(_RANK.get(letter, letter) for letter in unicodedata.normalize("NFC", "".join(bare))))
    return f"{' '.join(letters)}|{''.join(tones)}"[:160]


def initials(name: str) -> str:
    """The short form offices use for one another: ``Sở Nông nghiệp và Môi trường`` is ``SNNMT``, a division
    drops its ``Phòng``: ``Phòng Tài chính - Kế hoạch`` is ``TCKH``. Procedures name their agency by it."""
    words = [word for word in name.replace("-", " ").split() if word.lower() != "và"]
    if len(words) > 1 and words[0] == "Phòng":
        words = words[1:]
    letters = (unicodedata.normalize("NFD", word[0].upper())[0] for word in words if word[0].isalpha())
    return "".join(letters).replace("Đ", "D")


def person_key(full_name: str) -> str:
    """Vietnamese lists put people in order of the given name, which is written last."""
    *before, given = full_name.split() or [""]
    return sort_name(" ".join([given, *before]))


def fold(text: str) -> str:
    """Lower case without diacritics, for finding: ``Đông Hà`` → ``dong ha``."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))
    return " ".join(bare.replace("đ", "d").split())
