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
    "responsible": _("Cán bộ cơ quan quản lý"),
    "owner": _("Cán bộ cơ quan chủ quản"),
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


def in_vietnamese(words: str | Promise) -> str:
    """Words of the screen as a definition keeps them: in Vietnamese, whatever language the builder reads."""
    with translation.override("vi"):
        return str(words)


def kind_label(kind: str) -> str | Promise:
    """What a kind is called."""
    return _KINDS.get(kind, kind)
