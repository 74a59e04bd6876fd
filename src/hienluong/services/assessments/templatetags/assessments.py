"""Numbers of a verdict as people here write them."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.filter
def exact(value: str) -> str:
    """``94.50`` as ``94,50``, in English as it stands."""
    return value if (get_language() or "vi").startswith("en") else value.replace(".", ",")
