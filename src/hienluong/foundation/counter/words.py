"""Words of this app that stand in registries."""

from django.utils.translation import gettext_lazy as _

PAGE = _("Tài khoản người dân, tại quầy")
PURPOSE = _("Kiểm tra giấy tờ tại quầy, mở và khôi phục tài khoản người dân")
