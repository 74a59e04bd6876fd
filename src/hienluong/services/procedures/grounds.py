"""A document of law as the grounds of a paper name it: “Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 về công tác văn thư”.

Nghị định 30/2020/NĐ-CP, Phụ lục I, Phần I, Mục II, khoản 6 điểm b.
"""

from __future__ import annotations

import re
from datetime import date

#: What a notation is of.
_TYPES = (
    (r"NĐ-", "Nghị định"),
    (r"TTLT-", "Thông tư liên tịch"),
    (r"TT-", "Thông tư"),
    (r"QĐ-", "Quyết định"),
    (r"NQ-|NQ$", "Nghị quyết"),
    (r"CT-", "Chỉ thị"),
    (r"UBTVQH", "Pháp lệnh"),
    (r"QH", "Luật"),
)
#: Called by their names, the number after it.
_NAMED = ("Bộ luật", "Luật", "Pháp lệnh")
_WORDS = ("Hiến pháp", *_NAMED, *dict.fromkeys(word for _mark, word in _TYPES))
#: How the matter of a document begins, in the middle of a sentence.
_MATTERS = "quy định|hướng dẫn|về|sửa đổi|ban hành|phê duyệt|công bố|phân cấp|phân quyền|phân định|bãi bỏ|thi hành|thực hiện|chi tiết"
_BEGINS = re.compile(rf"(?:{_MATTERS})\b", re.IGNORECASE)


def ground(number: str, title: str, issued_on: date | None = None) -> str:
    """A document by type, number, day and matter. One whose type neither notation nor title tells: number and title."""
    number, title = " ".join(number.split()), " ".join(title.split()).rstrip(".;")
    kind = _said(title) or _noted(number)
    if not kind:
        return f"{number}: {title}"
    matter = title[len(kind) :].lstrip(" :") if _said(title) else title
    day = f" ngày {_day(issued_on)}" if issued_on else ""
    numbered = f"số {number}"
    if numbered.lower() in matter.lower():  # the title says it all
        return f"{kind} {matter}"
    if kind in _NAMED:
        return " ".join(filter(None, (kind, matter, numbered))) + day
    matter = matter[:1].lower() + matter[1:] if _BEGINS.match(matter) else matter
    return f"{kind} {numbered}{day} {matter}".rstrip()


def _said(title: str) -> str:
    """The type that a title begins with."""
    found = [word for word in _WORDS if re.match(rf"{word}\b", title, re.IGNORECASE)]
    return max(found, key=len, default="")


def _noted(number: str) -> str:
    """The type that a notation tells."""
    parts = number.split("/")[1:]
    return next((word for mark, word in _TYPES if any(re.match(mark, part, re.IGNORECASE) for part in parts)), "")


def _day(day: date) -> str:
    """Days below ten and the first two months with a zero."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"{day.day:02} tháng {month} năm {day.year}"
