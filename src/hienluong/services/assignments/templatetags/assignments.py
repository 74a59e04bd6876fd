"""What templates ask about tasks."""

from __future__ import annotations

from django import template

from ..models import Assignment
from ..presentation import colour, is_late

register = template.Library()
register.filter("task_colour", colour)


@register.filter
def late(task: Assignment) -> bool:
    """Whether it is still in hand after its due time."""
    return is_late(task)
