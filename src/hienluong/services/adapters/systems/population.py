"""The national population database: whether a number, a name and a birth date belong together.

``confirm`` hands nothing out: the answer says whether they match and which part does not. ``look_up`` is for who has to
see both values to decide, and hands out no more than was asked about.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..base import Adapter, Operation
from .shapes import DAY, NAME, PERSONAL_ID, closed, one_of


class Population(Adapter):
    """Cơ sở dữ liệu quốc gia về dân cư (C06, Bộ Công an)."""

    code = "population"
    title = _("Cơ sở dữ liệu quốc gia về dân cư")
    owner = _("Bộ Công an (C06)")
    known = _("Bộ Công an chỉ trao đặc tả cho nơi được kết nối: địa chỉ, tên trường và mã lỗi khai trong cấu hình.")
    codes = {"at": "errorCode", "words_at": "message", "ok": ["0"], "not_found": ["04"], "duplicate": ["05"]}
    operations = (
        Operation(
            name="confirm",
            title=_("Xác nhận thông tin công dân"),
            path="/xac-nhan-cong-dan",
            question=closed(("personal_id", "name"), personal_id=PERSONAL_ID, name=NAME, birth_date=DAY),
            answer=closed(
                ("matches", "differs"),
                matches={"type": "boolean"},
                differs={"type": "array", "items": one_of("name", "birth_date"), "maxItems": 2},
            ),
            names={"personal_id": "soDinhDanh", "name": "hoTen", "birth_date": "ngaySinh"},
            answers={"matches": "khop", "differs": "truongKhongKhop"},
            items={"differs": {}},
            values={"matches": {"1": True, "0": False}, "differs": {"hoTen": "name", "ngaySinh": "birth_date"}},
            personal=("personal_id", "name", "birth_date"),
            sample={"personal_id": "045190000001", "name": "Nguyễn Thị Mô Phỏng", "birth_date": "1990-05-17"},
        ),
        Operation(
            name="look_up",
            title=_("Tra cứu thông tin công dân"),
            path="/tra-cuu-cong-dan",
            question=closed(("personal_id", "name"), personal_id=PERSONAL_ID, name=NAME, birth_date=DAY),
            answer=closed(("name",), name=NAME, birth_date=DAY),
            names={"personal_id": "soDinhDanh", "name": "hoTen", "birth_date": "ngaySinh"},
            answers={"name": "hoTen", "birth_date": "ngaySinh"},
            personal=("name", "birth_date"),
            sample={"personal_id": "045190000001", "name": "Nguyễn Thị Mô Phỏng", "birth_date": "1990-05-17"},
        ),
    )
