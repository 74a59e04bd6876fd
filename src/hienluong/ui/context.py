"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """The province's name, the address of the site, and the acting person."""
    return {
        "province_name": "Quảng Trị",
        "base_url": settings.BASE_URL,
        "actor": getattr(request, "actor", None),
    }
