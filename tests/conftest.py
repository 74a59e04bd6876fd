"""Fixtures every test may use."""

from __future__ import annotations

from datetime import UTC

import pytest
from django.db import connection
from django.utils import timezone

from tests.browser import browser, built_assets, page_desktop, page_phone  # noqa: F401  (fixtures for every test)
from tests.clock import Clock


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock of the product."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment.astimezone(UTC))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last, the group of the demo before the others.

    Playwright's synchronous API leaves an event loop in its thread, and a test that runs one of its own (signing does)
    cannot come after it in the same process.
    """

    def place(item: pytest.Item) -> int:
        group = item.get_closest_marker("xdist_group")
        if group and group.args[0] in groups:
            return 1
        return 2 if item.get_closest_marker("browser") else 0

    groups = {
        group.args[0]
        for item in items
        if item.get_closest_marker("browser") and (group := item.get_closest_marker("xdist_group"))
    }
    items.sort(key=place)


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
