"""Words for permissions in templates."""

from __future__ import annotations

from django import template

from hienluong.foundation.actions import permissions

register = template.Library()


@register.filter
def permission_label(code: str) -> str:
    """What a permission code allows, in the language of the reader."""
    return permissions.label(code)
