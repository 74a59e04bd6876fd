"""Identifying numbers: which form each kind of party's number has, and its check digit."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _
from stdnum.vn import mst

from hienluong.foundation.actions import InvalidInput

from .models import Party

_PERSONAL_ID = re.compile(r"[0-9]{12}")


def is_personal_id(number: str) -> bool:
    """Whether this is a personal number: twelve digits (Luật Căn cước 26/2023/QH15, Điều 12)."""
    return bool(_PERSONAL_ID.fullmatch(number))


def is_tax_code(number: str) -> bool:
    """Whether this is a tax code of ten or thirteen digits whose check digit is right."""
    return number.isascii() and bool(mst.is_valid(number))


def normal(kind: str, number: str) -> str:
    """The number as it is kept: digits without blanks, dots and dashes. Raises InvalidInput when it cannot be one.

    Since 2025-07-01 the personal number is the tax code of people and household businesses (Thông tư
    86/2024/TT-BTC); household businesses may still hold an older tax code.
    """
    plain = re.sub(r"[\s.\-]", "", number)
    if kind == Party.Kind.CITIZEN and not is_personal_id(plain):
        raise InvalidInput(_("Số định danh cá nhân gồm đúng 12 chữ số."), field="identifier")
    if kind == Party.Kind.ENTERPRISE and not is_tax_code(plain):
        raise InvalidInput(
            _("Mã số thuế gồm 10 hoặc 13 chữ số; số bạn nhập sai chữ số kiểm tra. Hãy xem lại."), field="identifier"
        )
    if kind == Party.Kind.HOUSEHOLD and not (is_personal_id(plain) or is_tax_code(plain)):
        raise InvalidInput(
            _("Hộ kinh doanh: nhập mã số thuế, hoặc số định danh 12 chữ số của chủ hộ."), field="identifier"
        )
    return plain
