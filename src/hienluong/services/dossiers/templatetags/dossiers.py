"""Words for dossiers in templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from hienluong.foundation.files import pictures
from hienluong.services.procedures import grounds
from hienluong.services.procedures.spec import LegalBasis

from ..fetching import in_words
from ..models import Dossier, PostOrder
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
def ground(basis: LegalBasis) -> str:
    """A document of law as a paper names it."""
    return grounds.ground(basis.number, basis.title, basis.issued_on)


_POST = {str(state): state.label for state in PostOrder.State}
_POST_COLOUR = {"delivered": "green", "returned": "red", "failed": "orange", "cancelled": "grey"}


@register.filter
def post_state(state: str) -> str:
    """A state of a parcel."""
    return str(_POST.get(state, state))


@register.filter
def post_colour(state: str) -> str:
    """The tag colour of a state of a parcel."""
    return _POST_COLOUR.get(state, "blue")


@register.filter
def post_moment(at: str) -> str:
    """A moment as the post told it, in our time."""
    found = parse_datetime(at)
    return f"{timezone.localtime(found):%H:%M %d/%m/%Y}" if found and timezone.is_aware(found) else at


@register.filter
def answer_rows(dossier: Dossier) -> list[Row]:
    """The answers of the e-form in order."""
    return data_rows(dossier)


@register.filter
def picture_data(number: str) -> str:
    """A stored picture as a data: address, since papers take nothing from outside; empty for what is no picture."""
    return pictures.as_address(number)


@register.filter
def fetched_from(origin: Mapping[str, Any]) -> str:
    """Where a paper that nobody had to hand in came from."""
    return in_words(origin)


@register.filter
def paper_time(value: datetime | str | None) -> str:
    """A moment as official papers write it: 09 giờ 05 phút, ngày 25 tháng 11 năm 2026; dots when there is none."""
    at = _moment(value)
    if at is None:
        return "……"
    return _("%(hour)s giờ %(minute)s phút, ngày %(day)s tháng %(month)s năm %(year)s") % {
        "hour": f"{at:%H}",
        "minute": f"{at:%M}",
        "day": f"{at:%d}",
        "month": f"{at:%m}",
        "year": f"{at:%Y}",
    }


@register.filter
def paper_date(value: datetime | str | None) -> str:
    """A day as official papers write it: ngày 25 tháng 11 năm 2026; dots when there is none."""
    at = _moment(value)
    if at is None:
        return "……"
    return _("ngày %(day)s tháng %(month)s năm %(year)s") % {
        "day": f"{at:%d}",
        "month": f"{at:%m}",
        "year": f"{at:%Y}",
    }


def _moment(value: datetime | str | None) -> datetime | None:
    """The moment in Việt Nam, also when it was kept as text."""
    at = parse_datetime(value) if isinstance(value, str) else value
    return timezone.localtime(at) if at else None
