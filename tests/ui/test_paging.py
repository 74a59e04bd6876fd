"""Pages without a count say what they know, and never lead nowhere."""

from __future__ import annotations

import pytest

from hienluong.ui.paging import OpenPaginator


@pytest.mark.parametrize(
    ("rows", "asked", "shown", "is_open", "count"),
    [
        (0, 1, [], False, 0),
        (3, 1, [0, 1, 2], False, 3),
        (5, 1, [0, 1, 2, 3, 4], False, 5),
        (6, 1, [0, 1, 2, 3, 4], True, 5),
        (6, 2, [5], False, 6),
        (6, 3, [0, 1, 2, 3, 4], True, 5),
        (6, "0", [0, 1, 2, 3, 4], True, 5),
        (6, "không", [0, 1, 2, 3, 4], True, 5),
        (6, 10**30, [0, 1, 2, 3, 4], True, 5),
        (12, 2, [5, 6, 7, 8, 9], True, 10),
    ],
)
def test_a_page_knows_whether_there_is_another(
    rows: int, asked: object, shown: list[int], is_open: bool, count: int
) -> None:
    paginator = OpenPaginator(range(rows), 5)
    page = paginator.get_page(asked)
    assert list(page) == shown
    assert (page.has_next(), paginator.is_open, paginator.count) == (is_open, is_open, count)
