"""How the worker is told that a run is to go on."""

from __future__ import annotations

from django.db import connection

CHANNEL = "hienluong_flows"


def wake() -> None:
    """When the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
