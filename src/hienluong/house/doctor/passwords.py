"""Whether passwords that leaked elsewhere are refused."""

from __future__ import annotations

from hienluong.foundation.identity import breached
from hienluong.house.children import Plan
from hienluong.house.commands_passwords import file_of, said

from .finding import Finding

_SUBJECT = "Mật khẩu đã lộ"


def examine(plan: Plan) -> Finding:
    """The file of leaked passwords."""
    file = file_of(plan.state)
    mend = "Nạp danh sách: hienluong passwords load TỆP (docs/operators/passwords.md)."
    try:
        held = breached.opened(file)
    except (OSError, breached.BadList) as error:
        return Finding(_SUBJECT, False, str(error), mend)
    if held is None:
        return Finding(
            _SUBJECT, False, "chưa có danh sách, chỉ từ chối mật khẩu phổ biến và dễ đoán", mend, optional=True
        )
    return Finding(_SUBJECT, True, said(held.known))
