"""Every setting that the code reads is in the operators' table, and the table names none that nobody reads."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"\bHIENLUONG_[A-Z0-9_]*[A-Z0-9]\b")
#: Made of the channel's name in ``house/environment.py``.
COMPOSED = {f"HIENLUONG_{channel}_{what}" for channel in ("SMS", "ZALO") for what in ("URL", "TOKEN")}


def test_the_table_of_settings_is_complete_and_true() -> None:
    read = {name for file in (ROOT / "src").rglob("*.py") for name in NAME.findall(file.read_text())}
    told = set(NAME.findall((ROOT / "docs" / "operators" / "settings.md").read_text()))
    assert {name.removesuffix("_FILE") for name in read} - told == set()
    assert told - read - COMPOSED == set()
