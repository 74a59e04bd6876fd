"""What stands above and below a result by Decree 30/2020/NĐ-CP, Appendix I, besides the text: the agency above the one that
decides (section II, item 2), and for whom a deputy signs (section II, item 7)."""

from __future__ import annotations

from .models import Organization

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
