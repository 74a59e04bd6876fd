"""What differs between two definitions, told to people: the parts by what they are called, the values in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

#: What the parts of procedures, registers, forms and scoring forms are called.
PARTS: dict[str, str | Promise] = {
    "code": _("Mã"),
    "title": _("Tên"),
    "title_en": _("Tên tiếng Anh"),
    "name": _("Tên"),
    "name_en": _("Tên tiếng Anh"),
    "label": _("Tên"),
    "description": _("Mô tả"),
    "version": _("Phiên bản"),
    "effective_from": _("Có hiệu lực từ"),
    "effective_to": _("Hết hiệu lực sau"),
    "legal_basis": _("Căn cứ pháp lý"),
    "owner": _("Cơ quan chủ quản"),
    "note": _("Ghi chú"),
    "text": _("Lời văn"),
    "number": _("Số"),
    "kind": _("Loại"),
    "table": _("Bảng quyết định"),
    "unit": _("Đơn vị tính"),
    "help": _("Hướng dẫn"),
    "template": _("Mẫu in"),
    "reason": _("Lý do"),
    "from": _("Từ"),
    # registers
    "key": _("Khóa"),
    "subject": _("Bản ghi nói về ai"),
    "responsible": _("Cơ quan quản lý bản ghi"),
    "public": _("Mọi người"),
    "schema": _("Trường"),
    "properties": _("Trường"),
    "required": _("Bắt buộc"),
    "computed": _("Tính toán"),
    "rules": _("Quy tắc"),
    "access": _("Quyền xem, ghi"),
    "search": _("Tìm kiếm"),
    "index": _("Chỉ mục"),
    "lists": _("Danh sách"),
    "columns": _("Cột"),
    "filters": _("Bộ lọc"),
    "sort": _("Thứ tự"),
    "map": _("Bản đồ"),
    "retention": _("Lưu trữ"),
    "years": _("Số năm"),
    "clears": _("Xóa các trường"),
    "months": _("Số tháng"),
    "events": _("Sự kiện"),
    "migrate": _("Chuyển dữ liệu"),
    "series": _("Dãy số"),
    "certificate": _("Giấy chứng nhận"),
    "holder": _("Người được cấp"),
    "issued": _("Ngày cấp"),
    "expires": _("Ngày hết hạn"),
    "standing": _("Tình trạng giấy"),
    "standings": _("Tên các tình trạng"),
    "suspended": _("Thời gian đình chỉ"),
    "validity": _("Thời hạn của giấy"),
    "renew_keeps_number": _("Gia hạn giữ số cũ"),
    "shows": _("Nội dung in trên giấy"),
    # fields
    "type": _("Kiểu"),
    "enum": _("Lựa chọn"),
    "items": _("Dòng"),
    "format": _("Dạng"),
    "pattern": _("Khuôn"),
    "maxLength": _("Dài nhất"),
    "minLength": _("Ngắn nhất"),
    "minimum": _("Nhỏ nhất"),
    "maximum": _("Lớn nhất"),
    "minItems": _("Ít dòng nhất"),
    "maxItems": _("Nhiều dòng nhất"),
    "x-enum-labels": _("Tên lựa chọn"),
    "x-kind": _("Kiểu"),
    "x-hint": _("Gợi ý"),
    "x-list": _("Danh mục"),
    "x-register": _("Cơ sở dữ liệu"),
    "x-unit-only": _("Chỉ hỏi tới xã, phường"),
    "x-units": _("Đơn vị"),
    "x-prefill": _("Lấy sẵn từ"),
    "x-prefill-locked": _("Lấy sẵn, không sửa"),
    "x-widget": _("Cách nhập"),
    # forms
    "form": _("Biểu mẫu"),
    "pages": _("Trang"),
    "fields": _("Trường"),
    "id": _("Mã"),
    "field": _("Trường"),
    "when": _("Điều kiện"),
    "message": _("Lời báo"),
    "read": _("Xem"),
    "write": _("Ghi"),
    # procedures
    "sector": _("Lĩnh vực"),
    "decision": _("Quyết định công bố"),
    "online_level": _("Mức độ trực tuyến"),
    "level_2022": _("Mức độ (cách gọi 2022)"),
    "agency": _("Cơ quan"),
    "level": _("Cấp"),
    "applicants": _("Đối tượng"),
    "applicants_text": _("Đối tượng, lời văn"),
    "life_events": _("Sự kiện đời sống"),
    "keywords": _("Từ khóa"),
    "summary": _("Tóm tắt"),
    "steps": _("Các bước"),
    "ways": _("Cách nộp"),
    "channel": _("Hình thức nộp"),
    "deadlines": _("Thời hạn"),
    "amount": _("Số lượng"),
    "papers": _("Thành phần hồ sơ"),
    "originals": _("Số bản chính"),
    "copies": _("Số bản sao"),
    "source": _("Lấy từ"),
    "form_code": _("Mẫu đơn"),
    "charges": _("Phí, lệ phí"),
    "charge_note": _("Ghi chú về phí, lệ phí"),
    "due": _("Lúc nộp"),
    "results": _("Kết quả"),
    "body": _("Nội dung"),
    "number_suffix": _("Đuôi của số"),
    "valid_months": _("Số tháng có giá trị"),
    "issued_on": _("Ngày ban hành"),
    "articles": _("Điều khoản"),
    "status": _("Tình trạng"),
    "conditions": _("Yêu cầu, điều kiện"),
    "eligibility": _("Điều kiện được giải quyết"),
    "coordinating": _("Cơ quan phối hợp"),
    "rule_overrides": _("Quy tắc riêng"),
    "cutoff": _("Giờ chốt trong ngày"),
    "at": _("Lúc"),
    "process": _("Quy trình"),
    "model": _("Mô hình"),
    "digest": _("Mã của mô hình"),
    "params": _("Tham số"),
    "effects": _("Kết quả ghi vào cơ sở dữ liệu"),
    "register": _("Cơ sở dữ liệu"),
    "since": _("Từ ngày"),
    "through": _("Đến hết ngày"),
    "set": _("Ghi các trường"),
    "enquiries": _("Hỏi hệ thống quốc gia"),
    "system": _("Hệ thống"),
    "operation": _("Câu hỏi"),
    "question": _("Hỏi bằng"),
    "compare": _("So sánh"),
    "told": _("Hệ thống trả lời"),
    "values": _("Giá trị tương ứng"),
    "agrees": _("Khi nào là khớp"),
    "show": _("Cho cán bộ xem"),
    "holds": _("Chưa được giải quyết khi"),
    "checks": _("Kiểm tra của ngành"),
    "complete": _("Đủ nội dung"),
    # scoring forms
    "targets": _("Đối tượng chấm"),
    "measure": _("Cách tính điểm"),
    "decimals": _("Số chữ số thập phân"),
    "faults": _("Các lỗi"),
    "fault": _("Lỗi"),
    "critical": _("Điều kiện tiên quyết"),
    "critical_failed": _("Mức khi không đạt điều kiện tiên quyết"),
    "levels": _("Các mức"),
    "at_most": _("Nhiều nhất"),
    "passes": _("Đạt"),
    "tree": _("Cây tiêu chí"),
    "weight": _("Trọng số"),
    "aggregate": _("Cách gộp"),
    "points": _("Điểm"),
    "pass_from": _("Đạt từ"),
    "ask": _("Cách trả lời"),
    "choices": _("Lựa chọn"),
    "value": _("Giá trị"),
    "fails": _("Không đạt"),
    "bands": _("Các khoảng"),
    "min": _("Nhỏ nhất"),
    "max": _("Lớn nhất"),
    "base": _("Điểm gốc"),
    "each": _("Điểm mỗi lần"),
    "not_applicable": _("Được chọn “Không áp dụng”"),
    "evidence": _("Bằng chứng"),
    "photo": _("Ảnh"),
    "place": _("Vị trí"),
}
#: What a decision writes into a register, by the kind of the writing.
EFFECTS: dict[str, str | Promise] = {
    "create": _("Ghi bản ghi mới"),
    "change": _("Thay đổi bản ghi đã có"),
    "end": _("Chấm dứt bản ghi"),
    "issue": _("Cấp giấy chứng nhận (ghi bản ghi mới, hoặc cho bản ghi đã có)"),
    "renew": _("Gia hạn giấy chứng nhận"),
    "reissue": _("Cấp lại giấy chứng nhận"),
    "suspend": _("Tạm đình chỉ giấy chứng nhận"),
    "resume": _("Khôi phục giấy chứng nhận"),
    "revoke": _("Thu hồi giấy chứng nhận"),
    "close": _("Kết thúc giấy chứng nhận"),
}
_LONG = 160


#: What stands in these is named by whoever wrote the definition.
NAMED = ("properties", "computed", "migrate", "set", "params", "x-enum-labels", "faults", "at_most", "standings")


def said(value: Any) -> str:
    """A value of a definition in words, short."""
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, bool):
        return _now("Có") if value else _now("Không")
    if isinstance(value, Mapping):
        named = value.get("title") or value.get("name")
        text = str(named) if named else "; ".join(f"{PARTS.get(k, k)}: {said(v)}" for k, v in value.items())
    elif isinstance(value, list):
        text = ", ".join(said(part) for part in value)
    else:
        text = str(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def lasts(validity: Mapping[str, Any]) -> str:
    """How long a certificate is valid."""
    if years := validity.get("years"):
        return _now("%(years)s năm") % {"years": years}
    return _now("%(months)s tháng") % {"months": validity.get("months", "")}
