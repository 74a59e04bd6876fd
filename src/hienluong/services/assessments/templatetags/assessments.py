"""Numbers of a verdict as people here write them."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.filter
def exact(value: str) -> str:
    """``94.50`` as ``94,5`` and ``13.00`` as ``13``; in English with a point."""
    short = value.rstrip("0").rstrip(".") if "." in value else value
    return short if (get_language() or "vi").startswith("en") else short.replace(".", ",")
