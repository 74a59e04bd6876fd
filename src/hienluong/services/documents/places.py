"""Where a document goes: agencies of this installation and others by their codes, as somebody typed them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput, NotFound
from hienluong.foundation.organisations import codes
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization

from .agencies import AGENCY_KINDS, agency_of

MOST = 500
_CODE_FIRST = re.compile(
    r"^\s*([A-K]\d{2}(?:\.[0-9A-Z]{2,3}){0,4}|\d{3}\.\d{2}\.\d{2}\.[A-K]\d{2})(?:\s*[-–:,]?\s+(.*))?$", re.I
)


@dataclass(frozen=True)
class Place:
    """One place: an agency of this installation, or one outside by its code."""

    name: str
    agency: Organization | None = None
    code: str = ""


def groups() -> dict[str, QuerySet[Organization]]:
    """Agencies that are often written to together, by the key that a form sends."""
    here = organisations.in_force().order_by("code")
    return {
        "so": here.filter(kind=Organization.Kind.DEPARTMENT),
        "xa": here.filter(kind=Organization.Kind.COMMUNE),
    }


def read(text: str, *, field: str = "places") -> list[Place]:
    """The places of a text with one a line: a code and for one outside its name, or the full name of one inside.

    Each stands once; what belongs to an agency is sent to that agency. :class:`InvalidInput` names the line at fault.
    """
    found: dict[str, Place] = {}
    lines = list(dict.fromkeys(tidy for line in text.splitlines() if (tidy := line.strip(" \t;"))))
    if len(lines) <= 2 * MOST:  # each is looked up; one agency may stand there by its code and by its name
        for place in (_place(line, field) for line in lines):
            found.setdefault(place.code, place)
    if len(lines) > 2 * MOST or len(found) > MOST:
        raise InvalidInput(_("Mỗi văn bản gửi nhiều nhất %(most)s nơi.") % {"most": MOST}, field=field)
    return list(found.values())


def _place(line: str, field: str) -> Place:
    with_code = _CODE_FIRST.match(line)
    code = codes.current_form(with_code[1]) if with_code else ""
    if code:
        inside = organisations.in_force().filter(code=code).first()
        if inside is not None:
            return inside_place(inside)
        name = " ".join((with_code[2] or "").split()) if with_code else ""
        if not name:
            raise InvalidInput(
                _("Mã %(code)s không thuộc hệ thống này: ghi cả tên cơ quan, ví dụ “%(code)s Bộ Y tế”.")
                % {"code": code},
                field=field,
            )
        return Place(name[:200], None, code)
    try:
        return inside_place(organisations.named(line))
    except NotFound:
        raise InvalidInput(
            _("Không có cơ quan “%(line)s”. Ghi đúng tên đầy đủ, hoặc mã định danh rồi tên cơ quan.") % {"line": line},
            field=field,
        ) from None


def inside_place(organization: Organization) -> Place:
    """The agency that receives for this organisation."""
    agency = agency_of(organization)
    return Place(agency.name, agency, agency.code)


def receiving() -> QuerySet[Organization]:
    """Every agency of this installation that receives documents."""
    return organisations.in_force().filter(kind__in=AGENCY_KINDS).order_by("code")
