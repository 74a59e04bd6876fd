"""The tables everyone may see: no official, no person, and no number so small that it points at somebody.

A count from 1 to 4 is not shown. Where it would be the only one hidden in its column, the next smallest is hidden with
it, or the total would give it away. Rates and scores of fewer than five are not shown either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from . import ageing
from .figures import Line, OpenLine
from .tables import Cell, Row, Table, bucket_heads, count, percent, score

#: Fewer than this many could be told apart.
LEAST = 5

T = TypeVar("T")
HIDDEN = "…"


@dataclass(frozen=True)
class Column:
    """One column of shown numbers, None where hidden."""

    shown: tuple[int | None, ...]

    @staticmethod
    def of(values: Sequence[int]) -> Column:
        """The column with what points at somebody hidden."""
        hidden = {number for number, value in enumerate(values) if 0 < value < LEAST}
        if len(hidden) == 1:
            others = [n for n, value in enumerate(values) if value >= LEAST]
            if others:
                hidden.add(min(others, key=lambda n: values[n]))
        return Column(tuple(None if n in hidden else value for n, value in enumerate(values)))


def safe(value: int) -> str:
    """A single count, hidden when it is small."""
    return HIDDEN if 0 < value < LEAST else count(value)


def rate(value: float | None, of: int) -> str:
    """A rate of so many, hidden when they are few."""
    return HIDDEN if 0 < of < LEAST else percent(value)


def mean(value: float | None, of: int) -> str:
    """A mean score of so many, hidden when they are few."""
    return HIDDEN if 0 < of < LEAST else score(value)


def line_heads() -> tuple[str, ...]:
    """The heads of the public table of finished work."""
    return (_("Đã nộp"), _("Đã xong"), _("Tỷ lệ đúng hạn"), _("Trực tuyến"), _("Hài lòng"))


def lines(id: str, caption: str, first: str, rows: Sequence[Line]) -> Table:
    """A table of finished work."""
    filed, finished = _column(rows, lambda row: row.filed), _column(rows, lambda row: row.finished)
    return Table(
        id,
        caption,
        first,
        line_heads(),
        [
            Row(
                row.label,
                (
                    _cell(filed.shown[n]),
                    _cell(finished.shown[n]),
                    Cell(rate(row.on_time_rate, row.finished), _sort(row.on_time_rate, row.finished)),
                    Cell(rate(row.online_rate, row.filed), _sort(row.online_rate, row.filed)),
                    Cell(mean(row.satisfaction, row.rating_count), _sort(row.satisfaction, row.rating_count)),
                ),
            )
            for n, row in enumerate(rows)
        ],
    )


def points(months: Sequence[Line]) -> tuple[list[tuple[str, int]], list[tuple[str, float | None]]]:
    """What the charts may draw: no bar and no point where the table hides the number."""
    filed = _column(months, lambda month: month.filed).shown
    return (
        [(month.label, filed[n] or 0) for n, month in enumerate(months)],
        [(month.label, month.on_time_rate if month.finished >= LEAST else None) for month in months],
    )


def in_hand(rows: Sequence[OpenLine]) -> Table:
    """A table of work in hand and how late it is."""
    late = [Column.of([row.late[bucket] for row in rows]) for bucket in ageing.ALL_BUCKETS]
    columns = [_column(rows, lambda row: row.open), _column(rows, lambda row: row.overdue), *late]
    return Table(
        "dang-giai-quyet",
        _("Đang giải quyết và quá hạn theo cơ quan (ngày làm việc)"),
        _("Cơ quan"),
        (_("Đang giải quyết"), _("Quá hạn"), *bucket_heads()),
        [Row(row.label, tuple(_cell(column.shown[n]) for column in columns)) for n, row in enumerate(rows)],
    )


def _column(rows: Sequence[T], value: Callable[[T], int]) -> Column:
    return Column.of([value(row) for row in rows])


def _cell(value: int | None) -> Cell:
    return Cell(HIDDEN, 0) if value is None else Cell(count(value), value)


def _sort(value: float | None, of: int) -> float:
    return value or 0 if of >= LEAST else 0
