"""Amounts of đồng on screen and as typed."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import get_language

_TYPED = re.compile(r"\d{1,3}(?:[.,\s]\d{3})+|\d+")


def grouped(value: int) -> str:
    """“1.234.567” in Vietnamese, “1,234,567” in English."""
    separator = "," if (get_language() or "vi").startswith("en") else "."
    return f"{value:,}".replace(",", separator)


def dong(value: int | Decimal) -> str:
    """“1.234.567 đ”, with a space that does not break."""
    return f"{grouped(int(value))}\N{NO-BREAK SPACE}đ"


def parse(text: str) -> int:
    """The whole đồng in what a person typed: “1.500.000 đ”, “1500000”, “1,500,000”.

    Raises ValueError when it is not a whole, non-negative amount.
    """
    cleaned = re.sub(r"\s*(?:đồng|đ|₫|vnđ|vnd)\.?$", "", text.strip().casefold())
    if not _TYPED.fullmatch(cleaned):
        raise ValueError(f"not a whole amount of đồng: {text!r}")
    return int(re.sub(r"[.,\s]", "", cleaned))
