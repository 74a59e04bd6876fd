"""The table of OWASP ASVS 5.0 has every requirement of its chapters once, and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "engineers" / "asvs.md").read_text("utf-8")
#: How many requirements each section of 5.0.0 has.
SECTIONS = {
    "6.1": 3,
    "6.2": 12,
    "6.3": 8,
    "6.4": 6,
    "6.5": 8,
    "6.6": 4,
    "6.7": 2,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 3,
    "7.6": 2,
    "8.1": 4,
    "8.2": 4,
    "8.3": 3,
    "8.4": 2,
    "9.1": 3,
    "9.2": 4,
    "10.1": 2,
    "10.2": 3,
    "10.3": 5,
    "10.4": 16,
    "10.5": 5,
    "10.6": 2,
    "10.7": 3,
}
ROW = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| ([123]) \| ([^|]+) \| (met|not met|n/a) \| ([^|]*) \| `([^`|]+)` \|$", re.MULTILINE
)


def test_every_requirement_has_one_row() -> None:
    expected = [f"{section}.{number}" for section, most in SECTIONS.items() for number in range(1, most + 1)]
    assert [row[0] for row in ROW.findall(TABLE)] == expected
    assert len(expected) == 122
    assert len(re.findall(r"^\| \d", TABLE, re.MULTILINE)) == len(expected), "a row that is not read"


def test_what_is_named_exists() -> None:
    missing = []
    for number, _level, _asked, verdict, how, shown in ROW.findall(TABLE):
        if shown.startswith("docs/"):
            found = (ROOT / shown).is_file()
        else:
            path, _colons, name = shown.partition("::")
            file = ROOT / "tests" / path
            found = file.is_file() and (
                not name or re.search(rf"^(async )?def {name}\(", file.read_text("utf-8"), re.MULTILINE)
            )
        if not found:
            missing.append(f"{number}: {shown}")
        if verdict == "not met":
            assert how.strip(), f"{number}: say what is missing"
    assert missing == []
