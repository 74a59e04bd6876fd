"""Before the web starts: migrations and static files, skipped when nothing changed; the demo when asked."""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path

import psycopg

from .children import Plan
from .demo.accounts import ACCOUNTS
from .supervisor import Supervisor

PACKAGE = Path(__file__).resolve().parent.parent
#: Files that make the demo what it is, by suffix.
_DEMO_KINDS = {".py", ".yaml", ".bpmn", ".html"}
#: Packages that bring migrations or static files of their own.
_FOREIGN = ("django", "procrastinate", "django-htmx", "whitenoise", "django-allauth")


def prepare(supervisor: Supervisor) -> None:
    """Bring the database and the static files up to this version of the code; load the demo when asked."""
    plan = supervisor.plan
    migrate(supervisor)
    if _read(stamp(plan, "static")) != digest(static_files()):
        supervisor.say("Chuẩn bị tệp giao diện …")
        supervisor.run_once(_django("collectstatic", "--noinput", "--clear", "-v", "0"), quiet=True)
        stamp(plan, "static").write_text(digest(static_files()))
    if plan.demo:
        _trust_simulator(plan)
    if plan.demo and not _has_demo(plan):
        supervisor.run_once(_django("load_demo"), quiet=False)
        stamp(plan, "demo").write_text(digest(_demo_inputs()))


def _trust_simulator(plan: Plan) -> None:
    """Verification of the demo believes the authority of the simulated signing service, which is made here once."""
    file = plan.state.path / "trust" / "mo-phong-ky-tu-xa.pem"
    if file.exists() or os.environ.get("HIENLUONG_TRUST_FOLDER"):
        return
    from cryptography.hazmat.primitives.serialization import Encoding

    from .simulators import csc_book

    root, _issuing, _answering = csc_book.authority(plan.state.path / "csc", f"http://127.0.0.1:{plan.csc_port}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(root.certificate.public_bytes(Encoding.PEM))


def migrate(supervisor: Supervisor) -> None:
    """Bring the database up to this version of the code."""
    if not _is_migrated(supervisor.plan):
        supervisor.say("Nâng cấp cơ sở dữ liệu …")
        supervisor.run_once(_django("migrate", "--noinput", "-v", "0"), quiet=True)
        stamp(supervisor.plan, "database").write_text(digest(migrations()))


def _django(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "django", *arguments]


def migrations() -> list[Path]:
    """Our own; those of packages come with their versions."""
    return sorted(PACKAGE.rglob("migrations/[0-9]*.py"))


def _is_migrated(plan: Plan) -> bool:
    """Whether the database has each migration of this code; asks the database itself, it may have been replaced."""
    if _read(stamp(plan, "database")) != digest(migrations()):
        return False
    wanted = {(file.parent.parent.name, file.stem) for file in migrations()}
    with psycopg.connect(plan.database_url) as connection:
        try:
            applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
        except psycopg.errors.UndefinedTable:
            return False
    return wanted <= set(applied)


def static_files() -> list[Path]:
    """What is collected of ours."""
    return sorted(path for path in PACKAGE.rglob("static/**/*") if path.is_file())


def _demo_inputs() -> list[Path]:
    return sorted(
        path
        for folder in ("house/demo", "sectors")
        for path in (PACKAGE / folder).rglob("*.*")
        if path.suffix in _DEMO_KINDS
    )


def _has_demo(plan: Plan) -> bool:
    """Whether this very demo was loaded to its end into this database."""
    if _read(stamp(plan, "demo")) != digest(_demo_inputs()):
        return False
    names = [account.username for account in ACCOUNTS]
    with psycopg.connect(plan.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM identity_account WHERE username = ANY(%s)", [names]).fetchone()
    return row is not None and row[0] == len(names)


def stamp(plan: Plan, name: str) -> Path:
    """Where it is written down of what code the ``database``, the ``static`` files or the ``demo`` are."""
    return plan.state.path / "run" / f"{name}.stamp"


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def digest(inputs: list[Path]) -> str:
    """What changes with these files (by size and time) and with the packages that bring some of their own."""
    found = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _FOREIGN).encode())
    for path in inputs:
        info = path.stat()
        found.update(f"{path.relative_to(PACKAGE)}:{info.st_size}:{info.st_mtime_ns}\n".encode())
    return found.hexdigest()
