"""The workbook holds every table, with the numbers of the page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from hienluong.services.oversight import ageing, asking, figures
from tests.services.oversight.picture import Picture, client_of

FILTERED = "/dieu-hanh?dang=excel&khu-vuc=H50.32&linh-vuc=KT-KHAC"


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(BytesIO(content))}


def test_the_workbook_says_what_the_page_says(picture: Picture) -> None:
    picture.everything()
    client = client_of(picture.overseer)
    asked: asking.Asked = client.get("/dieu-hanh").context["asked"]
    scope = asked.scope(picture.overseer)
    done, in_hand = figures.summary(scope), figures.in_hand(scope)
    book = sheets(client.get("/dieu-hanh?dang=excel").content)
    assert list(book) == ["Tổng hợp", "Theo cơ quan", "Theo tháng", "Đang giải quyết", "Theo cán bộ"]

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    def done_row(line: figures.Line) -> tuple[Any, ...]:
        rates = (line.on_time_rate, line.online_rate, line.satisfaction)
        return (line.filed, line.finished, line.on_time, line.late, *(rounded(rate) for rate in rates))

    def open_row(line: figures.OpenLine) -> tuple[Any, ...]:
        return (line.open, line.paused, line.overdue, *(line.late[bucket] for bucket in ageing.ALL_BUCKETS))

    assert book["Theo cơ quan"][1:] == [(line.label, line.key, *done_row(line)) for line in done.organizations]
    assert book["Theo tháng"][1:] == [(line.label, *done_row(line)) for line in done.months]
    assert book["Đang giải quyết"][1:] == [(line.label, line.key, *open_row(line)) for line in in_hand.organizations]
    assert book["Theo cán bộ"][1:] == [(line.label, line.key, *open_row(line)) for line in in_hand.officials]
    totals = dict(row[:2] for row in book["Tổng hợp"])
    assert totals["Đã nộp"] == done.total.filed
    assert totals["Quá hạn"] == in_hand.total.overdue


def test_the_workbook_keeps_the_filter(picture: Picture) -> None:
    picture.everything()
    book = sheets(client_of(picture.overseer).get(FILTERED).content)
    assert [row[1] for row in book["Theo cơ quan"][1:]] == ["H50.32"]
    assert [row[2] for row in book["Theo cơ quan"][1:]] == [2]
    assert [row[0] for row in book["Theo cán bộ"][1:]] == ["Lê Thị Chậm"]


def test_no_table_is_cut(picture: Picture) -> None:
    from tests.factories import make_org

    for number in range(70):
        place = make_org(f"UBND xã {number}", kind="commune", parent=picture.province.root)
        picture.overdue(3, competent=place, days_ago=20)
    figures.refresh()
    client = client_of(picture.overseer)
    assert len(client.get("/dieu-hanh").context["tables"][0].rows) >= 70
    book = sheets(client.get("/dieu-hanh?dang=excel").content)
    assert len(book["Đang giải quyết"]) >= 71


def test_a_name_that_looks_like_a_formula_stays_a_name(picture: Picture) -> None:
    from tests.factories import make_official

    picture.overdue(3, make_official("=1+1", org=picture.province.division))
    figures.refresh()
    book = sheets(client_of(picture.overseer).get("/dieu-hanh?dang=excel").content)
    assert book["Theo cán bộ"][1][0] == "=1+1"
