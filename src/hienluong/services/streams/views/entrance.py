"""The way into the pages of this app: who may enter, where one is, and what else is there."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed
from hienluong.foundation.identity.officials import actor_of

from ..registry import MANAGE
from ..subscriptions import REQUEST, SHARE


def entering(request: HttpRequest) -> Actor:
    """Who asks. Raises NotAllowed for whoever has nothing to do with events."""
    actor = actor_of(request)
    if not any(actor.paths_with(code) for code in (REQUEST, SHARE, MANAGE)):
        raise NotAllowed(_("Bạn không có quyền xem dòng sự kiện."))
    return actor


def crumbs(*last: tuple[str, str]) -> list[tuple[str, str]]:
    """Where a page of this app is."""
    return [(_("Trang chủ"), "/"), (_("Dòng sự kiện"), reverse("streams:list") if last else ""), *last]


def parts(current: str) -> list[dict[str, object]]:
    """The links between the three lists of this app."""
    named = [
        ("list", _("Đăng ký nhận")),
        ("undelivered", _("Chưa giao được")),
        ("types", _("Loại sự kiện")),
    ]
    return [{"label": label, "href": reverse(f"streams:{name}"), "current": name == current} for name, label in named]
