"""Where the pages of this app stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hienluong.ui import navigation

PURPOSE = _("Đăng nhập và bảo mật tài khoản của chính mình")
RESET = _("Đặt lại yếu tố xác thực")
RESET_WHEN = _("Còn mật khẩu, mất khóa truy cập hoặc ứng dụng tạo mã.")


def register_entries() -> None:
    """Hand the entries over to the navigation."""
    navigation.register("account", _("Bảo mật, thiết bị"), url_name="signin:security", order=85, visible=_signed_in)


def _signed_in(request: HttpRequest) -> bool:
    return request.user.is_authenticated
