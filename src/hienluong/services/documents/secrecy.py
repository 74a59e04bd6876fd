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
_STAMP = re.compile(r"^[\W_]*(TUYỆT MẬT|TỐI MẬT|MẬT)[\W_]*$", re.MULTILINE)


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
    """The key of the level stamped on a page whose text was read; empty when no line is such a stamp."""
    found = _STAMP.search(unicodedata.normalize("NFC", text))
    return level_of(found.group(1)) if found else ""
