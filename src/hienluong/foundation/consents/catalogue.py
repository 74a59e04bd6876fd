"""For what data of people may be used beyond what the law orders: each module hands its purposes over.

A purpose that rests on **consent** is not served until the person agreed to the very words in force (Luật 91/2025/QH15,
Điều 9: for each purpose, freely, silence is no consent; Nghị định 356/2025/NĐ-CP, Điều 6: nothing agreed by default). One
that rests on the **law** needs no consent (Điều 19), but the person may object to it (điểm d khoản 1 Điều 4).

Raise `version` when the words change in what they mean: whoever agreed to the old ones is asked again. What was shown is
kept word for word, so a slip of the pen may be mended without asking everybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hienluong.foundation.actions import NotFound
from hienluong.foundation.organisations import queries as organisations

Text = str | Promise


class Basis(StrEnum):
    """What a purpose rests on."""

    CONSENT = "consent"
    LAW = "law"


class Words(TypedDict):
    """A purpose as a person reads it, in one language; kept as it was read."""

    title: str
    text: str
    data: list[str]
    controller: str
    recipients: str
    period: str
    rights: str
    sensitive: bool
    law: str


@dataclass(frozen=True)
class Purpose:
    """One purpose: what is done, with which data, who receives them, for how long."""

    code: str  # ``notifications.email``
    version: int
    title: Text
    text: Text
    data: tuple[Text, ...]
    recipients: Text
    period: Text
    basis: Basis = Basis.CONSENT
    law: Text = ""  # why no consent is needed, for one that rests on the law
    controller: Text = ""  # empty: the province
    sensitive: bool = False  # Nghị định 356/2025/NĐ-CP, Điều 4; said to the person (khoản 4 Điều 6)
    order: int = 100
    offered: Callable[[], bool] | None = None  # not shown while the province cannot serve it

    @property
    def is_offered(self) -> bool:
        """Whether the province can serve it today."""
        return self.offered is None or self.offered()

    @property
    def anchor(self) -> str:
        """The name of its part of the page."""
        return self.code.replace(".", "-")

    @property
    def words(self) -> Words:
        """What is shown, in the language of the reader."""
        return {
            "title": str(self.title),
            "text": str(self.text),
            "data": [str(each) for each in self.data],
            "controller": str(self.controller) or _province(),
            "recipients": str(self.recipients),
            "period": str(self.period),
            "rights": self._rights(),
            "sensitive": self.sensitive,
            "law": str(self.law),
        }

    def _rights(self) -> str:
        """What the person may do about it (Luật 91/2025/QH15, điểm c khoản 2 Điều 9)."""
        if self.basis == Basis.LAW:
            return _(
                "Việc này làm theo luật, không cần bạn đồng ý; bạn phản đối được bất cứ lúc nào, và thôi phản đối lúc nào "
                "cũng được (Luật 91/2025/QH15, Điều 4, Điều 19)."
            )
        return _(
            "Bạn đồng ý hay không là tùy bạn, không ảnh hưởng đến việc giải quyết hồ sơ. Bạn rút lại được bất cứ lúc nào; "
            "việc đã làm trước khi rút vẫn hợp pháp (Luật 91/2025/QH15, Điều 4, Điều 9, Điều 10)."
        )


_purposes: dict[str, Purpose] = {}


def register(*purposes: Purpose) -> None:
    """Add purposes to the catalogue (called from ``ready()``)."""
    for purpose in purposes:
        _purposes[purpose.code] = purpose


def all_purposes() -> list[Purpose]:
    """Every purpose that a module handed over, in order."""
    return sorted(_purposes.values(), key=lambda purpose: (purpose.order, purpose.code))


def get(code: str) -> Purpose:
    """The purpose with this code; one that nobody handed over is a programming error (KeyError)."""
    return _purposes[code]


def find(code: str) -> Purpose:
    """The purpose with this code, as a person named it: NotFound when there is none."""
    found = _purposes.get(code)
    if found is None:
        raise NotFound(_("Không có mục đích này."))
    return found


def digest(purpose: Purpose, words: Words, language: str) -> str:
    """A fingerprint of the words that were shown (SHA-256)."""
    said = json.dumps([purpose.code, purpose.version, language, words], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _province() -> str:
    try:
        return organisations.province().name
    except NotFound:
        return _("Ủy ban nhân dân tỉnh")
