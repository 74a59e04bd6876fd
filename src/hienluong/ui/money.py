"""Amounts of đồng on screen and as typed."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import get_language

_TYPED = re.compile(r"[1-9]\d{0,2}([.,\s])\d{3}(?:\1\d{3})*|\d+")
#: A number that nobody has grouped yet, standing alone: no part of a code, a date, an address or a fraction.
_LONG = re.compile(r"(?<![\w.,/:-])[1-9]\d{3,}(?![\w/:-]|[.,]\d)")


def grouped(value: int) -> str:
    """“1.234.567” in Vietnamese, “1,234,567” in English."""
    separator = "," if (get_language() or "vi").startswith("en") else "."
    return f"{value:,}".replace(",", separator)


def grouped_in(words: str) -> str:
    """Words with each count of four digits or more grouped: “≤ 10.000 ms”. A year that stands alone would be, too."""
    return _LONG.sub(lambda found: grouped(int(found[0])), words)


def dong(value: int | Decimal) -> str:
    """“1.234.567 đ”, with a space that does not break."""
    return f"{grouped(int(value))}\N{NO-BREAK SPACE}đ"


_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", " nghìn", " triệu", " tỷ")


def in_words(value: int) -> str:
    """Whole đồng in Vietnamese words, as receipts print them: “Mười lăm nghìn đồng”. Below 10¹⁸."""
    if not 0 <= value < 10**18:
        raise ValueError(f"not an amount that can be written out: {value}")
    words = _number(value) + " đồng"
    return words[0].upper() + words[1:]


def _number(value: int) -> str:
    if value == 0:
        return _DIGITS[0]
    billions, rest = divmod(value, 10**9)
    parts = [f"{_number(billions)} tỷ"] if billions else []
    for power in (2, 1, 0):
        group = rest // 1000**power % 1000
        if group:
            parts.append(_below_thousand(group, full=bool(parts)) + _GROUPS[power])
    return " ".join(parts)


def _below_thousand(value: int, *, full: bool) -> str:
    """Three digits; `full` says the hundreds also when there are none, as after a larger group."""
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    words = [f"{_DIGITS[hundreds]} trăm"] if hundreds or full else []
    if tens == 0 and ones and words:
        words.append("linh")
    elif tens == 1:
        words.append("mười")
    elif tens > 1:
        words.append(f"{_DIGITS[tens]} mươi")
    if ones:
        last = {1: "mốt" if tens > 1 else "một", 4: "tư" if tens > 1 else "bốn", 5: "lăm" if tens else "năm"}
        words.append(last.get(ones, _DIGITS[ones]))
    return " ".join(words)


def parse(text: str) -> int:
    """The whole đồng in what a person typed: “1.500.000 đ”, “1500000”, “1,500,000”.

    Raises ValueError when it is not a whole, non-negative amount.
    """
    cleaned = re.sub(r"\s*(?:đồng|đ|₫|vnđ|vnd)\.?$", "", text.strip().casefold())
    if not _TYPED.fullmatch(cleaned):
        raise ValueError(f"not a whole amount of đồng: {text!r}")
    return int(re.sub(r"[.,\s]", "", cleaned))
