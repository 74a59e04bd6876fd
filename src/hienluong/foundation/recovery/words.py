"""Words of this app that stand in registries."""

from django.utils.translation import gettext_lazy as _

RECOVER = _("Khôi phục tài khoản")
RECOVER_WHEN = _("Mất khóa truy cập hoặc ứng dụng tạo mã, còn hay quên mật khẩu. Cần hai người quản trị.")
PURPOSE = _("Vào lại tài khoản của chính mình")
ADMINISTRATION = _("Khôi phục tài khoản cán bộ, cần hai người")
