"""Where the pages of this app stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.ui import navigation


def register_entries() -> None:
    """Hand the page over to the navigation, and say what it is there for."""
    purposes.register("privacy.own", _("Lấy bản sao dữ liệu của mình, đóng tài khoản"), "privacy")
    navigation.register("account", _("Dữ liệu của tôi"), url_name="privacy:own", order=39, visible=_signed_in)


def _signed_in(request: HttpRequest) -> bool:
    return request.user.is_authenticated
