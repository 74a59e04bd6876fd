"""Words that are needed before the pages are."""

from django.utils.translation import gettext_lazy as _

PURPOSE = _("Đăng nhập vào hệ thống khác bằng tài khoản của tỉnh")
