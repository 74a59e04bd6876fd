"""The state folder: everything an installation must keep is below it."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StateFolder:
    """Paths and secrets of one installation."""

    path: Path

    @classmethod
    def from_environment(cls) -> StateFolder:
        """The folder named by ``HIENLUONG_STATE``, else ``./state``."""
        return cls(Path(os.environ.get("HIENLUONG_STATE", "state")).absolute())

    def secret(self, name: str) -> str:
        """A random secret kept in ``secrets/`` (mode 600); made at first use, once, also under a race."""
        folder = self.path / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / name
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text().strip()
        with os.fdopen(handle, "w") as out:
            value = secrets.token_urlsafe(48)
            out.write(value)
        return value

    def database_url(self) -> str:
        """Where the embedded PostgreSQL of this folder listens (a socket in the folder)."""
        file = self.path / "run" / "database.url"
        if file.exists():
            return file.read_text().strip()
        return f"postgresql://postgres@/hienluong?host={self.path / 'run'}"
