"""State secrets do not come in here: a network like this one must not hold them. The refusal quotes the rule.

Luật Bảo vệ bí mật nhà nước (117/2025/QH15, in force since 2026-03-01, in place of 29/2018/QH14): khoản 2 Điều 5 forbids
drafting and keeping papers with state secrets on machines connected to a network other than a separate one (mạng LAN độc
lập). The clause is cited from published summaries of the law.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError

#: The levels (độ mật), lowest first; the keys are what forms send.
LEVELS: dict[str, str] = {"mat": "Mật", "toi_mat": "Tối mật", "tuyet_mat": "Tuyệt mật"}

#: A stamp stands on a line of its own, in capitals: “MẬT”, “TỐI MẬT”, “TUYỆT MẬT”; reading a scan adds specks to it.
_STAMP = re.compile(r"[\W_]*(?:Đ[Ộộ] [Mm][Ậậ][Tt] ?: ?)?[\W_]*(TUYỆT MẬT|TỐI MẬT|MẬT)[\W_]*")
#: Letters of the longest line that is looked at: a stamp has few.
_LONGEST = 120
#: A title that goes on in the next line: “QUY CHẾ BẢO” / “MẬT” is no stamp.
_GOES_ON = re.compile(r"\b(?:BẢO|BÍ|CƠ)\s*$", re.IGNORECASE)


class StateSecret(DomainError):
    """A document that bears a level of secrecy: never taken in, never stored."""

    code = "documents.state_secret"
    status = 422


def refuse(level: str) -> None:
    """Raise :class:`StateSecret` when `level` (a key of :data:`LEVELS`, or its words) is one; called before a file is kept."""
    found = level_of(level)
    if found:
        raise StateSecret(
            _(
                "Văn bản đóng dấu độ “%(level)s” không được tiếp nhận và không được lưu trên hệ thống này. Luật Bảo vệ bí"
                " mật nhà nước (117/2025/QH15), khoản 2 Điều 5, nghiêm cấm soạn thảo, lưu giữ tài liệu bí mật nhà nước trên"
                " máy tính đang kết nối mạng, trừ mạng LAN độc lập. Hãy đăng ký vào sổ văn bản mật và xử lý theo quy định đó."
            )
            % {"level": LEVELS[found]},
            field="secrecy",
        )


def level_of(words: str) -> str:
    """The key of the level that `words` name, in any case; empty when they name none."""
    tidy = " ".join(unicodedata.normalize("NFC", words).split()).casefold()
    return next((key for key, name in LEVELS.items() if tidy in (key, name.casefold())), "")


def stamp_in(text: str) -> str:
    """The key of the highest level stamped on pages whose text was read; empty when no line is such a stamp.

    The word within a sentence (“bảo mật”, “bí mật nhà nước”) is none.
    """
    before, levels = "", set()
    for each in unicodedata.normalize("NFC", text).splitlines():
        line = " ".join(each.split())
        found = _STAMP.fullmatch(line) if len(line) <= _LONGEST else None
        if found and not (found[1] == "MẬT" and _GOES_ON.search(before)):
            levels.add(level_of(found[1]))
        before = line or before
    return next((level for level in reversed(LEVELS) if level in levels), "")
