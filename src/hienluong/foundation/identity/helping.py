"""How an administrator helps somebody back into an account; apps above hand their ways over in ``ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from .models import Account


@dataclass(frozen=True)
class Way:
    """One way: the page it is done on, when it is the right one, and for which accounts it is there at all."""

    label: Promise
    url_name: str
    when: Promise
    fits: Callable[[Account], bool]


_ways: list[Way] = []


def hand_over(way: Way) -> None:
    """Offer this way on the page of an account; the same page again replaces the first."""
    _ways[:] = [each for each in _ways if each.url_name != way.url_name]
    _ways.append(way)


def ways_for(account: Account) -> list[Way]:
    """The ways that this account can be helped by."""
    return [way for way in _ways if way.fits(account)]
