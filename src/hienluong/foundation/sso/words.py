"""Words that are needed before the pages are."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

PURPOSE = _("Đăng nhập vào hệ thống khác bằng tài khoản của tỉnh")
SYSTEMS = _("Hệ thống kết nối")
AGREED = _("Đã đồng ý cho hệ thống")
CONSENTS = _("Hệ thống đã đồng ý")
ADMINISTRATION = _("Quản lý hệ thống kết nối đăng nhập")


def signed_in(request: HttpRequest) -> bool:
    """Whether the page is somebody's."""
    return request.user.is_authenticated
