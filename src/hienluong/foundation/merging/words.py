"""Words of this app that stand in registries."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

PAGE = _("Gộp tài khoản")
PURPOSE = _("Gộp hai tài khoản của chính mình")
AT_COUNTER = _("Gộp tài khoản tại quầy")
NOTICES = _("Thông báo")
PASSKEYS = _("Khóa truy cập")
CODES_APP = _("Ứng dụng tạo mã")
FILES = _("Tệp giấy tờ đã tải lên")
REPRESENTING = _("Quyền đại diện")
CHECKS = _("Lần kiểm tra giấy tờ tại quầy")


def signed_in(request: HttpRequest) -> bool:
    """Whether anybody is."""
    return request.user.is_authenticated
