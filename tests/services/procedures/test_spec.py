"""What a procedure says of itself."""

from __future__ import annotations

from datetime import date

from hienluong.services.procedures.spec import ResultKind


def test_a_result_ends_after_whole_months() -> None:
    kind = ResultKind(code="gp", name="Giấy phép", valid_months=36)
    assert kind.last_day(date(2026, 11, 28)) == date(2029, 11, 28)
    assert ResultKind(code="gp", name="Giấy phép", valid_months=1).last_day(date(2026, 1, 31)) == date(2026, 2, 28)
    assert ResultKind(code="gp", name="Giấy phép").last_day(date(2026, 1, 31)) is None
