"""The public postal service: results brought to people (Quyết định 45/2016/QĐ-TTg)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..base import Adapter, Operation
from .shapes import LINE, MOMENT, NAME, NUMBER, closed, one_of

STATES = ("accepted", "collected", "in_transit", "out_for_delivery", "delivered", "returned", "cancelled")
_CODES = {str(number): state for number, state in enumerate(STATES, start=1)}
_STATE = one_of(*STATES)
_ORDERED = closed(("order", "parcel"), order=NUMBER, parcel={"type": "string", "pattern": "^[A-Z0-9]{5,40}$"})
_ORDERED_AT = {"order": "maDon", "parcel": "soHieuBuuGui"}


class Post(Adapter):
    """Bưu chính công ích (Tổng công ty Bưu điện Việt Nam)."""

    code = "post"
    title = _("Bưu chính công ích")
    owner = _("Tổng công ty Bưu điện Việt Nam")
    known = _("Địa chỉ, tên trường và mã trạng thái trao theo hợp đồng với bưu chính: khai trong cấu hình.")
    operations = (
        Operation(
            name="order",
            title=_("Đặt chuyển trả kết quả"),
            path="/don",
            question=closed(
                ("reference", "sender", "recipient", "phone", "address"),
                reference=NUMBER,
                sender=NAME,
                sender_address=LINE,
                recipient=NAME,
                phone={"type": "string", "pattern": "^[0-9+]{8,15}$"},
                address={"type": "string", "minLength": 5, "maxLength": 300},
                content=LINE,
            ),
            answer=_ORDERED,
            names={
                "reference": "maHoSo",
                "sender": "nguoiGui",
                "sender_address": "diaChiGui",
                "recipient": "nguoiNhan",
                "phone": "dienThoai",
                "address": "diaChiNhan",
                "content": "noiDung",
            },
            answers=_ORDERED_AT,
            repeatable=False,
            confirmed_by="find",
            timeout_s=10,
            sample={
                "reference": "H50.31.01-261127-0001",
                "sender": "Trung tâm Phục vụ hành chính công",
                "recipient": "Nguyễn Thị Mô Phỏng",
                "phone": "0912345678",
                "address": "12 đường Hùng Vương, phường Đông Hà, tỉnh Quảng Trị",
            },
        ),
        Operation(
            name="find",
            title=_("Tìm đơn theo số của tỉnh"),
            path="/don/tim",
            question=closed(("number",), number=NUMBER),
            answer=_ORDERED,
            names={"number": "soYeuCau"},
            answers=_ORDERED_AT,
        ),
        Operation(
            name="track",
            title=_("Hành trình bưu gửi"),
            path="/hanh-trinh",
            question=closed(("order",), order=NUMBER),
            answer=closed(
                ("state", "events"),
                state=_STATE,
                recipient={"type": "string", "maxLength": 200},
                events={
                    "type": "array",
                    "maxItems": 200,
                    "items": closed(("state", "at"), state=_STATE, at=MOMENT, place=LINE),
                },
            ),
            names={"order": "maDon"},
            answers={"state": "trangThai", "recipient": "nguoiKyNhan", "events": "hanhTrinh"},
            items={"events": {"state": "trangThai", "at": "thoiDiem", "place": "noi"}},
            values={"state": _CODES, "events.state": _CODES},
        ),
    )
