"""What stands on an official paper, as plain values."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from hienluong.services.documents.layout.kinds import COPY_HEADINGS, KINDS, PREFIXES, URGENCIES, Kind


class LayoutRefused(ValueError):
    """The paper cannot be laid out; the message tells an official why."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs, and in whose place: ``authority`` lines stand above the own ``title``.

    A deputy chairman for the people's committee: ``authority=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH")``,
    ``title="PHÓ CHỦ TỊCH"``. An acting director: no authority, ``title="Q. GIÁM ĐỐC"``.
    """

    name: str
    title: str
    authority: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in self.authority:
            if not line.upper().startswith(PREFIXES):
                raise LayoutRefused(
                    _("Dòng quyền hạn “%(line)s” phải bắt đầu bằng TM., KT., TL., TUQ. hoặc Q.") % {"line": line}
                )


@dataclass(frozen=True, kw_only=True)
class Annex:
    """An annex, or with ``with_head`` a regulation, plan or programme that a decision puts into force."""

    title: str
    body: str
    #: Below the title, as in "QUY CHẾ / Quản lý tài sản".
    subject: str = ""
    is_landscape: bool = False
    with_head: bool = False


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The block that makes a copy out of a paper (Phụ lục I, Phần II)."""

    kind: str
    agency_name: str
    number: int | None
    notation: str
    place: str
    date: dt.date | None
    signer: Signer
    superior_name: str = ""
    recipients: tuple[str, ...] = ()
    archive: str = "VT"

    def __post_init__(self) -> None:
        if self.kind not in COPY_HEADINGS:
            raise LayoutRefused(_("Không có hình thức sao “%(kind)s”.") % {"kind": self.kind})


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything that is printed. Texts are as an official writes them; capitals and punctuation are put here."""

    #: A key of ``hienluong.services.documents.types.TYPES``.
    type: str
    agency_name: str
    place: str
    body: str
    signers: tuple[Signer, ...]
    superior_name: str = ""
    #: None until the clerk has numbered it: a gap is left.
    number: int | None = None
    #: What follows the number: "QĐ-UBND", "UBND-TH".
    notation: str = ""
    date: dt.date | None = None
    subject: str = ""
    #: Printed in place of the name of the type, as in "THƯ CHÚC MỪNG" for a public letter.
    title: str = ""
    #: Who decides, above the grounds of a decision or resolution; who sends a telegram.
    authority: str = ""
    grounds: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    #: After "Lưu:": "VT, TH".
    archive: str = "VT"
    #: Sign of who drafted and number of copies (ô số 12), at the end of the line "Lưu".
    drafter: str = ""
    #: As in ``models.Urgency``: 0 to 3.
    urgency: int = 0
    #: "XEM XONG TRẢ LẠI", "LƯU HÀNH NỘI BỘ" (ô số 11).
    circulation: str = ""
    #: Address, e-mail, telephone (ô số 13), at the foot of the first page.
    contact: str = ""
    annexes: tuple[Annex, ...] = ()
    #: 13 or 14: the size of the text; all others follow it.
    size: int = 14
    is_draft: bool = False
    #: Diameter of the agency's seal in mm.
    seal: float = 36.0
    copy: Copy | None = field(default=None)

    def __post_init__(self) -> None:
        if self.type not in KINDS:
            raise LayoutRefused(_("Không có loại văn bản “%(type)s”.") % {"type": self.type})
        if self.urgency and self.urgency not in URGENCIES:
            raise LayoutRefused(_("Không có mức độ khẩn “%(urgency)s”.") % {"urgency": self.urgency})
        if self.size not in (13, 14):
            raise LayoutRefused(_("Cỡ chữ của văn bản là 13 hoặc 14."))
        if not self.signers:
            raise LayoutRefused(_("Văn bản chưa có người ký."))
        if not 20 <= self.seal <= 50:
            raise LayoutRefused(_("Đường kính con dấu phải từ 20 đến 50 mm."))

    @property
    def kind(self) -> Kind:
        """What is special about this type."""
        return KINDS[self.type]


def number_in_words(number: int | None) -> str:
    """The number as it is printed: below 10 with a 0 before it (Phụ lục I, Phần I, Mục II, khoản 3)."""
    return "" if number is None else f"{number:02d}"


def date_in_words(date: dt.date | None) -> tuple[str, str, str]:
    """Day, month and year as they are printed: days below 10 and months 1 and 2 with a 0 before (khoản 4)."""
    if date is None:
        return "", "", ""
    return f"{date.day:02d}", f"{date.month:02d}" if date.month < 3 else str(date.month), str(date.year)


_DEGREES = re.compile(r"^(GS|PGS|TS|ThS|BS|KS|CN|LS|NGND|NGƯT|NSND|TTND)\b\.?", re.IGNORECASE)


def faults(content: Content) -> list[str]:
    """What the decree asks for and this paper does not have: told while drafting; nothing is refused here."""
    found = []
    if not content.subject.strip() and not content.kind.bare:
        found.append(_("Chưa có trích yếu nội dung."))
    if content.kind.is_letter and not content.addressees:
        found.append(_("Công văn phải có “Kính gửi”."))
    if content.kind.resolving and not content.grounds:
        found.append(_("Nghị quyết, quyết định phải có căn cứ ban hành."))
    if content.kind.resolving and not content.authority.strip():
        found.append(_("Nghị quyết, quyết định phải ghi thẩm quyền ban hành."))
    if (
        content.kind.abbreviation
        and content.notation
        and not content.notation.startswith(content.kind.abbreviation + "-")
    ):
        found.append(
            _("Ký hiệu của %(type)s phải bắt đầu bằng “%(abbreviation)s-”.")
            % {"type": content.kind.name.lower(), "abbreviation": content.kind.abbreviation}
        )
    found += [
        _("Trước họ tên người ký “%(name)s” không ghi học hàm, học vị và danh hiệu.") % {"name": signer.name}
        for signer in content.signers
        if _DEGREES.match(signer.name.strip())
    ]
    if content.kind.two_signers and len(content.signers) < 2:
        found.append(_("Loại văn bản này cần chữ ký của hai bên."))
    if not content.recipients and content.type not in ("HDO", "BGN", "BTT"):
        found.append(_("Chưa có nơi nhận."))
    return found
