"""Fixtures every test may use."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.browser import browser, built_assets, page_desktop, page_phone  # noqa: F401  (fixtures for every test)

_APPEND_ONLY = ("audit_entry", "audit_personaldataread", "transparency_logentry", "transparency_node")


@pytest.fixture(autouse=True)
def _append_only_tables_can_be_flushed(request: pytest.FixtureRequest) -> None:
    """Let the flush after a transactional test empty the append-only tables (the owner may; the product never does)."""
    from django.test import TransactionTestCase

    if getattr(TransactionTestCase, "_hienluong_flush", False):
        return
    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            for table in _APPEND_ONLY:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        original(self)
        with connection.cursor() as cursor:
            for table in _APPEND_ONLY:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    TransactionTestCase._hienluong_flush = True  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _fresh_calendars() -> None:
    """A process keeps the working calendars in memory; what one test rolled back must not reach the next."""
    from hienluong.foundation.calendars import schedule

    schedule.forget()
