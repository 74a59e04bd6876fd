"""Whether providers answer: seen by each who signs in and by a look every five minutes; written only when it changes."""

from __future__ import annotations

from django.conf import settings

from hienluong.foundation.actions import system

from . import actions, wire
from .configured import Provider
from .models import Condition


def answered(provider: Provider) -> None:
    """It did just now."""
    if Condition.objects.filter(provider=provider.key, away_since__isnull=False).exists():
        actions.note_back(system(provider.name), provider=provider)


def failed(provider: Provider, fault: str) -> None:
    """It did not just now."""
    known = Condition.objects.filter(provider=provider.key, away_since__isnull=False, fault=fault[:120])
    if not known.exists():
        actions.note_away(system(provider.name), provider=provider, fault=fault)


def look(provider: Provider) -> str:
    """Ask a provider what it is and for its keys; what is wrong, empty when nothing is."""
    try:
        wire.keys(wire.endpoints(provider, now=True), now=True)
    except wire.Away as fault:
        failed(provider, str(fault))
        return str(fault)
    answered(provider)
    return ""


def away() -> set[str]:
    """The keys of the providers that did not answer when last asked."""
    if not settings.IDENTITY_PROVIDERS:
        return set()
    return set(Condition.objects.filter(away_since__isnull=False).values_list("provider", flat=True))
