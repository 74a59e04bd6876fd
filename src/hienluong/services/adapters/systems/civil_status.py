"""The electronic civil-status database: births and marriages (Luật Hộ tịch 60/2014/QH13)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..base import Adapter, Operation
from .shapes import DAY, LINE, NAME, NUMBER, PERSONAL_ID, closed, one_of

_BY_PERSON = closed(("personal_id",), personal_id=PERSONAL_ID)


class CivilStatus(Adapter):
    """Cơ sở dữ liệu hộ tịch điện tử (Bộ Tư pháp)."""

    code = "civil_status"
    title = _("Cơ sở dữ liệu hộ tịch điện tử")
    owner = _("Bộ Tư pháp")
    known = _("Địa chỉ, tên trường và mã lỗi không được công bố: khai trong cấu hình.")
    operations = (
        Operation(
            name="birth",
            title=_("Đăng ký khai sinh"),
            path="/khai-sinh",
            question=_BY_PERSON,
            answer=closed(
                ("number", "name", "birth_date"),
                number=NUMBER,
                registered_on=DAY,
                place=LINE,
                name=NAME,
                birth_date=DAY,
            ),
            names={"personal_id": "soDinhDanh"},
            answers={
                "number": "soDangKy",
                "registered_on": "ngayDangKy",
                "place": "noiDangKy",
                "name": "hoTen",
                "birth_date": "ngaySinh",
            },
            keep_s=3600,
            personal=("name", "birth_date", "place"),
            sample={"personal_id": "045190000001"},
        ),
        Operation(
            name="marriage",
            title=_("Tình trạng hôn nhân"),
            path="/hon-nhan",
            question=_BY_PERSON,
            answer=closed(
                ("status",), status=one_of("single", "married", "divorced", "widowed"), since=DAY, place=LINE
            ),
            names={"personal_id": "soDinhDanh"},
            answers={"status": "tinhTrang", "since": "tuNgay", "place": "noiDangKy"},
            values={"status": {"1": "single", "2": "married", "3": "divorced", "4": "widowed"}},
            personal=("status", "since"),
            sample={"personal_id": "045190000001"},
        ),
    )
