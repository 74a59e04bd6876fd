"""Entries of the public navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hienluong.ui import navigation

from . import tour


def register_entries() -> None:
    """Hand the portal's pages over to the navigation."""
    entry = navigation.register
    entry("public", _("Dịch vụ công"), url_name="portal:services", order=10)
    entry("public", _("Tra cứu hồ sơ"), url_name="portal:track", order=20)
    entry("public", _("Hồ sơ của tôi"), url_name="portal:mine", order=30)
    entry("public", _("Hướng dẫn"), url_name="portal:tour", order=90, visible=_has_tour)
    entry("search", _("Tìm dịch vụ"), url_name="portal:services")
    entry("account", _("Hồ sơ của tôi"), url_name="portal:mine", order=20, visible=_is_person)
    entry("account", _("Giấy tờ của tôi"), url_name="portal:papers", order=30, visible=_is_person)


def _has_tour(request: HttpRequest) -> bool:
    return tour.guide() is not None


def _is_person(request: HttpRequest) -> bool:
    actor = getattr(request, "actor", None)
    return bool(actor and actor.party_id)
