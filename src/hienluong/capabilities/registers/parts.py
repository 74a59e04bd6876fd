"""What the parts of a register's definition are made of."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hienluong.foundation.search.text import fold

FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Place = tuple[str | int, ...]


class Part(BaseModel):
    """A part of a definition: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


_EXAMPLE = "ví dụ ATTP-{year}-{n:05}"
_BRACED = re.compile(r"\{([^{}]*)\}")
_KNOWN = re.compile(r"year|n(:0\d)?")
#: What people write, without diacritics → the word that is meant.
_MEANT = {"nam": "year", "y": "year", "yy": "year", "yyyy": "year", "so": "n", "stt": "n", "n": "n", "year": "year"}


def series_fault(series: str) -> str:
    """What is wrong with how a series writes its numbers (``ATTP-{year}-{n:05}``), in words; empty when nothing is."""
    said = _BRACED.findall(series)
    faults = [_word_fault(word) for word in dict.fromkeys(said) if not _KNOWN.fullmatch(word)]
    if re.search(r"[{}]", _BRACED.sub("", series)):
        faults.append(f"ngoặc nhọn mở ra thì phải đóng lại, {_EXAMPLE}")
    if not faults and not any(word.startswith("n") for word in said):
        faults.append(f"dãy số phải có {{n}}, {_EXAMPLE}")
    return "; ".join(faults)


def _word_fault(word: str) -> str:
    """Why a word in braces is none, and which is meant."""
    name, _colon, width = word.partition(":")
    meant = _MEANT.get(fold(name).strip(), "")
    if meant == "year":
        return f"“{{{word}}}” phải viết là {{year}} (năm)"
    if meant == "n":
        digits = re.search(r"[1-9]", width)
        wanted = f"{{n:0{digits[0]}}} ({digits[0]} chữ số)" if digits else "{n}"
        return f"“{{{word}}}” phải viết là {wanted}"
    return f"không có từ “{{{word}}}”: trong dãy số chỉ có {{year}} là năm và {{n}} là số thứ tự, {_EXAMPLE}"


def series_scope(series: str, year: int) -> str:
    """What the numbers of a series are counted by: the year when it is in them, else nothing."""
    return f"{year}" if "{year}" in series else ""
