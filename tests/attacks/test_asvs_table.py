"""The table of OWASP ASVS 5.0 has every requirement of its chapters once, and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "engineers" / "asvs.md").read_text("utf-8")
#: The level of each requirement of each section of 5.0.0.
SECTIONS = {
    "6.1": "122",
    "6.2": "111111112222",
    "6.3": "11223333",
    "6.4": "112233",
    "6.5": "22222333",
    "6.6": "2223",
    "6.7": "33",
    "6.8": "2222",
    "7.1": "222",
    "7.2": "1111",
    "7.3": "22",
    "7.4": "11222",
    "7.5": "223",
    "7.6": "22",
    "8.1": "1233",
    "8.2": "1123",
    "8.3": "133",
    "8.4": "23",
    "9.1": "111",
    "9.2": "1222",
    "10.1": "22",
    "10.2": "223",
    "10.3": "22223",
    "10.4": "1111122222233333",
    "10.5": "22222",
    "10.6": "22",
    "10.7": "222",
}
ROW = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| ([123]) \| ([^|]+) \| (met|not met|n/a) \| ([^|]*) \| `([^`|]+)` \|$", re.MULTILINE
)


def test_every_requirement_has_one_row() -> None:
    expected = [
        (f"{section}.{number}", level)
        for section, levels in SECTIONS.items()
        for number, level in enumerate(levels, start=1)
    ]
    assert [row[:2] for row in ROW.findall(TABLE)] == expected
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
