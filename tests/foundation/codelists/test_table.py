"""The table of an edition: cells that are pasted, what would be done, all of it or nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.codelists import queries
from hienluong.foundation.codelists.models import Code
from hienluong.foundation.codelists.pasting import lines
from hienluong.foundation.organisations.models import Organization
from tests.foundation.administrators import browser_of

from .sample import installed

pytestmark = pytest.mark.django_db

PAGE = "/quan-tri/danh-muc/trees/bang?an-ban=2025"


@pytest.fixture
def admin(tmp_path: Path, province: Organization) -> Client:
    installed(tmp_path)
    return browser_of("admin", province)


def send(admin: Client, work: str, *, pasted: str = "", **boxes: str) -> Any:
    """Post the page as it stands, with what is typed otherwise (``name_1``: the name in the second row)."""
    there = [
        (code.value, code.name)
        for code in queries.edition("trees", "2025").codes.order_by("order", "pk")
        if not code.valid.upper
    ]
    typed = {f"dong-{number}-name": name for number, (_value, name) in enumerate(there)}
    typed |= {f"dong-{at.rpartition('_')[2]}-{at.rpartition('_')[0]}": value for at, value in boxes.items()}
    counts = {"dong-TOTAL_FORMS": str(len(there) + 5), "dong-INITIAL_FORMS": str(len(there))}
    return admin.post(PAGE, {"viec": work, "legal_basis": "QĐ 9", "lines": pasted, **counts, **typed})


def known(value: str) -> Code:
    return Code.objects.get(edition__code="2025", value=value)


def is_known(value: str) -> bool:
    return Code.objects.filter(edition__code="2025", value=value).exists()


def test_cells_are_read_by_place_by_heading_and_told_when_they_cannot_be() -> None:
    plain = lines("G4\tGụ; gõ\tG\t01/01/2026\n\nG5\tLát\t\t2026-02-01\t1/2/2027\n")
    assert [(one.number, one.code, one.name, one.parent, one.since, one.until) for one in plain] == [
        (1, "G4", "Gụ; gõ", "G", date(2026, 1, 1), None),
        (3, "G5", "Lát", "", date(2026, 2, 1), date(2027, 2, 1)),
    ]
    named = lines("Tên\tMã\tKhông dùng nữa từ ngày\nLim\tG1\t01/06/2026\n")
    assert [(one.code, one.name, one.until) for one in named] == [("G1", "Lim", date(2026, 6, 1))]
    assert [one.name for one in lines('G4\t"Gụ\nmật"\n')] == ["Gụ mật"]
    assert [(one.code, one.name) for one in lines("01; Một\nMật ong")] == [("01", "Một"), ("", "Mật ong")]
    assert "không phải ngày" in lines("G4\tGụ\tG\t31/02/2026")[0].fault
    assert "nhiều ô hơn" in lines("G4\tGụ\tG\t\t\tthừa")[0].fault


def test_what_would_be_done_is_shown_and_nothing_written(admin: Client) -> None:
    answer = send(admin, "xem", pasted="G41\tGụ mật\tG4\nG4\tGụ\tG\nG3\tKeo lá tràm\tG\t\t01/06/2026\nT\tTre nứa\n")
    text = answer.content.decode()
    assert answer.status_code == 200
    for told in ("Gụ mật", "từ “Keo”", "từ ngày 01/06/2026", "Không đổi", "Ghi các thay đổi này"):
        assert told in text
    assert not is_known("G4")
    assert not Entry.objects.filter(verb="codelists.change_many").exists()


def test_all_of_it_is_written_the_row_above_after_the_row_below(admin: Client) -> None:
    pasted = "G41\tGụ mật\tG4\t01/01/2026\nG4\tGụ\tG\t01/01/2026\nG3\tKeo lá tràm\tG\t\t01/06/2026\n"
    assert send(admin, "ghi", pasted=pasted).status_code == 302
    made, below, gone = known("G4"), known("G41"), known("G3")
    assert (made.valid.lower, below.parent_id, made.legal_basis) == (date(2026, 1, 1), made.pk, "QĐ 9")
    assert (gone.name, gone.valid.upper) == ("Keo lá tràm", date(2026, 6, 1))
    assert Entry.objects.get(verb="codelists.change_many").after == {"add": 2, "rename": 1, "close": 1}


def test_rows_of_the_table_are_changed_ended_and_added(admin: Client) -> None:
    rows = {"name_1": "Lim", "until_2": "01/06/2026", "code_5": "V", "name_5": "Vầu", "since_5": "01/02/2026"}
    assert send(admin, "ghi", **rows).status_code == 302
    one, two, new = known("G1"), known("G11"), known("V")
    assert (one.name, two.valid.upper, new.valid.lower) == ("Lim", date(2026, 6, 1), date(2026, 2, 1))


@pytest.mark.parametrize(
    ("pasted", "fault"),
    [
        ("G4\tGụ\tX", "Dòng 1: Không có mã cha “X”"),
        ("V\tVầu\nG1\tLim\tT", "Dòng 2: Mã “G1” đã có dưới mã “G”"),
        ("G1\tLim\tG\t\t01/06/2026", "Dòng 1: Còn 1 mã con chưa đóng."),
        ("G3\tKeo\tG\t01/01/2026", "Dòng 1: Mã “G3” đã có từ ngày 01/07/2025"),
        ("V\tVầu\t\t1/1/1980", "Dòng 1: Ngày phải nằm trong hiệu lực của ấn bản"),
        ("Vầu", "Dòng 1: mã phải có từ 1 đến 40 ký tự"),
    ],
)
def test_a_row_that_is_wrong_is_told_and_no_row_is_written(admin: Client, pasted: str, fault: str) -> None:
    before = Code.objects.count()
    for work in ("xem", "ghi"):
        answer = send(admin, work, pasted=pasted)
        assert answer.status_code == 422
        assert fault in answer.content.decode()
        assert "Ghi các thay đổi này" not in answer.content.decode()
    assert Code.objects.count() == before


def test_nothing_typed_and_no_basis_are_told(admin: Client) -> None:
    assert "Chưa có dòng nào" in send(admin, "ghi").content.decode()
    answer = admin.post(PAGE, {"viec": "ghi", "lines": "V\tVầu", "dong-TOTAL_FORMS": "0", "dong-INITIAL_FORMS": "0"})
    assert answer.status_code == 422
    assert not is_known("V")


def test_only_whoever_manages_lists_opens_it(admin: Client, client: Client, province: Organization) -> None:
    assert admin.get("/quan-tri/danh-muc/trees").content.decode().count("/trees/bang?an-ban=2025") == 1
    assert client.get(PAGE).status_code == 302
    assert browser_of("officer", province).get(PAGE).status_code == 403
    assert admin.get("/quan-tri/danh-muc/trees/bang?an-ban=khong-co").status_code == 404
