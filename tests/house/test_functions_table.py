"""The table of the 31 functions tells no more than is there: rooms, addresses and pages it names, and its own sums."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/engineers/functions-31.md"
ROW = re.compile(r"^\| (CN\d\d) \| ([^|]+) \| (\w+) \|([^|]*)\|$", re.MULTILINE)
LAYERS = ("foundation/", "capabilities/", "services/", "sectors/", "house/")


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def quoted() -> list[str]:
    return re.findall(r"`([^`\s]+)`", text())


def test_each_function_stands_there_once_with_a_state_and_what_is_missing() -> None:
    rows = ROW.findall(text())
    assert [row[0] for row in rows] == [f"CN{number:02}" for number in range(1, 32)]
    states = Counter(row[2] for row in rows)
    assert set(states) == {"Yes", "Part", "Later"}
    said = f"Of the 31: {states['Yes']} Yes, {states['Part']} Part, {states['Later']} Later."
    assert said in text()
    silent = [
        code for code, _name, state, words in rows if state == "Part" and not re.search("Missing|never tried", words)
    ]
    assert silent == [], "what is only there in part says what is missing"
    assert [code for code, _name, state, words in rows if state == "Yes" and not words.strip()] == []


def test_rooms_and_linked_pages_are_there() -> None:
    rooms = [name for name in quoted() if name.startswith(LAYERS)]
    assert len(rooms) > 20
    here = ROOT / "src/hienluong"
    gone = [name for name in rooms if not (here / name).exists() and not (here / f"{name}.py").exists()]
    assert gone == []
    links = re.findall(r"\]\(([^)#:]+\.md)\)", text())
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


@pytest.mark.django_db
def test_addresses_lead_somewhere() -> None:
    lost = []
    for address in (name for name in quoted() if name.startswith("/") and "…" not in name):
        try:
            resolve(address)
        except Resolver404:
            try:
                resolve(f"{address}/")
            except Resolver404:
                lost.append(address)
    assert lost == []
