"""The bell."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hienluong.ui import navigation

from .models import Notification


def register_entries() -> None:
    """Hand the bell over to the navigation."""
    navigation.register("bell", _("Thông báo"), url_name="notifications:index", badge=_unread, visible=_signed_in)


def _signed_in(request: HttpRequest) -> bool:
    return request.user.is_authenticated


def _unread(request: HttpRequest) -> int | str | None:
    count = Notification.objects.filter(account_id=request.user.pk or 0, read_at__isnull=True)[:100].count()
    return "99+" if count > 99 else count
