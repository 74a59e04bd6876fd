"""Where the pages of this app stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.ui import navigation


def register_entries() -> None:
    """Hand the page over to the navigation, and say what it is there for."""
    purposes.register("consents.own", _("Quyết định việc dùng dữ liệu của mình"), "consents")
    navigation.register("account", _("Đồng ý của tôi"), url_name="consents:mine", order=42, visible=_signed_in)


def _signed_in(request: HttpRequest) -> bool:
    return request.user.is_authenticated
