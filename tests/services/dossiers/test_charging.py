"""What cannot be counted into đồng is said in words before anything is filed; it is no error page."""

from __future__ import annotations

from typing import Any

import pytest

from hienluong.services.dossiers.charging import NotComputable, lines_for
from hienluong.services.procedures.spec import ChargeRule


def rule(amount: Any) -> ChargeRule:
    table = {"inputs": ["pages"], "rows": [{"then": {"amount": amount}}]}
    return ChargeRule(code="LP", name="Lệ phí", kind="fee", table=table, legal_basis="x", text="x")


@pytest.mark.parametrize(
    "amount", ["10 / pages", "(pages + 2) * 9223372036854775807", "-1", "double(1) / double(pages)", "'ít'"]
)
def test_an_amount_that_is_none_is_refused_in_words(amount: str) -> None:
    with pytest.raises(NotComputable, match="Chưa tính được Lệ phí"):
        lines_for([rule(amount)], "on_filing", {"pages": 0}, "online")


def test_a_fraction_of_a_dong_is_dropped() -> None:
    assert lines_for([rule("double(pages) * 0.5")], "on_filing", {"pages": 3}, "online")[0]["amount"] == 1
