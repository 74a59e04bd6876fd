"""Kinds of personal data, as the decree lists them (Nghị định 356/2025/NĐ-CP, Điều 3 and khoản 1 Điều 4)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """One kind of data: whether it is sensitive, and whether persons must be told within 72 hours (Điều 29)."""

    code: str
    label: str | Promise
    sensitive: bool = False
    tell_persons: bool = False


KINDS: tuple[Kind, ...] = (
    Kind("name", _("Họ tên")),
    Kind("birth", _("Ngày sinh, ngày mất")),
    Kind("sex", _("Giới tính")),
    Kind("place", _("Nơi sinh, nơi ở, địa chỉ liên hệ, quê quán")),
    Kind("nationality", _("Quốc tịch")),
    Kind("image", _("Hình ảnh của cá nhân")),
    Kind("number", _("Số điện thoại, số định danh, hộ chiếu, giấy phép lái xe, biển số xe")),
    Kind("marriage", _("Tình trạng hôn nhân")),
    Kind("family", _("Quan hệ gia đình")),
    Kind("account", _("Tài khoản số của cá nhân")),
    Kind("other", _("Dữ liệu cơ bản khác")),
    Kind("origin", _("Nguồn gốc chủng tộc, dân tộc"), True),
    Kind("belief", _("Quan điểm chính trị, tôn giáo, tín ngưỡng"), True),
    Kind("private", _("Đời sống riêng tư, bí mật cá nhân, bí mật gia đình"), True),
    Kind("health", _("Tình trạng sức khỏe"), True),
    Kind("biometric", _("Dữ liệu sinh trắc học, đặc điểm di truyền"), True, True),
    Kind("sexual", _("Đời sống tình dục, xu hướng tình dục"), True),
    Kind("crime", _("Tội phạm, vi phạm pháp luật"), True),
    Kind("location", _("Vị trí qua dịch vụ định vị"), True, True),
    Kind("identity", _("Tài khoản định danh điện tử, ảnh thẻ căn cước"), True),
    Kind("bank", _("Tài khoản, thẻ, giao dịch ngân hàng; tài chính, bảo hiểm"), True),
    Kind("behaviour", _("Theo dõi hoạt động trên mạng"), True),
    Kind("secret", _("Dữ liệu khác phải giữ bí mật theo luật"), True),
)
BY_CODE = {kind.code: kind for kind in KINDS}
