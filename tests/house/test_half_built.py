"""An upgrade that was interrupted while it built an index runs through when it is started again."""

from __future__ import annotations

import pytest
from django.core.management.sql import emit_pre_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hienluong.house import half_built

#: A migration that builds an index without locking its table.
APP, NAME = "dossiers", "dossier_waits"


def _plan() -> list[object]:
    """The plan of a database that has not seen these migrations."""
    executor = MigrationExecutor(connection)
    wanted = [key for key in executor.loader.graph.nodes if key[0] == APP]
    return [(executor.loader.graph.nodes[key], False) for key in wanted]


@pytest.mark.django_db
def test_what_is_about_to_be_built_is_taken_away_first() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_class WHERE relname = %s", [NAME])
        assert cursor.fetchone()
        emit_pre_migrate_signal(verbosity=0, interactive=False, db="default", plan=_plan())
        cursor.execute("SELECT 1 FROM pg_class WHERE relname = %s", [NAME])
        assert cursor.fetchone() is None


@pytest.mark.django_db
def test_nothing_is_touched_when_there_is_nothing_to_do_or_it_is_undone() -> None:
    assert half_built.clear([]) == []
    assert half_built.clear([(migration, True) for migration, _back in _plan()]) == []  # type: ignore[misc, attr-defined]
