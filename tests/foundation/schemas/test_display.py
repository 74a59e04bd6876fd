"""Values as a person reads them."""

from __future__ import annotations

import pytest

from hienluong.foundation.schemas.display import show

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.2, "0,2"),
        (120.5, "120,5"),
        (2026.0, "2026"),
        (1234567.5, "1.234.567,5"),
        (-12345.678, "-12.345,678"),
        (0.1 + 0.2, "0,3"),
        (0.0, "0"),
        (1e-9, "1e-09"),
    ],
)
def test_a_decimal_is_written_out(value: float, said: str) -> None:
    assert show(value, {"type": "number"}) == said
