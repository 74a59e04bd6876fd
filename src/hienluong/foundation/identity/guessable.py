"""How easily a password is guessed: by what it is made of, and by who chose it and where.

Two looks. The package zxcvbn estimates how many guesses an attacker needs who tries common passwords, words, names,
dates, rows of keys and repetitions first. And of a password that is made of little else than the words that everybody
here would try (:func:`expected_words`), too little remains. Neither asks for kinds of signs (NIST SP 800-63B, 5.1.1.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.actions import NotFound
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.organisations.units import province_names
from hienluong.foundation.search.text import fold

from .models import Account

#: Fewer guesses than 10 to this power are too few: a stolen hash would not last a day.
_GUESSES = 8.0
#: So many signs must remain beside expected words.
_REMAIN = 6
#: zxcvbn looks at no more; what follows only makes a password better.
_LOOKED_AT = 100
#: What people in Việt Nam choose first, without marks and blanks: put together for this project, to be added to.
_COMMON = """
matkhau matkhaumoi matkhaucuatoi khongbiet khongco xinchao chaoban camon hanhphuc giadinh tinhyeu yeuem yeuanh anhyeuem
emyeuanh toiyeuvietnam toiyeuem vietnam vietnamvodich vodich dangnhap taikhoan nguoidung quantri quantrivien admin
administrator root user test demo password passwort login welcome qwerty asdfgh zxcvbn abcdef iloveyou letmein
congchuc canbo chuyenvien lanhdao vanphong vanthu motcua hanhchinh hanhchinhcong dichvucong dichvucongtructuyen
chinhquyen chinhquyenso chuyendoiso ubnd uyban uybannhandan hoidongnhandan nhanvien giamdoc truongphong phophong
hienluong quocgia vneid cancuoc cancuoccongdan trungtam bophan hoso thutuc
""".split()
_FAMILY_NAMES = """
nguyen tran pham hoang huynh phan vu vo dang bui ngo duong ly dinh truong lam mai dao doan trinh luong
""".split()
_KINDS = re.compile(
    r"^(ubnd|hdnd|tinh|thanh pho|xa|phuong|thi tran|dac khu|huyen|quan|so|ban|phong|chi cuc|trung tam) "
)
_NOT_PLAIN = re.compile(r"[^0-9a-z]+")


def fault(password: str, account: Account, more: Iterable[str] = ()) -> str:
    """Why a password is easily guessed, in words; empty when it is not. `more`: what else is known of its owner."""
    words = expected_words(account, more)
    if len(_beside(password, words)) < _REMAIN:
        return _(
            "Mật khẩu chỉ gồm tên, ngày sinh, số điện thoại, tên cơ quan, địa danh hoặc từ ai cũng thử. "
            "Hãy thêm vài từ không liên quan."
        )
    from zxcvbn_rs_py import zxcvbn  # its word lists take memory: only who chooses a password pays for them

    estimate = zxcvbn(password[:_LOOKED_AT], words)
    if estimate.guesses_log10 >= _GUESSES:
        return ""
    return _why(estimate)


def expected_words(account: Account, more: Iterable[str] = ()) -> list[str]:
    """What somebody who knows the person and the place tries first, folded and without blanks, longest first.

    Names, numbers and dates of the person; names of the organisations and of the province; names of provinces;
    what people choose anyway. docs/engineers/signing-in.md documents the list.
    """
    told = [account.username, account.display_name, account.email.partition("@")[0], *more]
    words = set(_COMMON) | set(_FAMILY_NAMES) | set(_places())
    for text in told:
        words |= _parts(text)
    if account.official is not None:
        official = account.official
        words |= _parts(official.code) | _parts(official.phone) | _parts(official.full_name)
    if account.party is not None:
        party = account.party
        words |= _parts(party.name) | _parts(party.phone) | _parts(party.identifier)
        if born := party.date_of_birth:
            words |= {born.strftime(form) for form in ("%d%m%Y", "%d%m%y", "%Y%m%d", "%m%d%Y", "%Y")}
    words |= _of_organisations()
    return sorted((word for word in words if len(word) > 2), key=lambda word: (-len(word), word))


def _parts(text: str) -> set[str]:
    """A text as one word, and its own words: “Trần Thị Lan” → tranthilan, lan, tran, thi, lantran, thilan."""
    words = fold(text or "").split()
    plain = [_NOT_PLAIN.sub("", word) for word in words]
    found = {"".join(plain), *plain}
    if len(plain) > 1:
        found |= {plain[-1] + plain[0], "".join(plain[-2:]), "".join(word[:1] for word in plain[:-1]) + plain[-1]}
    return found


def _of_organisations() -> set[str]:
    """The names of the province and of what is directly below it, without “UBND xã” and the like."""
    try:
        root = organisations.province()
    except NotFound:
        return set()
    names = [root.name, *Organization.objects.filter(parent=root).values_list("name", flat=True)]
    return {_without_kind(name) for name in names}


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    return frozenset(_without_kind(name) for name in province_names())


def _without_kind(name: str) -> str:
    text = fold(name)
    while (shorter := _KINDS.sub("", text)) != text:
        text = shorter
    return _NOT_PLAIN.sub("", text)


def _beside(password: str, words: Iterable[str]) -> str:
    """What remains of a password, folded and without signs between, when expected words are taken out of it."""
    left = _NOT_PLAIN.sub("", fold(password)) or password
    for word in words:
        left = left.replace(word, "")
    return left


def _why(estimate: Any) -> str:
    """What makes it so easy, in words."""
    warning = repr(estimate.feedback.warning) if estimate.feedback else ""
    if any(sign in warning for sign in ("Keys", "Keyboard", "Repeats", "Sequences")):
        return _("Mật khẩu là dãy phím, dãy số hoặc dãy lặp lại, rất dễ đoán. Hãy chọn mật khẩu khác.")
    if any(sign in warning for sign in ("Years", "Dates")):
        return _("Mật khẩu chủ yếu là ngày tháng hoặc năm, dễ đoán. Hãy chọn mật khẩu khác.")
    if "Password" in warning:
        return _("Mật khẩu này nhiều người dùng, dễ đoán. Hãy chọn mật khẩu khác.")
    return _("Mật khẩu này dễ đoán. Một câu dài bốn, năm từ không liên quan nhau là tốt.")
