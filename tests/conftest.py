"""Fixtures every test may use."""

from __future__ import annotations

import gc
from datetime import UTC
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from xdist.scheduler import LoadFileScheduling

from tests import temporary
from tests.browser import browser, built_assets, page_desktop, page_phone  # noqa: F401  (fixtures for every test)
from tests.clock import Clock
from tests.snapshots import filled_tables


@pytest.fixture(scope="session", autouse=True)
def _ring_of_keys() -> None:
    """Key files that cost little: a dozen keys go round, and opening a file does not take thousands of rounds of a hash.

    The certificate authorities of this process are made today: what is made on another day is not valid yet on this.
    """
    from hienluong.capabilities.signing import pki

    ring: list[rsa.RSAPrivateKey] = []
    turns, made = count(), pki._new_key

    def key() -> rsa.RSAPrivateKey:
        if len(ring) < 12:
            ring.append(made())
            return ring[-1]
        return ring[3 + next(turns) % 9]  # the first are the authorities'

    pki._new_key = key
    pki._encryption = lambda: PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).build(pki._passphrase())
    pki.tsa_file()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A run's temporary files are its own, unless a folder was named; its processes are told theirs by it."""
    if config.option.basetemp is None:
        config.option.basetemp = temporary.folder()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock of the product."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment.astimezone(UTC))


# A slow machine is no fault of the code.
# What is found is made small, but not explained: that takes minutes.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink),
)
settings.load_profile("any machine")

#: The files of this folder share one running installation, except those that start one of their own.
SHARING, NOT_SHARING = "tests/house/", ("test_demo.py", "test_every_page_browser.py", "test_failures_browser.py")


class ByFile(LoadFileScheduling):
    """The tests of a file go to one process, in the order in which they were collected: what a file sets up for all of
    them is set up once.

    The last process begins with the browser tests, which take longest.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = nodeid.split("::", 1)[0]
        shares = file.startswith(SHARING) and not file.endswith(NOT_SHARING)
        return SHARING if shares else file

    def _assign_work_unit(self, node: Any) -> None:
        self.workqueue.move_to_end(self._next_for(node), last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: Any) -> str:
        """The first scope that waits: for the last process, the first with browser tests."""
        scopes = list(self.workqueue)
        if len(self.nodes) > 1 and node is self.nodes[-1]:
            return next(filter(_browses, scopes), scopes[0])
        return next((scope for scope in scopes if not _browses(scope)), scopes[0])


@cache
def _browses(scope: str) -> bool:
    """Whether there are browser tests in a file."""
    return scope.endswith(".py") and "mark.browser" in Path(scope).read_text("utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Whatever ``--dist`` says."""
    return ByFile(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded now stays: the collector of garbage need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--with-database", action="store_true", help="only tests that reach the database")


def reaches_database(item: pytest.Item) -> bool:
    """Whether a test works on the database (or starts an installation on it)."""
    fixtures = set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("external")
    return bool(marked or fixtures & {"db", "transactional_db", "django_db_setup"})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what ``--with-database`` says; files with browser tests come last, the longest of them first.

    A test that drives a browser or a whole installation waits for other processes on a machine that is full of them: it
    may fail once and is tried again. The run's summary names it (RERUN), so that somebody looks why.
    """
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("house"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    if config.getoption("--with-database"):
        away = [item for item in items if not reaches_database(item)]
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if reaches_database(item)]
    browsing = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.path in browsing, item.path.name != "test_every_page_browser.py"))


_APPEND_ONLY = ("audit_entry", "audit_personaldataread", "transparency_logentry", "transparency_node")


@pytest.fixture(autouse=True)
def _quick_flush() -> None:
    """After a transactional test, empty the tables that hold something, and those that refer to them.

    Emptying all of them takes a good part of a second. The owner may empty the append-only tables, too; the product
    never does.
    """
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda self: _flush()  # type: ignore[method-assign]


def _flush() -> None:
    held = filled_tables()
    if not held:
        return
    with connection.cursor() as cursor:
        for table in _APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(held)} CASCADE")
        for table in _APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture(autouse=True)
def _fresh_calendars() -> None:
    """A process keeps the working calendars in memory; what one test rolled back must not reach the next."""
    from hienluong.foundation.calendars import schedule

    schedule.forget()


@pytest.fixture(autouse=True)
def _fresh_code_lists() -> None:
    """The same for code lists."""
    from hienluong.foundation.codelists import snapshots

    snapshots.forget()
