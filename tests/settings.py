"""Settings of the tests: the product's own, on the PostgreSQL in DATABASE_URL or an embedded one started for the run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests import database

# The server ends before the folder goes: the last registered ends first.
_scratch = tempfile.TemporaryDirectory(
    prefix="hienluong-tests-", dir=database.quick_place(), ignore_cleanup_errors=True
)
os.environ["HIENLUONG_STATE"] = _scratch.name

# The processes of one run inherit the address, and with it the server, from the process that started them.
if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = database.start_embedded(Path(_scratch.name))
database.ensure_template(os.environ["DATABASE_URL"], Path(_scratch.name))

from hienluong.house.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": STORAGES["default"],  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The threads of live_server must not hold the test database open when the run ends.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405

# Nobody is ever connected to the template, so test processes can copy it at the same moment.
DATABASES["default"]["TEST"] = {"TEMPLATE": database.template_name()}  # noqa: F405

PACKS_NEED_SIGNATURE = False  # the tests of signatures switch it on
SECOND_FACTOR = "nobody"  # the tests of second factors switch it on
