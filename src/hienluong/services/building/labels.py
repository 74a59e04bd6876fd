"""What the parts of a definition are called on the screen."""

from __future__ import annotations

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: The kinds of fields by what they are for: heading → kind → label.
GROUPS: dict[str | Promise, dict[str, str | Promise]] = {
    _("Chữ và số"): {
        "text": _("Chữ ngắn"),
        "rich": _("Đoạn văn"),
        "multilingual": _("Chữ nhiều ngôn ngữ"),
        "integer": _("Số nguyên"),
        "number": _("Số thập phân"),
        "quantity": _("Số có đơn vị"),
        "money": _("Số tiền"),
    },
    _("Ngày và chọn"): {
        "date": _("Ngày"),
        "period": _("Khoảng thời gian"),
        "flag": _("Có hoặc không"),
        "choice": _("Chọn một"),
        "code": _("Mã của danh mục"),
        "address": _("Địa chỉ theo đơn vị hành chính"),
        "reference": _("Bản ghi của cơ sở dữ liệu khác"),
        "table": _("Bảng nhiều dòng"),
    },
    _("Số hiệu"): {
        "personal-id": _("Số định danh cá nhân"),
        "enterprise-id": _("Mã số doanh nghiệp"),
        "phone": _("Số điện thoại"),
        "email": _("Thư điện tử"),
        "plate": _("Biển số xe"),
        "isbn": _("Mã sách ISBN"),
        "gtin": _("Mã vạch hàng hóa"),
    },
    _("Bản đồ và tệp"): {
        "point": _("Điểm trên bản đồ"),
        "line": _("Tuyến trên bản đồ"),
        "area": _("Vùng trên bản đồ"),
        "chainage": _("Lý trình trên tuyến đường"),
        "file": _("Tệp"),
        "photo": _("Ảnh"),
        "signature": _("Chữ ký"),
    },
}
_KINDS = {kind: label for kinds in GROUPS.values() for kind, label in kinds.items()}
STANDINGS = {
    "responsible": _("Cán bộ của cơ quan quản lý bản ghi"),
    "owner": _("Cán bộ của cơ quan chủ quản"),
    "subject": _("Người có tên trong bản ghi"),
    "public": _("Mọi người"),
}
EVENTS = {
    "create": _("Thêm mới"),
    "change": _("Thay đổi"),
    "correct": _("Đính chính"),
    "end": _("Chấm dứt"),
    "void": _("Hủy bản ghi nhầm"),
}
#: What parts of definitions are called where changes are told.
PARTS = {
    "code": _("Mã"),
    "title": _("Tên"),
    "title_en": _("Tên tiếng Anh"),
    "description": _("Mô tả"),
    "version": _("Phiên bản"),
    "effective_from": _("Có hiệu lực từ"),
    "effective_to": _("Hết hiệu lực sau"),
    "legal_basis": _("Căn cứ pháp lý"),
    "owner": _("Cơ quan chủ quản"),
    "key": _("Khóa"),
    "name": _("Tên"),
    "subject": _("Bản ghi nói về ai"),
    "responsible": _("Cơ quan quản lý bản ghi"),
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
    "certificate": _("Giấy chứng nhận"),
    "events": _("Sự kiện"),
    "migrate": _("Chuyển dữ liệu"),
    "enum": _("Lựa chọn"),
    "x-enum-labels": _("Tên lựa chọn"),
    "x-kind": _("Kiểu"),
    "x-hint": _("Gợi ý"),
    "x-list": _("Danh mục"),
    "x-register": _("Cơ sở dữ liệu"),
    "x-units": _("Đơn vị"),
    "items": _("Dòng"),
    "when": _("Điều kiện"),
    "message": _("Lời báo"),
    "field": _("Trường"),
    "read": _("Xem"),
    "write": _("Ghi"),
    "pages": _("Trang"),
    "process": _("Quy trình"),
    "params": _("Tham số"),
    "form": _("Biểu mẫu"),
    "effects": _("Kết quả ghi vào cơ sở dữ liệu"),
    "papers": _("Thành phần hồ sơ"),
    "results": _("Kết quả"),
    "ways": _("Cách nộp"),
    "deadlines": _("Thời hạn"),
    "summary": _("Tóm tắt"),
    "steps": _("Các bước"),
    "maxLength": _("Dài nhất"),
    "minLength": _("Ngắn nhất"),
    "minimum": _("Nhỏ nhất"),
    "maximum": _("Lớn nhất"),
    "pattern": _("Khuôn"),
}


def in_vietnamese(words: str | Promise) -> str:
    """Words of the screen as a definition keeps them: in Vietnamese, whatever language the builder reads."""
    with translation.override("vi"):
        return str(words)


def kind_label(kind: str) -> str | Promise:
    """What a kind is called."""
    return _KINDS.get(kind, kind)


def part_label(path: str) -> str:
    """A path in a definition (``schema.properties.name.title``) in words, as far as its parts have some."""
    steps = path.replace("[", ".[").split(".")
    return " › ".join(str(PARTS.get(step, step.strip("[]"))) for step in steps if step and step != "schema")
