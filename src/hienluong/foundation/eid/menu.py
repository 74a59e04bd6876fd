"""Where the pages of this app stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.ui import navigation

LINKS = _("Liên kết định danh điện tử")
PURPOSE = _("Đăng nhập bằng định danh điện tử")


def register_entries() -> None:
    """Hand the entry over to the navigation."""
    navigation.register(
        "staff",
        _("Nguồn định danh điện tử"),
        url_name="eid:providers",
        order=819,
        group=navigation.SECURITY,
        permission="eid.manage",
    )
