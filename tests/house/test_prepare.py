"""What is done before an installation starts, and when it is left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from hienluong.house import prepare
from hienluong.house.children import Plan
from hienluong.house.state import StateFolder
from tests import database

pytestmark = pytest.mark.django_db


@dataclass
class Recorder:
    """A supervisor that writes down what it is to run."""

    plan: Plan
    ran: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """To nobody."""

    def run_once(self, argv: list[str], *, quiet: bool) -> None:
        assert quiet
        self.ran.append(argv[argv.index("django") + 1])


@pytest.fixture
def empty() -> Iterator[str]:
    """A database with nothing in it."""
    name = f"hienluong_trong_{os.getpid()}"
    with psycopg.connect(database.on(os.environ["DATABASE_URL"], "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield database.on(os.environ["DATABASE_URL"], name)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def prepared(folder: Path) -> list[str]:
    (folder / "run").mkdir(exist_ok=True)
    recorder = Recorder(Plan(StateFolder(folder)))
    prepare.prepare(recorder)  # type: ignore[arg-type]
    return recorder.ran


def test_all_is_done_once_and_again_when_the_database_was_replaced_or_the_code_is_another(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated = database.on(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))
    monkeypatch.setenv("DATABASE_URL", empty)
    assert prepared(tmp_path) == ["migrate", "collectstatic"]
    assert prepared(tmp_path) == ["migrate"]  # whatever is written down: nothing is in the database
    monkeypatch.setenv("DATABASE_URL", migrated)
    assert prepared(tmp_path) == []
    monkeypatch.setattr(prepare, "_FOREIGN", ("django",))  # another version of a package, for example
    assert prepared(tmp_path) == ["migrate", "collectstatic"]
