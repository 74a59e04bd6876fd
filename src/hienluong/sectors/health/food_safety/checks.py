"""The checks of the food safety procedures that ask what day it is in the law, or what the register says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from hienluong.capabilities.registers.models import Register
from hienluong.capabilities.registers.queries import as_of
from hienluong.services.procedures.sector_checks import Finding, Matter

from . import law, planning, reading


def self_declaration(matter: Matter) -> Iterator[Finding]:
    """Products are self-declared only while a decree that knows self-declaration applies: it may be replaced, and what
    replaces it suspended (:mod:`.law`)."""
    decree = law.governing(law.instruments(), matter.filed_on)
    if decree is None or decree.way != "self_declaration":
        number = decree.number if decree else "—"
        yield Finding(
            _("Từ ngày này áp dụng %(number)s: không còn tự công bố sản phẩm.") % {"number": number}, "product_name"
        )


def renewal(matter: Matter) -> Iterator[Finding]:
    """A certificate that is renewed or printed again is the applicant's, is there, and was not revoked; a renewal is applied
    for six months before it ends (Luật 55/2010/QH12, Điều 37 khoản 2), and later is taken all the same and said to the officer."""
    number = str(matter.answers.get("old_number") or "")
    if not number:
        return
    register = Register.objects.filter(code=reading.CERTIFICATES).first()
    found = as_of(register).filter(data__number=number).first() if register else None
    if found is None or found.data.get("owner_number") != matter.subject_number:
        yield Finding(_("Không có giấy chứng nhận số này của chủ hồ sơ."), "old_number")
        return
    if found.data.get("status") != "valid":
        yield Finding(_("Giấy này đã bị thu hồi hoặc chấm dứt: hãy đề nghị cấp lần đầu."), "old_number")
        return
    expires = date.fromisoformat(str(found.data["expires_on"]))
    is_late = matter.filed_on > planning.months_after(expires, -planning.rules().before_expiry)
    if matter.answers.get("request") == "renew" and is_late:
        yield Finding(
            _("Nộp sau thời điểm 06 tháng trước khi giấy hết hạn (khoản 2 Điều 37 Luật An toàn thực phẩm)."),
            refuses=False,
        )
