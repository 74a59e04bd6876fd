"""A web process is loaded before its first request, and what was loaded is set aside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from .running import environment

SCRIPT = """
import gc, json, sys
from hienluong.house import wsgi
from django.urls import get_resolver
print(json.dumps({
    "loaded": "hienluong.sectors.health.food_safety.urls" in sys.modules,
    "addresses": "urlconf_module" in vars(get_resolver()),
    "collects": gc.isenabled(),
    "aside": gc.get_freeze_count(),
    "left": len(gc.get_objects()),
}))
"""


def test_a_web_process_has_loaded_all_before_its_first_request(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        env=environment(
            HIENLUONG_STATE=str(tmp_path),
            DATABASE_URL="postgresql://nobody@127.0.0.1:9/none",
            DJANGO_SETTINGS_MODULE="hienluong.house.settings",
        ),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["loaded"]
    assert found["addresses"]
    assert found["collects"]
    assert found["left"] < found["aside"] / 10
