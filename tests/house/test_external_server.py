"""On a database server of the province's own: start, stop, doctor, backup while writing, restore into a new database.

Any server that DATABASE_URL names will do; ``scripts/test`` runs this on Debian's PostgreSQL 15.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import database
from tests.house.running import Installation, hienluong
from tests.house.test_backup import backup_while_writing, count

# One test process runs them: they share the server's databases by name.
pytestmark = [pytest.mark.house, pytest.mark.external]


@pytest.fixture
def new_database() -> Iterator[Callable[[str], str]]:
    """Make an empty database on the server; gone after the test."""
    server = os.environ["DATABASE_URL"]
    made: list[str] = []

    def make(name: str) -> str:
        name = f"hienluong_{name}_{os.getpid()}"
        with psycopg.connect(database.on(server, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        made.append(name)
        return database.on(server, name)

    yield make
    with psycopg.connect(database.on(server, "postgres"), autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_whole_life_on_a_named_server(new_database: Callable[[str], str], tmp_path: Path) -> None:
    first = {"DATABASE_URL": new_database("mot")}
    running = Installation(tmp_path / "mot", env=first).start()
    target = tmp_path / "hl.tar"
    try:
        assert [child["name"] for child in running.status()["children"]] == ["mail", "worker", "web"]
        assert not (tmp_path / "mot" / "pg").exists()
        backup_while_writing(running, target, tmp_path / "stop")
        verdict = running.run("doctor", "--port", str(running.port))
        with psycopg.connect(first["DATABASE_URL"]) as connection:
            number = connection.info.server_version // 10000
        assert f"PostgreSQL: phiên bản {number}" in verdict.stdout
        assert "✓ Đồng hồ, so với máy chủ cơ sở dữ liệu: khớp" in verdict.stdout
    finally:
        running.stop()

    full = hienluong("restore", str(target), "--state", str(tmp_path / "day"), **first)
    assert full.returncode == 1
    assert "không trống" in full.stdout

    second = {"DATABASE_URL": new_database("hai")}
    restored = hienluong("restore", str(target), "--state", str(tmp_path / "hai"), **second)
    assert restored.returncode == 0, restored.stdout
    assert count(second["DATABASE_URL"], "SELECT count(*) FROM identity_account WHERE username LIKE 'sao_'") == 3
    assert not (tmp_path / "hai" / "pg").exists()
    copy = Installation(tmp_path / "hai", env=second).start()
    try:
        whole = copy.run("audit", "verify")
        assert whole.returncode == 0, whole.stdout
    finally:
        copy.stop()
