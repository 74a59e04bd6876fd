"""What the kinds of fields are called on the screen, and what a field may be filled in from."""

from __future__ import annotations

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


#: What a question may be filled in from.
PREFILLS = {
    "party.name": _("Họ tên, tên tổ chức"),
    "party.identifier": _("Số định danh hoặc mã số"),
    "party.date_of_birth": _("Ngày sinh"),
    "party.address": _("Địa chỉ"),
    "party.phone": _("Số điện thoại"),
    "party.email": _("Thư điện tử"),
    "party.sex": _("Giới tính"),
    "party.tax_code": _("Mã số thuế"),
    "party.commune": _("Xã, phường"),
}

#: What is known of a dossier beside the answers of its form.
BESIDE = (
    ("competent", _("Cơ quan giải quyết")),
    ("handling", _("Đơn vị thẩm định")),
    ("party_name", _("Tên chủ hồ sơ")),
    ("party_number", _("Số định danh chủ hồ sơ")),
    ("number", _("Số của kết quả")),
    ("today", _("Ngày cấp")),
    ("valid_until", _("Ngày hết giá trị")),
    ("dossier", _("Mã hồ sơ")),
)


def kind_label(kind: str) -> str | Promise:
    """What a kind is called."""
    return _KINDS.get(kind, kind)
