"""Agency identifiers: the current form (`H50.08.12`) and the one it replaced (`000.12.08.H50`).

The current form is that of Quyết định 20/2020/QĐ-TTg (amended by 09/2025/QĐ-TTg): groups from the top down.
The legacy form is that of QCVN 102:2016/BTTTT: always four groups, from the bottom up, zeros where there is none.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

MAX_LENGTH = 35
CURRENT = re.compile(r"[A-K]\d{2}(\.[0-9A-Z]{2,3}){0,4}", re.ASCII)
LEGACY = re.compile(r"(\d{3})\.(\d{2})\.(\d{2})\.([A-K]\d{2})", re.ASCII)
_FITS_LEGACY = re.compile(r"([A-K]\d{2})(?:\.(\d{2})(?:\.(\d{2})(?:\.(\d{3}))?)?)?", re.ASCII)


def is_valid(code: str) -> bool:
    """Whether `code` has the current form."""
    return len(code) <= MAX_LENGTH and CURRENT.fullmatch(code) is not None


def current_form(text: str) -> str:
    """The code that `text` writes in the current or the legacy form; empty when it is neither."""
    tidy = text.strip().upper()
    if len(tidy) <= MAX_LENGTH and LEGACY.fullmatch(tidy):
        return from_legacy(tidy)
    return tidy if is_valid(tidy) else ""


def check(code: str) -> str:
    """`code` without surrounding space, in capitals; InvalidInput when it does not have the current form."""
    tidy = code.strip().upper()
    if not is_valid(tidy):
        raise InvalidInput(
            _("Mã định danh phải có dạng H50.08.12 (Quyết định 20/2020/QĐ-TTg)."),
            code="organisations.bad_code",
            field="code",
        )
    return tidy


def has_legacy(code: str) -> bool:
    """Whether the legacy form can hold `code`: two-digit second and third groups, three-digit fourth."""
    groups = _FITS_LEGACY.fullmatch(code)
    return groups is not None and code.rsplit(".", 1)[-1].strip("0") != ""


def to_legacy(code: str) -> str:
    """`H50.08.12` → `000.12.08.H50`; InvalidInput when the legacy form has no room for the code."""
    groups = _FITS_LEGACY.fullmatch(code)
    if groups is None or not has_legacy(code):
        raise InvalidInput(
            _("Mã %(code)s không có dạng tương ứng theo QCVN 102:2016.") % {"code": code},
            code="organisations.no_legacy_code",
            field="code",
        )
    first, second, third, fourth = groups.groups()
    return f"{fourth or '000'}.{third or '00'}.{second or '00'}.{first}"


def from_legacy(legacy: str) -> str:
    """`000.12.08.H50` → `H50.08.12`: the groups in reverse, without the zero groups at the end."""
    groups = LEGACY.fullmatch(legacy.strip().upper())
    if groups is None:
        raise InvalidInput(
            _("Mã cũ phải có dạng 000.12.08.H50 (QCVN 102:2016/BTTTT)."),
            code="organisations.bad_legacy_code",
            field="legacy_code",
        )
    top_down = [groups[4], groups[3], groups[2], groups[1]]
    while len(top_down) > 1 and not top_down[-1].strip("0"):
        top_down.pop()
    return ".".join(top_down)


def parent_of(code: str) -> str | None:
    """The code one level up, by form alone: `H50.08.12` → `H50.08`; None for a top code."""
    head, _dot, tail = code.rpartition(".")
    return head if tail and head else None
