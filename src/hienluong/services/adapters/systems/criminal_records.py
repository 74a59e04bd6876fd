"""Certificates of criminal record: asked for, and followed until they are there (Luật Lý lịch tư pháp)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..base import Adapter, Operation
from .shapes import DAY, LINE, NAME, NUMBER, PERSONAL_ID, closed, one_of

_ORDERED = closed(("reference",), reference=NUMBER, expected_on=DAY)
_ORDERED_AT = {"reference": "maHoSo", "expected_on": "ngayHenTra"}


class CriminalRecords(Adapter):
    """Cơ sở dữ liệu lý lịch tư pháp (Bộ Công an, từ ngày 01/3/2025)."""

    code = "criminal_records"
    title = _("Cơ sở dữ liệu lý lịch tư pháp")
    owner = _("Bộ Công an")
    known = _("Địa chỉ, tên trường và mã lỗi không được công bố: khai trong cấu hình.")
    operations = (
        Operation(
            name="order",
            title=_("Yêu cầu cấp Phiếu lý lịch tư pháp"),
            path="/yeu-cau",
            question=closed(
                ("personal_id", "name", "kind", "reason"),
                personal_id=PERSONAL_ID,
                name=NAME,
                birth_date=DAY,
                kind=one_of("1", "2"),
                reason=LINE,
            ),
            answer=_ORDERED,
            names={
                "personal_id": "soDinhDanh",
                "name": "hoTen",
                "birth_date": "ngaySinh",
                "kind": "loaiPhieu",
                "reason": "mucDich",
            },
            answers=_ORDERED_AT,
            repeatable=False,
            confirmed_by="find",
            sample={
                "personal_id": "045190000001",
                "name": "Nguyễn Thị Mô Phỏng",
                "kind": "1",
                "reason": "Xin việc làm",
            },
        ),
        Operation(
            name="find",
            title=_("Tìm yêu cầu theo số của tỉnh"),
            path="/tim",
            question=closed(("number",), number=NUMBER),
            answer=_ORDERED,
            names={"number": "soYeuCau"},
            answers=_ORDERED_AT,
        ),
        Operation(
            name="status",
            title=_("Tình trạng Phiếu lý lịch tư pháp"),
            path="/tinh-trang",
            question=closed(("reference",), reference=NUMBER),
            answer=closed(
                ("state",),
                state=one_of("received", "verifying", "issued", "refused"),
                issued_on=DAY,
                certificate={"type": "string", "maxLength": 60},
            ),
            names={"reference": "maHoSo"},
            answers={"state": "trangThai", "issued_on": "ngayCap", "certificate": "soPhieu"},
            values={"state": {"1": "received", "2": "verifying", "3": "issued", "4": "refused"}},
            personal=("state", "certificate"),
        ),
    )
