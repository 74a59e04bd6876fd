"""Enterprise registration: what the national database says of an enterprise, by its number."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..base import Adapter, Operation
from .shapes import DAY, LINE, NAME, NUMBER, closed, one_of

_INDUSTRY = closed(("code",), code={"type": "string", "pattern": "^[A-Z0-9]{1,6}$"}, name=LINE)


class Enterprises(Adapter):
    """Cơ sở dữ liệu quốc gia về đăng ký doanh nghiệp (Bộ Tài chính)."""

    code = "enterprises"
    title = _("Cơ sở dữ liệu quốc gia về đăng ký doanh nghiệp")
    owner = _("Bộ Tài chính")
    known = _("Mã số doanh nghiệp là mã số thuế 10 số. Địa chỉ, tên trường và mã lỗi khai trong cấu hình.")
    operations = (
        Operation(
            name="get",
            title=_("Thông tin đăng ký doanh nghiệp"),
            method="GET",
            path="/{maSoDoanhNghiep}",
            question=closed(("number",), number={"type": "string", "pattern": "^[0-9]{10}([0-9]{3})?$"}),
            answer=closed(
                ("number", "name", "state"),
                number=NUMBER,
                name=NAME,
                short_name={"type": "string", "maxLength": 200},
                kind=LINE,
                address=LINE,
                representative={"type": "string", "maxLength": 200},
                registered_on=DAY,
                state=one_of("active", "suspended", "dissolving", "dissolved"),
                industries={"type": "array", "maxItems": 300, "items": _INDUSTRY},
            ),
            names={"number": "maSoDoanhNghiep"},
            answers={
                "number": "maSoDoanhNghiep",
                "name": "tenDoanhNghiep",
                "short_name": "tenVietTat",
                "kind": "loaiHinh",
                "address": "diaChiTruSo",
                "representative": "nguoiDaiDien",
                "registered_on": "ngayDangKyLanDau",
                "state": "tinhTrang",
                "industries": "nganhNghe",
            },
            items={"industries": {"code": "maNganh", "name": "tenNganh"}},
            values={"state": {"1": "active", "2": "suspended", "3": "dissolving", "4": "dissolved"}},
            keep_s=24 * 3600,
            stale_s=7 * 24 * 3600,
            personal=("name", "address", "representative", "state"),
            sample={"number": "0100233488"},
        ),
        Operation(
            name="check_name",
            title=_("Kiểm tra tên đã đăng ký"),
            path="/kiem-tra-ten",
            question=closed(("name",), name=NAME, commune_code={"type": "string", "pattern": "^[0-9]{5}$"}),
            answer=closed(
                ("taken",), taken={"type": "boolean"}, name={"type": "string", "maxLength": 200}, address=LINE
            ),
            names={"name": "ten", "commune_code": "maXa"},
            answers={"taken": "daDangKy", "name": "tenDaDangKy", "address": "diaChi"},
            values={"taken": {"1": True, "0": False}},
            sample={"name": "Tạp hóa Mô Phỏng", "commune_code": "19333"},
        ),
    )
