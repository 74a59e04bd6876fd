"""The national insurance database: whether and since when somebody takes part (Luật Bảo hiểm xã hội 41/2024/QH15)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..base import Adapter, Operation
from .shapes import DAY, PERSONAL_ID, closed, one_of


class Insurance(Adapter):
    """Cơ sở dữ liệu quốc gia về bảo hiểm."""

    code = "insurance"
    title = _("Cơ sở dữ liệu quốc gia về bảo hiểm")
    owner = _("Bảo hiểm xã hội Việt Nam")
    known = _("Mã số bảo hiểm xã hội có 10 số. Địa chỉ, tên trường và mã lỗi khai trong cấu hình.")
    operations = (
        Operation(
            name="participation",
            title=_("Quá trình tham gia bảo hiểm xã hội"),
            path="/tham-gia",
            question=closed(("personal_id",), personal_id=PERSONAL_ID),
            answer=closed(
                ("participates",),
                participates={"type": "boolean"},
                number={"type": "string", "pattern": "^[0-9]{10}$"},
                kind=one_of("compulsory", "voluntary"),
                since=DAY,
                months={"type": "integer", "minimum": 0, "maximum": 1200},
            ),
            names={"personal_id": "soDinhDanh"},
            answers={
                "participates": "thamGia",
                "number": "maSoBHXH",
                "kind": "loaiThamGia",
                "since": "tuNgay",
                "months": "soThang",
            },
            values={"participates": {"1": True, "0": False}, "kind": {"BB": "compulsory", "TN": "voluntary"}},
            keep_s=3600,
            personal=("participates", "number", "kind", "since", "months"),
            sample={"personal_id": "045190000001"},
        ),
    )
