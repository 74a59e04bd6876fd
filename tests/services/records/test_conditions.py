"""Conditions of an agreement, as people write and read them."""

from __future__ import annotations

import pytest

from hienluong.foundation.actions import InvalidInput
from hienluong.services.records import conditions
from tests.capabilities.registers.sample import wells

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("line", "name", "value", "words"),
    [
        ("Giếng sâu = Có", "deep", "true", "Giếng sâu: Có"),
        ("giếng sâu=không", "deep", "false", "Giếng sâu: Không"),
        ("deep=true", "deep", "true", "Giếng sâu: Có"),
        ("Độ sâu (m) từ 1.200,5", "depth__from", "1200.5", "Độ sâu (m) từ 1.200,5"),
        ("Độ sâu (m) đến 40", "depth__to", "40", "Độ sâu (m) đến 40"),
        ("depth__to = 40,5", "depth__to", "40.5", "Độ sâu (m) đến 40,5"),
        ("không có = 1", "không có", "1", "không có: 1"),
    ],
)
def test_a_line_is_understood_and_told(line: str, name: str, value: str, words: str) -> None:
    spec = wells()
    assert conditions.read(spec, f"\n {line} \n") == {name: value}
    assert conditions.told(spec, {name: value}) == words


def test_what_is_not_understood_is_answered_with_an_example() -> None:
    with pytest.raises(InvalidInput, match=r"Không hiểu “sâu quá”.*Giếng sâu = Có; Độ sâu \(m\) từ 10"):
        conditions.read(wells(), "sâu quá")
