"""What officials may do with assessments; each holds at the organisation that assesses and below it."""

from __future__ import annotations

from hienluong.foundation.actions.permissions import Permission, register

READ = "scoring.read"
ASSESS = "scoring.assess"
SIGN = "scoring.sign"
DEFINE = "scoring.define"


def register_permissions() -> None:
    """Hand the verbs over to the permission catalogue."""
    register(
        Permission(READ, "Xem kết quả chấm điểm", "Read assessments"),
        Permission(ASSESS, "Chấm điểm, kiểm tra theo biểu", "Assess by scoring forms"),
        Permission(SIGN, "Ký, hủy biên bản chấm điểm", "Sign and annul assessments"),
        Permission(DEFINE, "Định nghĩa biểu chấm điểm", "Define scoring forms"),
    )
