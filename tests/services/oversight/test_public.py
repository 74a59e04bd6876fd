"""The public page: the same figures, no names, nothing that points at a person."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from hienluong.services.dossiers.models import Dossier
from hienluong.services.oversight import figures
from hienluong.services.oversight.public_tables import LEAST, Column
from tests.services.oversight.picture import Picture

PAGES = ("/cong-khai", "/cong-khai?dang=excel", "/cong-khai?dang=csv")


def text_of(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200
    if "excel" not in address:
        return response.content.decode()
    book = load_workbook(BytesIO(response.content))
    return " | ".join(str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)


@pytest.mark.parametrize("address", PAGES)
def test_no_name_of_an_official_or_a_person_and_no_code(picture: Picture, address: str) -> None:
    picture.everything()
    text = text_of(address)
    assert "Phường Đông Hà" in text
    for name in ("Trần Văn Trễ", "Lê Thị Chậm", picture.province.party.name, "Nguyễn Văn"):
        assert name not in text
    for code in Dossier.objects.values_list("code", flat=True):
        assert code not in text


@pytest.mark.parametrize("address", ["/cong-khai?dang=csv", "/cong-khai?dang=csv&linh-vuc=KT-KHAC"])
def test_no_small_number_stands_in_any_cell(picture: Picture, address: str) -> None:
    picture.everything()
    rows = list(csv.reader(StringIO(Client().get(address).content.decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row[1:]]
    numbers = [int(cell.replace(".", "")) for cell in cells if cell.replace(".", "").isdigit()]
    assert numbers
    assert not [number for number in numbers if 0 < number < LEAST]
    assert "…" in cells


def test_rates_of_few_are_not_shown(picture: Picture) -> None:
    picture.finished(5, score=1)
    figures.refresh()
    page = Client().get("/cong-khai")
    shown = {label: value for value, label in page.context["stats"]}
    assert shown["đúng hạn"] == "…"
    assert shown["hài lòng (trên 5)"] == "…"


@given(st.lists(st.integers(0, 40), max_size=12))
def test_a_total_never_gives_a_hidden_number_away(values: list[int]) -> None:
    shown = Column.of(values).shown
    hidden = [value for value, seen in zip(values, shown, strict=True) if seen is None]
    assert all(seen is None or seen == 0 or seen >= LEAST for seen in shown)
    assert len(hidden) != 1 or not [value for value in values if value >= LEAST]


def test_charts_draw_nothing_that_the_table_hides(picture: Picture) -> None:
    for days in (40, 40, 40):
        picture.finished(days)
    for _number in range(6):
        picture.finished(2)
    figures.refresh()
    page = Client().get("/cong-khai").context
    hidden = [row.label for row in page["tables"][2].rows if row.cells[0].text == "…"]
    assert hidden
    for label in hidden:
        assert f"<title>{label}: 0</title>" in page["filed_chart"]
    unrated = [row.label for row in page["tables"][2].rows if row.cells[2].text == "…"]
    assert unrated
    for label in unrated:
        assert f"<title>{label}:" not in page["rate_chart"]


def test_the_period_is_whole_months_so_that_days_cannot_be_subtracted(picture: Picture) -> None:
    asked = Client().get("/cong-khai?tu=10/10/2026&den=11/10/2026").context["asked"]
    assert (asked.since.day, asked.until.day) == (1, 31)


def test_overdue_and_ageing_are_public_and_the_field_narrows_them(picture: Picture) -> None:
    for working_days in (2, 2, 2, 2, 2, 8, 8, 8, 8, 8, 8):
        picture.overdue(working_days)
    figures.refresh()
    table = Client().get("/cong-khai").context["tables"][1]
    assert [cell.text for cell in table.rows[0].cells] == ["12", "11", "5", "6", "0"]
    assert Client().get("/cong-khai?linh-vuc=KT-KHAC").context["tables"][1].rows == []


def test_the_area_of_the_address_changes_nothing_for_the_public(picture: Picture) -> None:
    picture.everything()
    whole, narrowed = Client().get("/cong-khai"), Client().get("/cong-khai?khu-vuc=H50.32")
    assert whole.context["stats"] == narrowed.context["stats"]
