"""Words for dossiers in templates."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from ..models import Dossier
from ..presentation import PLAIN, STATE_COLOUR, Row, data_rows

register = template.Library()


@register.filter
def plain_verb(verb: str) -> str:
    """A step in words a person understands."""
    return _(PLAIN.get(verb, verb))


@register.filter
def state_colour(state: str) -> str:
    """The tag colour of a business state."""
    return STATE_COLOUR.get(state, "grey")


@register.filter
def answer_rows(dossier: Dossier) -> list[Row]:
    """The answers of the e-form in order."""
    return data_rows(dossier)
