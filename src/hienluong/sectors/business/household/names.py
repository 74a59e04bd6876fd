"""May a household business be called so? Nghị định 168/2025/NĐ-CP, Điều 86. Pure functions over texts.

The name is “Hộ kinh doanh” and a name of its own; only the latter is looked at. Whether a word offends custom (khoản 2)
or belongs to somebody's trade mark (khoản 4) no list can say: that is for the officer, whose word is final (khoản 8).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hienluong.foundation.search.text import fold
from hienluong.services.procedures.sector_checks import Finding

#: Điều 86 khoản 3; the longer ones first, so that a message names what was written.
FORBIDDEN = ("tổng công ty", "công ty", "tập đoàn", "doanh nghiệp")
_PREFIX = re.compile(r"^\s*h[ộoọ]\s+kinh\s+doanh\b[\s:,.–-]*", re.IGNORECASE)
#: Marks over and under Vietnamese vowels: huyền, sắc, ngã, hỏi, nặng, mũ, trăng, móc.
_MARKS = set("\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
_WORD = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[A-Za-zĐđ]")


@dataclass(frozen=True)
class Registered:
    """A name that is taken within the commune: the code of its household business, and the name."""

    code: str
    name: str


def own_name(text: str) -> str:
    """The name without “Hộ kinh doanh” before it, in one spelling: NFC, single spaces."""
    return " ".join(_PREFIX.sub("", unicodedata.normalize("NFC", text)).split())


def same(one: str, other: str) -> bool:
    """Whether two names are written wholly alike, capitals or not (khoản 6)."""
    return own_name(one).casefold() == own_name(other).casefold()


def near(one: str, other: str) -> bool:
    """Whether they would be taken for one another: alike without diacritics, spaces and signs."""
    return _bare(one) == _bare(other)


def check(name: str, taken: Iterable[Registered], *, own_code: str = "") -> list[Finding]:
    """What Điều 86 says of a name, beside the names `taken` in the commune by those who are not dissolved.

    `own_code`: the household business that is to be called so, whose own name is no obstacle. Refuses: no name, letters
    of another alphabet, forbidden words, a name that is written alike. To be looked at: forbidden words without
    diacritics, a name that differs in diacritics only.
    """
    wanted = own_name(name)
    words = " " + " ".join(_WORD.findall(wanted.casefold())) + " "
    found = list(_letters(wanted))
    used = next((phrase for phrase in FORBIDDEN if f" {phrase} " in words), "")
    if used:
        found.append(
            Finding(_("Tên hộ kinh doanh không được dùng cụm từ “%(words)s” (khoản 3 Điều 86).") % {"words": used})
        )
    elif bare := next((phrase for phrase in FORBIDDEN if f" {fold(phrase)} " in f" {fold(words)} "), ""):
        found.append(
            Finding(
                _("Tên có thể đọc thành “%(words)s”, cụm từ không được dùng (khoản 3 Điều 86).") % {"words": bare},
                refuses=False,
            )
        )
    return found + list(_beside(wanted, [other for other in taken if other.code != own_code]))


def _letters(wanted: str) -> Iterable[Finding]:
    if not any(letter.isalpha() for letter in wanted):
        yield Finding(_("Tên riêng của hộ kinh doanh phải có chữ cái (khoản 1 Điều 86)."))
        return
    strange = sorted({letter for letter in wanted if letter.isalpha() and not _vietnamese(letter)})
    if strange:
        yield Finding(
            _("Tên riêng viết bằng chữ cái tiếng Việt và F, J, Z, W; không có chữ %(letters)s (khoản 1 Điều 86).")
            % {"letters": ", ".join(strange[:5])}
        )


def _vietnamese(letter: str) -> bool:
    parts = unicodedata.normalize("NFD", letter)
    base, marks = parts[0], set(parts[1:])
    return bool(_LETTER.fullmatch(base)) and marks <= (_MARKS if base in "aeiouyAEIOUY" else set())


def _beside(wanted: str, others: Iterable[Registered]) -> Iterable[Finding]:
    for other in others:
        if same(wanted, other.name):
            yield Finding(
                _(
                    "Tên “%(name)s” trùng với hộ kinh doanh mã số %(code)s đã đăng ký trong xã, phường (khoản 6 Điều 86)."
                )
                % {"name": wanted, "code": other.code}
            )
        elif wanted and near(wanted, other.name):
            yield Finding(
                _("Tên gần giống “%(name)s” (mã số %(code)s), chỉ khác dấu, cách viết: dễ nhầm, luật không cấm.")
                % {"name": own_name(other.name), "code": other.code},
                refuses=False,
            )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(own_name(name)))
