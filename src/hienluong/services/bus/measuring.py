"""Queues of neighbours that are measured with the bus: each says how many things wait in it, or lie there for good."""

from __future__ import annotations

from collections.abc import Callable

from hienluong.foundation.events.models import Handover

#: By name: how many could not be delivered and wait for a person.
_undelivered: dict[str, Callable[[], int]] = {}


def register_undelivered(name: str, count: Callable[[], int]) -> None:
    """Hand over a count of what could not be delivered and waits for a person; called from ``ready()``."""
    _undelivered[name] = count


def undelivered() -> dict[str, int]:
    """What waits for a person, by queue; one query each."""
    return {"handovers": Handover.objects.filter(given_up_at__isnull=False).count()} | {
        name: count() for name, count in sorted(_undelivered.items())
    }
