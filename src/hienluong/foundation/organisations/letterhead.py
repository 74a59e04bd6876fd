"""What stands above and below a result by Decree 30/2020/NĐ-CP, Appendix I, besides the text: the agency above the one that
decides (section II, item 2), the place it is dated from (item 4), and for whom a deputy signs (item 7)."""

from __future__ import annotations

import re
from collections.abc import Callable

from .models import Organization

_COMMITTEES = (Organization.Kind.PROVINCE, Organization.Kind.DISTRICT, Organization.Kind.COMMUNE)
_LEVELS = re.compile(
    r"^(?:(?:UBND|Ủy ban nhân dân|Uỷ ban nhân dân)\s+)?(?:tỉnh|thành phố|huyện|xã|phường|đặc khu|thị trấn)\s+", re.I
)
#: The places that offices set for their papers; who keeps such announces how to read them. Empty: none set.
set_places: list[Callable[[Organization], str]] = []


def place(agency: Organization) -> str:
    """Where a paper of an agency is dated from: as its office set it, else the name of its commune or province."""
    for said in set_places:
        if name := said(agency):
            return name
    return usual_place(agency)


def usual_place(agency: Organization) -> str:
    """The commune or province of an agency, by its name alone: Đông Hà for UBND phường Đông Hà and what belongs to it."""
    home: Organization | None = agency
    while home is not None and home.kind not in _COMMITTEES:
        home = home.parent
    return _LEVELS.sub("", home.name if home else agency.name)


#: Heads that are called so whatever they lead; of others the whole title says it.
_HEADS = ("tổng giám đốc", "giám đốc", "chủ tịch")
_LEADING = (*_HEADS, "chánh", "trưởng", "cục trưởng", "chi cục trưởng", "viện trưởng", "thủ trưởng")


def above(agency: Organization) -> str:
    """The agency that governs a department; nobody stands above a people's committee."""
    governs = agency.parent if agency.kind == Organization.Kind.DEPARTMENT else None
    return governs.name if governs else ""


def authority(title: str) -> list[str]:
    """The lines above the title of who signs: “KT. GIÁM ĐỐC” for a deputy director, none for the head."""
    said = " ".join(title.split())
    if not said.lower().startswith("phó "):
        return []
    head = said[len("phó ") :]
    short = next((word for word in _HEADS if head.lower().startswith(word)), "")
    whole = head if head.lower().startswith(_LEADING) else f"Trưởng {head}"
    return [f"KT. {(short or whole).upper()}"]
