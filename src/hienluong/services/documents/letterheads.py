"""What stands at the head of an agency's documents and in their notation, by its name and kind or as its office set it.

Nghị định 30/2020/NĐ-CP, Phụ lục I, Phần I, Mục II, khoản 2–4 (names, notation, place) and Điều 13 (for whom one signs).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.letterhead import usual_place
from hienluong.foundation.organisations.models import Organization

from . import types
from .models import Letterhead as Row

Kind = Organization.Kind
#: Kinds whose head signs for a committee (TM.).
_COMMITTEES = (Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE)
_COMMITTEE = "Ủy ban nhân dân"


@dataclass(frozen=True)
class Letterhead:
    """The head of an agency's documents, in plain words: capitals are put by the layout."""

    name: str
    superior: str
    abbreviation: str
    place: str
    collective: str
    head_title: str
    contact: str = ""
    own_books: tuple[str, ...] = ()
    unit_codes: Mapping[str, str] = field(default_factory=dict)

    def unit_code(self, unit: Organization | None) -> str:
        """What stands for a division in the notation of công văn; empty for none."""
        if unit is None:
            return ""
        return self.unit_codes.get(str(unit.pk)) or abbreviated(unit.name)

    def notation(self, type: str, unit: Organization | None) -> str:
        """``QĐ-UBND``; of công văn ``UBND-TH``."""
        kind = types.ALL[type]
        if kind.abbreviation:
            return f"{kind.abbreviation}-{self.abbreviation}"
        return "-".join(filter(None, (self.abbreviation, self.unit_code(unit) if type == "CV" else "")))

    def book_key(self, type: str) -> str:
        """The series of numbers that a type counts in: all copies together, a type with its own book, all others."""
        if type in types.COPIES:
            return "sao"
        return type if type in self.own_books else "chung"


def abbreviated(name: str) -> str:
    """The first letters of the words, as offices write themselves: ``Phòng Nghiệp vụ Y`` is ``NVY``."""
    words = [word for word in re.split(r"[\s\-,]+", unicodedata.normalize("NFC", name)) if word]
    words = [word for word in words if word.lower() not in ("và", "của")]
    if len(words) > 1 and words[0].lower() in ("phòng", "ban"):
        words = words[1:]
    return "".join(word if word.isupper() and len(word) > 1 else word[0].upper() for word in words)[:10]


def of(agency: Organization) -> Letterhead:
    """The letterhead of an agency; at most two queries."""
    row = Row.objects.filter(pk=agency.pk).first()
    usual = _usual(agency, with_superior=row is None or not row.superior)
    if row is None:
        return usual
    return Letterhead(
        name=row.name or usual.name,
        superior=row.superior or usual.superior,
        abbreviation=row.abbreviation or usual.abbreviation,
        place=row.place or usual.place,
        collective=row.collective or usual.collective,
        head_title=row.head_title or usual.head_title,
        contact=row.contact,
        own_books=tuple(row.own_books),
        unit_codes=row.unit_codes,
    )


def set_place(agency: Organization) -> str:
    """The place that the records office set for an agency; empty for none."""
    return Row.objects.filter(pk=agency.pk).values_list("place", flat=True).first() or ""


def _usual(agency: Organization, *, with_superior: bool) -> Letterhead:
    committee = agency.kind in _COMMITTEES
    superior = ""
    if not committee and with_superior:
        above = organisations.ancestors(agency)
        superior = _in_full(above[-1].name) if above else ""
    return Letterhead(
        name=_in_full(agency.name),
        superior=superior,
        abbreviation="UBND" if committee else abbreviated(agency.name),
        place=usual_place(agency),
        collective=_COMMITTEE if committee else "",
        head_title="Chủ tịch" if committee else "Giám đốc",
    )


def _in_full(name: str) -> str:
    return re.sub(r"^UBND\b", _COMMITTEE, name)
