"""Numbers, notations and dates of documents in text that may have been misread."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

#: Vietnamese papers before this year, and after the other, are misreadings.
_FIRST_YEAR, _LAST_YEAR = 1945, 2100
_PART = r"[A-ZĐƯƠÂÊÔĂ][A-Za-zĐđƯƠÂÊÔĂ0-9&]*"
_NOTATION = rf"{_PART}(?:\s?[-–—]\s?{_PART})*"
#: "0" is read as O, "1" as l or I.
_DIGITS = r"[0-9OolI]{1,6}"
_CODE = re.compile(
    rf"(?P<number>{_DIGITS})?(?P<series>(?<=\d)[a-zđ])?\s*/\s*(?:(?P<year>(?:19|20)\d\d)\s*/\s*)?(?P<notation>{_NOTATION})"
)
_WORD = re.compile(r"S[ốôoóồổỗộ6]\s*[:;.]?\s*$", re.IGNORECASE)
_DATE_WORDS = re.compile(
    r"ng[aà]y\s*(?P<day>\d{1,2})\s*th[aáăâ]ng\s*(?P<month>\d{1,2})\s*n[aăâ]m\s*(?P<year>\d{4})", re.IGNORECASE
)
_DATE_DIGITS = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s*[/.-]\s*(?P<month>\d{1,2})\s*[/.-]\s*(?P<year>\d{4})(?!\d)")


#: Words that stand alone in a frame, without their marks: urgency and secrecy.
URGENCY_MARKS = {"KHAN": 1, "THUONG KHAN": 2, "HOA TOC": 3}
SECRECY_MARKS = ("MAT", "TOI MAT", "TUYET MAT")


@dataclass(frozen=True)
class Code:
    """Number and notation of a document: 12/QĐ-UBND, 30/2020/NĐ-CP. Without a number where it was not filled in or read."""

    number: int | None
    notation: str
    year: int | None = None
    #: The letter of a number given later between two others: 12a/QĐ-UBND.
    series: str = ""

    def __str__(self) -> str:
        number = "" if self.number is None else f"{self.number:02d}{self.series}"
        return "/".join(part for part in (number, str(self.year or ""), self.notation) if part)

    @property
    def first(self) -> str:
        """The first group of the notation: the type for named types, the agency for letters."""
        return self.notation.split("-")[0]


def parse_code(text: str) -> Code | None:
    """The first number and notation in the text, or None."""
    composed = composed_of(text)
    for found in _CODE.finditer(composed):
        if "-" not in found["notation"] and not found["number"]:
            continue
        if not found["number"] and not _WORD.search(composed[: found.start()]):
            continue
        number = digits(found["number"] or "")
        if found["number"] and number is None:
            continue
        notation = re.sub(r"\s*[-–—]\s*", "-", found["notation"])
        year = int(found["year"]) if found["year"] else None
        return Code(number, notation, year, found["series"] or "" if number is not None else "")
    return None


def digits(text: str) -> int | None:
    """A number whose zeros and ones may have been read as letters; None when it holds no digit at all."""
    if not any(letter.isdigit() for letter in text):
        return None
    return int(text.translate(str.maketrans("OolI", "0011")))


def parse_date(text: str) -> dt.date | None:
    """The first date in the text that there is, in words or digits, day before month; or None."""
    composed = composed_of(text)
    for pattern in (_DATE_WORDS, _DATE_DIGITS):
        for found in pattern.finditer(composed):
            year = int(found["year"])
            if not _FIRST_YEAR <= year <= _LAST_YEAR:
                continue
            try:
                return dt.date(year, int(found["month"]), int(found["day"]))
            except ValueError:
                continue
    return None


def has_date(text: str) -> bool:
    """Whether the text is a place and date, be the date filled in or not."""
    return bool(re.search(r"ng[aà]y\b.*th[aá]ng\b.*n[aă]m\b", composed_of(text), re.IGNORECASE))


def composed_of(text: str) -> str:
    """One form of each letter, and the Vietnamese Đ for its look-alikes."""
    return unicodedata.normalize("NFC", text).replace("Ð", "Đ").replace("\u00a0", " ")


def bare(text: str) -> str:
    """Letters without marks, in capitals, with single spaces: what misreading leaves alone."""
    letters = unicodedata.normalize("NFD", composed_of(text)).replace("Đ", "D").replace("đ", "d")
    kept = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.upper().split())
