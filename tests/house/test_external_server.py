"""On a database server of the province's own, files in a bucket: start, stop, doctor, backup while writing, restore into
a new database and another bucket, keys kept elsewhere.

Any server that DATABASE_URL names will do; ``scripts/test`` runs this on Debian's PostgreSQL 15.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg import sql

from tests import database
from tests.house.running import Installation, hienluong
from tests.house.test_backup import backup_while_writing, count, members_of, refused

# One test process runs them: they share the server's databases by name.
pytestmark = [pytest.mark.house, pytest.mark.external]


KEYS = {"AWS_ACCESS_KEY_ID": "thu", "AWS_SECRET_ACCESS_KEY": "thu", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def new_database() -> Iterator[Callable[[str, str], str]]:
    """Make a database on the server, as a copy of another; gone after the test."""
    server = os.environ["DATABASE_URL"]
    made: list[str] = []

    def make(name: str, of: str) -> str:
        name = f"hienluong_{name}_{os.getpid()}"
        with psycopg.connect(database.on(server, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, of))))
        made.append(name)
        return database.on(server, name)

    yield make
    with psycopg.connect(database.on(server, "postgres"), autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Somewhere for files, with the buckets ``mot`` and ``hai``."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HIENLUONG_S3_ENDPOINT", "http://{}:{}".format(*server.get_host_and_port()))
    client = boto3.client("s3", endpoint_url=os.environ["HIENLUONG_S3_ENDPOINT"])
    for bucket in ("mot", "hai"):
        client.create_bucket(Bucket=bucket)
    yield client
    server.stop()


def test_a_whole_life_on_a_named_server(new_database: Callable[[str, str], str], buckets: Any, tmp_path: Path) -> None:
    # Migrated on this server, by what ``up`` does in an empty database (tests/database.py).
    first = {"DATABASE_URL": new_database("mot", database.template_name()), "HIENLUONG_S3_BUCKET": "mot"}
    running = Installation(tmp_path / "mot", env=first, migrated=True).start()
    target = tmp_path / "hl.tar"
    try:
        assert [child["name"] for child in running.status()["children"]] == [
            "mail",
            "events",
            "gateway",
            "mediator",
            "worker",
            "web",
        ]
        assert not (tmp_path / "mot" / "pg").exists()
        before, after = backup_while_writing(running, target, tmp_path / "stop", "--no-secrets")
        verdict = running.run("doctor", "--port", str(running.port))
        with psycopg.connect(first["DATABASE_URL"]) as connection:
            number = connection.info.server_version // 10000
        assert f"PostgreSQL: phiên bản {number}" in verdict.stdout
        assert "✓ Đồng hồ, so với máy chủ cơ sở dữ liệu: khớp" in verdict.stdout
    finally:
        running.stop()
    assert not list((tmp_path / "mot" / "files").glob("*/*"))
    members = members_of(target)
    contents = {name.split("/")[-1] for name in members if name.startswith("files/")}
    assert 3 < before <= len(contents) < after
    assert not [name for name in members if name.startswith("secrets/")]
    refused(target, tmp_path, "--secrets-from")

    secrets = ("--secrets-from", str(tmp_path / "mot" / "secrets"))
    full = hienluong("restore", str(target), "--state", str(tmp_path / "day"), *secrets, **first)
    assert full.returncode == 1
    assert "không trống" in full.stdout

    second = {"DATABASE_URL": new_database("hai", "template0"), "HIENLUONG_S3_BUCKET": "hai"}
    restored = hienluong("restore", str(target), "--state", str(tmp_path / "hai"), *secrets, **second)
    assert restored.returncode == 0, restored.stdout
    assert count(second["DATABASE_URL"], "SELECT count(*) FROM identity_account WHERE username LIKE 'sao_'") == 3
    assert not (tmp_path / "hai" / "pg").exists()
    assert not list((tmp_path / "hai" / "files").glob("*/*"))
    assert {entry["Key"] for entry in buckets.list_objects_v2(Bucket="hai")["Contents"]} == contents
    database.note_prepared(tmp_path / "hai")
    copy = Installation(tmp_path / "hai", env=second).start()
    try:
        assert "Nâng cấp" not in copy.said  # the restored database has every migration
        whole = copy.run("audit", "verify")
        assert whole.returncode == 0, whole.stdout
    finally:
        copy.stop()
