"""Names of organisations and officials: the keys by which they sort, and the short form offices use for one another."""

from __future__ import annotations

import unicodedata

from hienluong.foundation.search import text

#: As long as the columns that keep the keys.
_KEY = 160


def sort_name(name: str) -> str:
    """The key by which organisations sort in Vietnamese order."""
    return text.sort_key(name)[:_KEY]


def person_key(full_name: str) -> str:
    """Vietnamese lists put people in order of the given name, which is written last."""
    return text.name_sort_key(full_name)[:_KEY]


def initials(name: str) -> str:
    """The short form offices use for one another: ``Sở Nông nghiệp và Môi trường`` is ``SNNMT``, a division
    drops its ``Phòng``: ``Phòng Tài chính - Kế hoạch`` is ``TCKH``. Procedures name their agency by it."""
    words = [word for word in name.replace("-", " ").split() if word.lower() != "và"]
    if len(words) > 1 and words[0] == "Phòng":
        words = words[1:]
    letters = (unicodedata.normalize("NFD", word[0].upper())[0] for word in words if word[0].isalpha())
    return "".join(letters).replace("Đ", "D")
