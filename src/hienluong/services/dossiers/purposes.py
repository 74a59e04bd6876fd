"""Uses of people's data around dossiers that a person decides about, and messages that are a mere service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.consents import catalogue
from hienluong.foundation.consents.catalogue import Basis, Purpose
from hienluong.foundation.notifications import optional

#: Filling forms in from what registers hold.
PREFILL = "dossiers.prefill"


def register_all() -> None:
    """Hand them over."""
    optional.register("dossier.supplement_soon")
    catalogue.register(
        Purpose(
            PREFILL,
            1,
            _("Điền sẵn đơn từ dữ liệu cơ quan nhà nước đã có"),
            _(
                "Khi bạn làm đơn, hệ thống đọc các cơ sở dữ liệu của tỉnh và điền sẵn những gì đã biết về bạn, để bạn không phải "
                "khai lại. Phản đối thì bạn tự điền; cơ quan vẫn đối chiếu khi giải quyết hồ sơ theo luật."
            ),
            (_("Các mục của đơn mà cơ sở dữ liệu đã có"),),
            _("Cơ quan giải quyết hồ sơ; nơi khác chỉ theo thỏa thuận chia sẻ dữ liệu"),
            _("Từng lần bạn làm đơn; mỗi lần đọc hiện ở trang Ai đã xem dữ liệu của tôi."),
            basis=Basis.LAW,
            law=_(
                "Phục vụ hoạt động của cơ quan nhà nước, không yêu cầu khai lại dữ liệu đã có (Luật 91/2025/QH15, điểm c khoản 1 "
                "Điều 19; Nghị định 278/2025/NĐ-CP)."
            ),
            order=20,
        )
    )
