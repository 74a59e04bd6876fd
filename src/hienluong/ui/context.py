"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

THEMES = ("auto", "light", "dark")

_PREFERENCES = {
    "language": "identity:language",
    "theme": "identity:theme",
    "sign_in": "identity:sign_in",
    "sign_out": "identity:sign_out",
}


def page(request: HttpRequest) -> dict[str, Any]:
    """The province's name, the address of the site, the acting person and their chosen theme."""
    return {
        "province_name": "Quảng Trị",
        "base_url": settings.BASE_URL,
        "actor": getattr(request, "actor", None),
        "theme": theme_of(request),
        "preference_urls": _preference_urls(),
        "demo": getattr(settings, "DEMO", False),
    }


def theme_of(request: HttpRequest) -> str:
    """``light``, ``dark`` or ``auto``: the cookie of this browser, else what the account says."""
    chosen = request.COOKIES.get("hl_theme", "")
    if chosen not in THEMES and settings.SESSION_COOKIE_NAME in request.COOKIES:
        chosen = _theme_of_account(request)
    return chosen if chosen in THEMES else "auto"


def _theme_of_account(request: HttpRequest) -> str:
    try:
        return str(getattr(getattr(request, "user", None), "theme", "auto"))
    except DatabaseError:  # the page that says so must still appear
        return "auto"


def _preference_urls() -> dict[str, str]:
    found = {}
    for key, name in _PREFERENCES.items():
        try:
            found[key] = reverse(name)
        except NoReverseMatch:
            continue
    return found
