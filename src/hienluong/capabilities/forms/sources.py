"""Choices that come from elsewhere in the house: a widget names them, whoever owns them hands them over."""

from __future__ import annotations

from collections.abc import Callable

from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.properties import Property

Choices = list[tuple[str, str]]
_providers: dict[str, Callable[[], Choices]] = {}


def register(widget: str, provider: Callable[[], Choices]) -> None:
    """Let `provider` give the choices of a widget (value, label); called from ``ready()``."""
    _providers[widget] = provider


def choices(widget: str) -> Choices:
    """The choices of a widget, empty when nobody gives any."""
    provider = _providers.get(widget)
    return provider() if provider else []


def of_list(prop: Property) -> Choices:
    """The codes that a field of a code list takes today; none when there are too many to choose from in a box."""
    return lists.choices(prop)


def communes() -> Choices:
    """The commune-level units of the province today, by their own names (“Phường Đông Hà”)."""
    from django.utils import timezone

    from hienluong.foundation.organisations.models import Organization

    rows = Organization.objects.filter(kind=Organization.Kind.COMMUNE, valid__contains=timezone.localdate())
    names = [_unit_name(name) for name in rows.order_by("sort_name", "name").values_list("name", flat=True)]
    return [(name, name) for name in names]


def _unit_name(committee: str) -> str:
    """“UBND phường Đông Hà” → “Phường Đông Hà”."""
    for prefix in ("Ủy ban nhân dân ", "UBND "):
        committee = committee.removeprefix(prefix)
    return committee[:1].upper() + committee[1:]
