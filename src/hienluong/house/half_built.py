"""Indexes that an interrupted upgrade left behind: taken away before the next one, which would stumble over them.

An index that is built without locking its table is built outside a transaction. Who stops the product meanwhile (Ctrl-C, a
power cut) leaves it half built, or whole but not written down; the migration then runs again and finds its name taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connections
from django.db.migrations import Migration

#: One of the apps that are told.
ONE_APP = "audit"


def clear(plan: Sequence[tuple[Migration, bool]], using: str = "default") -> list[str]:
    """Drop what the migrations of this plan are about to build; returns the names of the indexes that were asked for."""
    wanted = [
        operation.index.name
        for migration, backwards in plan
        if not backwards
        for operation in migration.operations
        if isinstance(operation, AddIndexConcurrently)
    ]
    connection = connections[using]
    with connection.cursor() as cursor:
        for name in wanted:
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}")
    return wanted


def before_migrating(sender: Any, plan: Sequence[tuple[Migration, bool]], using: str, **kwargs: Any) -> None:
    """Hear that migrations are about to run; once, though every app with tables is told."""
    if sender.label == ONE_APP:
        clear(plan, using)
