"""Charts: nothing beyond the edge, nothing unescaped, numbers as Vietnamese people write them."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from hienluong.services.oversight import charts, tables

LABEL = re.compile(r'class="hl-chart__label" x="([0-9.]+)" y="228" text-anchor="(\w+)">([^<]+)<')


@pytest.mark.parametrize("months", [1, 2, 5, 12, 13, 18, 24, 60])
def test_no_label_reaches_beyond_the_drawing_and_the_last_is_there(months: int) -> None:
    points = [(f"{n % 12 + 1:02d}/2026", n + 1) for n in range(months)]
    for drawing in (charts.bars(points, "Cột"), charts.line([(label, 50.0) for label, _ in points], "Đường")):
        labels = LABEL.findall(drawing)
        assert labels[-1][2] == points[-1][0]
        assert len(labels) <= charts.MOST_LABELS
        for x, anchor, _text in labels:
            reach = float(x) + (charts.HALF_A_LABEL if anchor == "middle" else 0)
            assert reach <= charts.WIDTH


def test_numbers_are_rounded_half_up_and_written_with_a_comma() -> None:
    with translation.override("vi"):
        assert tables.percent(100 * 10 / 26) == "38,5%"
        assert tables.percent(99.95) == "100,0%"
        assert tables.score(4.105) == "4,11"
        assert tables.count(1234567) == "1.234.567"
        assert tables.percent(None) == "—"


def test_titles_are_escaped() -> None:
    assert "<script>" not in charts.bars([("<script>", 1)], "<script>")
