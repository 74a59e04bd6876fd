"""Where a centred name is broken into lines, and how long the rule under it is."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import ImageFont

#: A line may well begin with these: what is left of them makes sense by itself.
_BEGINNERS = frozenset(
    "TỈNH THÀNH HUYỆN XÃ PHƯỜNG VÀ VỀ CỦA THUỘC SỞ PHÒNG BAN TRUNG CHI KHU TẠI THEO TRÊN ĐỐI GIỮA CHO DO ĐỂ "
    "TRONG CÁC NĂM ỦY HỘI".split()
)
#: Never parted: "ỦY BAN NHÂN DÂN", "HỘI ĐỒNG NHÂN DÂN", "QUẢNG TRỊ".
_BOUND = frozenset(("ỦY BAN", "BAN NHÂN", "NHÂN DÂN", "HỘI ĐỒNG", "ĐỒNG NHÂN", "QUẢNG TRỊ"))
_BOLD, _REGULAR = "LiberationSerif-Bold.ttf", "LiberationSerif-Regular.ttf"
#: As wide as a letter is on average, in parts of the size, where the fonts are not installed.
_AVERAGE = 0.56
#: The horn of Ơ and Ư is the one mark that makes its letter wider.
_HORN, _HORN_WIDTH = "\u031b", 0.05


@lru_cache(maxsize=2)
def _font(name: str) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, 1000, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return None


def width(text: str, size: float, *, bold: bool) -> float:
    """How wide a line of text is at a size in points, in points.

    Measured over the letters without their marks, which are as wide: older fonts have no Vietnamese letters.
    """
    letters = unicodedata.normalize("NFD", text)
    horns = letters.count(_HORN)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    font = _font(_BOLD if bold else _REGULAR)
    return (font.getlength(bare) / 1000 + horns * _HORN_WIDTH if font else len(bare) * _AVERAGE) * size


def broken(text: str, room: float, size: float, *, bold: bool) -> list[str]:
    """The text in few lines that fit the room (in points), of about one length, broken where it reads well."""
    words = text.split()
    if not words:
        return []
    if width(" ".join(words), size, bold=bold) <= room:
        return [" ".join(words)]
    return _fewest(words, room, size, bold)


def _fewest(words: list[str], room: float, size: float, bold: bool) -> list[str]:
    """Costs from the last word to the first: a line more costs most, then uneven lines and breaks that read badly."""
    goal = width(" ".join(words), size, bold=bold)
    even = goal / -(-goal // room)
    best: list[tuple[float, int]] = [(0.0, len(words))] * (len(words) + 1)
    for start in range(len(words) - 1, -1, -1):
        choices = []
        for end in range(start + 1, len(words) + 1):
            long = width(" ".join(words[start:end]), size, bold=bold)
            if long > room and end > start + 1:
                break
            cost = 1.0 + ((long - even) / even) ** 2 + _reads_badly(words, end)
            choices.append((cost + best[end][0], end))
        best[start] = min(choices)
    lines, at = [], 0
    while at < len(words):
        end = best[at][1]
        lines.append(" ".join(words[at:end]))
        at = end
    return lines


def _reads_badly(words: list[str], end: int) -> float:
    if end == len(words):
        return 0.0
    if f"{words[end - 1]} {words[end]}".upper() in _BOUND:
        return 1.5
    return 0.0 if words[end].upper() in _BEGINNERS else 0.25


def rule_under(lines: list[str], size: float, *, bold: bool) -> float:
    """How long the rule is, in points: between a third and a half of the line (khoản 2 and 5), of each as far as the
    lines differ."""
    longest = max((width(line, size, bold=bold) for line in lines), default=0.0)
    last = width(lines[-1], size, bold=bold) if lines else 0.0
    return max(longest / 3 + 0.5, min(0.42 * longest, 0.48 * last))
