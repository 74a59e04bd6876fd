"""All figures together, counted now: each web process says the same, whichever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder

from . import bus, machine, queues

#: Seconds that one query may take: Prometheus waits for ten.
PATIENCE = 5


class _Found:
    """Families that were counted already, as the library wants to be told of them."""

    def __init__(self, families: list[Metric]) -> None:
        self.families = families

    def collect(self) -> Iterator[Metric]:
        """Each once."""
        return iter(self.families)


def made(accept: str, now: datetime) -> tuple[bytes, str]:
    """The figures in the format that `accept` (a header) asks for, and its media type.

    Raises ``OperationalError`` when the database is away or takes too long. A fixed number of queries.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}s'")
        found = [*machine.families(), *queues.families(now), *bus.families(now)]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found(found))
    encode, kind = choose_encoder(accept)
    return encode(registry), kind
