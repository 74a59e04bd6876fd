"""Messages that nobody is owed by law: outside the product they go only where the person agreed to get them.

What is owed (a dossier's steps, an answer to a request, a warning about the account) goes out without being asked; so does
the work of officials. A module names the kinds that are a mere service in ``ready()``.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.consents import catalogue, queries
from hienluong.foundation.consents.catalogue import Purpose

from .providers import provider_of

_optional: set[str] = set()
_PERIOD = _("Đến khi bạn rút lại hoặc đóng tài khoản. Bản ghi việc gửi được xóa khi đóng tài khoản.")
_TEXT = _(
    "Nhắc việc ngoài những thông báo mà cơ quan phải gửi: sắp hết hạn bổ sung hồ sơ, và những lời nhắc tương tự. Không đồng ý "
    "thì lời nhắc chỉ hiện trong trang Thông báo."
)


def register(*kinds: str) -> None:
    """Say that messages of these kinds are a service, not owed by law."""
    _optional.update(kinds)


def may_send(kind: str, channel: str, account_id: int) -> bool:
    """Whether a message of this kind may go out to this account over a channel (email, sms, zalo)."""
    return kind not in _optional or queries.may(purpose_of(channel), account_id)


def purpose_of(channel: str) -> str:
    """The purpose that a person agrees to for a channel."""
    return f"notifications.{channel}"


def register_purposes() -> None:
    """Hand over what people are asked for."""
    catalogue.register(
        Purpose(
            purpose_of("email"),
            1,
            _("Nhận lời nhắc qua thư điện tử"),
            _TEXT,
            (_("Địa chỉ thư điện tử"), _("Mã và tên thủ tục của hồ sơ")),
            _("Máy chủ thư của tỉnh và của nhà cung cấp hộp thư của bạn"),
            _PERIOD,
            order=10,
        ),
        Purpose(
            purpose_of("sms"),
            1,
            _("Nhận lời nhắc qua tin nhắn SMS"),
            _TEXT,
            (_("Số điện thoại"), _("Mã và tên thủ tục của hồ sơ")),
            _("Đơn vị gửi tin nhắn cho tỉnh và nhà mạng của bạn"),
            _PERIOD,
            order=11,
            offered=lambda: provider_of("sms") is not None,
        ),
        Purpose(
            purpose_of("zalo"),
            1,
            _("Nhận lời nhắc qua Zalo"),
            _TEXT,
            (_("Số điện thoại"), _("Mã và tên thủ tục của hồ sơ")),
            _("Đơn vị gửi tin cho tỉnh và công ty cung cấp Zalo"),
            _PERIOD,
            order=12,
            offered=lambda: provider_of("zalo") is not None,
        ),
    )
