"""A folder for temporary files for each test run.

pytest keeps those of all runs of a user in one folder, and takes everybody else's right to pass it away at the start of
each run: the database servers of another run, which are another user's, would lose their files under way.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

#: Folders of runs that are over which stay, for whoever looks into what failed.
MOST_KEPT = 3
_NAME = "hl-tests-"  # short: the path of a socket below it must stay under 108 bytes


def folder() -> Path:
    """A new folder for this run; those of runs long over are removed."""
    root = Path(tempfile.gettempdir())
    over = [old for old in root.glob(f"{_NAME}*") if not Path(f"/proc/{old.name.removeprefix(_NAME)}").exists()]
    for old in sorted(over, key=lambda old: old.stat().st_mtime)[:-MOST_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return root / f"{_NAME}{os.getpid()}"
