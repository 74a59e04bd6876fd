"""The text in the QR code of an identity card.

Seven parts between bars: number, number of the older card (may be empty), name, day of birth, sex, address, day of
issue; days are written ddmmyyyy. Cards of the model of 2024 add parts at the end, which are not read.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from hienluong.foundation.people.identifiers import is_personal_id
from hienluong.foundation.people.models import Party

#: More than the longest card; a scanner that repeats itself is cut off.
MOST = 1000
_SEXES = {"nam": Party.Sex.MALE, "nữ": Party.Sex.FEMALE}


@dataclass(frozen=True)
class Card:
    """What a card says of its holder."""

    number: str
    name: str
    date_of_birth: date
    sex: str = ""
    address: str = ""
    issued_on: date | None = None


def read(text: str) -> Card | None:
    """The card that a scanner read; None when the text is no card's."""
    parts = [" ".join(part.split()) for part in unicodedata.normalize("NFC", text[:MOST]).strip().split("|")]
    if len(parts) < 7:
        return None
    number, _older, name, born, sex, address, issued = parts[:7]
    day = _day(born)
    if not is_personal_id(number) or not name or len(name) > 200 or day is None:
        return None
    return Card(number, name, day, _SEXES.get(sex.casefold(), ""), address[:300], _day(issued))


def _day(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
