"""Files brought into registers: read, mapped, looked at, written in parts, stopped, resumed, taken back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Change, Record, Version
from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.services.records import tasks
from hienluong.services.records.importing import actions, files, mapping
from hienluong.services.records.models import Import
from tests.capabilities.registers.sample import wells

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

HEADINGS = ("Số giấy phép", "Tên giếng", "Độ sâu (m)", "Vĩ độ", "Kinh độ", "Cơ quan quản lý", "Cột lạ")


def rows(kept: Kept, count: int, begin: int = 0) -> list[list[Any]]:
    return [
        [f"G{number:03}", f"Giếng số {number}", 10 + number, 16.8, 107.1, kept.here.code, "bỏ"]
        for number in range(begin, begin + count)
    ]


def as_csv(lines: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([headings, *lines])
    return out.getvalue().encode()


def as_excel(lines: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([headings, *lines]):
            sheet.write_row(number, 0, line)
    return out.getvalue()


def take_in(kept: Kept, content: bytes, name: str = "gieng.csv") -> Import:
    return actions.take_in(kept.officer, register=kept.register, name=name, content=content)


def run(batch: Import) -> Import:
    """As a worker does it."""
    tasks.go_on(batch_id=str(batch.pk))
    return Import.objects.get(pk=batch.pk)


def begun(kept: Kept, lines: Sequence[Sequence[Any]], **how: Any) -> Import:
    batch = take_in(kept, as_csv(lines))
    return actions.start(kept.officer, batch=batch, mapping=batch.mapping, **how)


def test_the_columns_are_guessed_from_their_headings(kept: Kept) -> None:
    batch = take_in(kept, as_csv(rows(kept, 2)))
    guessed = {HEADINGS[int(number)]: path for number, path in batch.mapping.items()}
    assert guessed == {
        "Số giấy phép": "code",
        "Tên giếng": "name",
        "Độ sâu (m)": "depth",
        "Vĩ độ": "place.latitude",
        "Kinh độ": "place.longitude",
        "Cơ quan quản lý": "agency",
    }


@pytest.mark.parametrize("name", ["gieng.csv", "gieng.xlsx"])
def test_a_file_becomes_records(kept: Kept, name: str) -> None:
    make = as_csv if name.endswith("csv") else as_excel
    batch = take_in(kept, make(rows(kept, 3)), name)
    actions.start(kept.officer, batch=batch, mapping=batch.mapping)
    done = run(batch)
    assert (done.state, done.total, done.read, done.written, done.faulty) == ("done", 3, 3, 3, 0)
    version = Version.objects.get(key="G002")
    assert version.data["place"] == {"type": "Point", "coordinates": [107.1, 16.8]}
    assert version.data["depth"] == 12
    change = Change.objects.get(record__key="G002")
    assert (change.source, change.source_ref) == ("import", batch.reference)
    assert Entry.objects.filter(verb="registers.create_many").count() == 1


@pytest.mark.parametrize(
    ("name", "cell", "flow"),
    [
        ("gieng.csv", "1.250", 1250),
        ("gieng.csv", "2,5", 2.5),
        ("gieng.xlsx", 1.125, 1.125),
        ("gieng.xlsx", "1.250", 1250),
    ],
)
def test_a_number_of_a_cell_is_taken_as_it_is_and_a_text_as_it_is_written(
    kept: Kept, name: str, cell: Any, flow: float
) -> None:
    make = as_csv if name.endswith("csv") else as_excel
    headings = (*HEADINGS[:2], "Lưu lượng: Giá trị", *HEADINGS[3:6], "Lưu lượng: Đơn vị")
    line = rows(kept, 1)[0]
    batch = take_in(kept, make([[*line[:2], cell, *line[3:6], "l/s"]], headings), name)
    actions.start(kept.officer, batch=batch, mapping=batch.mapping)
    assert run(batch).written == 1
    assert Version.objects.get(key="G000").data["flow"] == {"value": flow, "unit": "l/s"}


def test_json_and_geojson_are_read(kept: Kept) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": "G001",
                "name": "Giếng một",
                "flow": {"value": 2, "unit": "l/s"},
                "agency": kept.here.code,
            },
            "geometry": {"type": "Point", "coordinates": [107.0, 16.7]},
        }
    ]
    batch = take_in(kept, json.dumps({"type": "FeatureCollection", "features": features}).encode(), "gieng.geojson")
    actions.start(kept.officer, batch=batch, mapping=batch.mapping)
    assert run(batch).written == 1
    data = Version.objects.get(key="G001").data
    assert data["place"]["coordinates"] == [107.0, 16.7]
    assert data["flow"] == {"value": 2, "unit": "l/s"}
    plain = [{"code": "G002", "name": "Giếng hai", "agency": kept.here.code}]
    batch = take_in(kept, json.dumps({"records": plain}).encode(), "gieng.json")
    actions.start(kept.officer, batch=batch, mapping=batch.mapping)
    assert run(batch).written == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"\xff\xfe\x00a"),
        ("a.csv", b"ten\n"),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.json", b"{"),
        ("a.json", b'[{"a": NaN}]'),
        ("a.json", b"[1, 2]"),
        ("a.json", b"[" * 100_000),
        ("a.geojson", b'{"type": "FeatureCollection", "features": 7}'),
        ("a.pdf", b"%PDF-1.7"),
        ("a", b"x"),
    ],
)
def test_what_is_no_table_is_refused_in_words(kept: Kept, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        take_in(kept, content, name)
    assert str(refused.value.message)
    assert not Import.objects.exists()


def test_faults_are_told_by_row_column_and_value_and_the_rest_is_written(kept: Kept) -> None:
    lines = rows(kept, 4)
    lines[1][2] = "sâu lắm"
    lines[2][0] = "X9"
    lines[3][0] = "G000"
    done = run(begun(kept, lines))
    assert (done.written, done.faulty, done.state) == (1, 3, "done")
    told = {(fault.row, fault.column, fault.value) for fault in done.faults.all()}
    assert told == {(3, "Độ sâu (m)", "sâu lắm"), (4, "Số giấy phép", "X9"), (5, "Số giấy phép", "G000")}


def test_a_mapping_must_name_what_must_be_there_once(kept: Kept) -> None:
    batch = take_in(kept, as_csv(rows(kept, 1)))
    with pytest.raises(InvalidInput, match="Tên giếng"):
        actions.start(kept.officer, batch=batch, mapping={"0": "code"})
    with pytest.raises(InvalidInput, match="Hai cột"):
        actions.start(kept.officer, batch=batch, mapping={"0": "code", "1": "name", "2": "name"})
    with pytest.raises(NotAllowed):
        actions.start(kept.officer, batch=batch, mapping={"0": "code", "1": "name", "2": "deep"})


def test_it_goes_on_where_it_stopped(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PART", 4)
    batch = begun(kept, rows(kept, 10))
    assert actions.write_part(kept.officer, batch=batch)
    actions.stop(kept.officer, batch=batch)
    with pytest.raises(InvalidInput, match="Đã dừng"):
        actions.write_part(kept.officer, batch=batch)
    stopped = Import.objects.get(pk=batch.pk)
    assert (stopped.state, stopped.read, Record.objects.count()) == ("stopped", 4, 4)
    actions.resume(kept.officer, batch=batch)
    done = run(batch)
    assert (done.state, done.read, done.written, Record.objects.count()) == ("done", 10, 10, 10)


def test_a_part_that_fails_leaves_neither_rows_nor_figures(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PART", 4)
    batch = begun(kept, rows(kept, 8))
    assert actions.write_part(kept.officer, batch=batch)

    def dies(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the machine stops")

    with monkeypatch.context() as broken:
        broken.setattr(actions.ImportPart, "delete", dies)
        with pytest.raises(RuntimeError):
            actions.write_part(kept.officer, batch=batch)
    assert Record.objects.count() == Import.objects.get(pk=batch.pk).written == 4
    assert run(batch).written == 8


def test_keys_that_are_there_are_changed_when_that_is_wanted(kept: Kept) -> None:
    kept.add("G000", name="Tên cũ", depth=10, place={"type": "Point", "coordinates": [107.1, 16.8]})
    run(begun(kept, rows(kept, 2)))
    assert Version.objects.get(key="G000").data["name"] == "Tên cũ"
    done = run(begun(kept, rows(kept, 2), updates=True))
    assert (done.written, done.changed, done.same, done.faulty) == (0, 1, 1, 0)
    assert Version.objects.get(key="G000", known__upper_inf=True, valid__upper_inf=True).data["name"] == "Giếng số 0"


def test_taking_back_leaves_what_somebody_has_touched_since(kept: Kept) -> None:
    old = kept.add("G000", name="Tên cũ")
    batch = run(begun(kept, rows(kept, 3), updates=True))
    touched = Record.objects.get(key="G001")
    registers.change(kept.officer, record=touched, data={"depth": 77})
    actions.undo(kept.officer, batch=batch)
    assert actions.take_back_part(kept.officer, batch=batch)
    undone = run(batch)  # begins again, as after a crash
    assert (undone.state, undone.taken_back, undone.left) == ("undone", 2, 1)
    now = {
        version.key: version.data for version in Version.objects.filter(known__upper_inf=True, valid__upper_inf=True)
    }
    assert set(now) == {"G000", "G001"}
    assert now["G000"]["name"] == "Tên cũ"
    assert now["G001"]["depth"] == 77
    assert [change.kind for change in old.changes.order_by("pk")] == ["create", "change", "undo"]


def test_faults_are_told_by_the_line_of_the_file_also_below_empty_lines(kept: Kept) -> None:
    lines = rows(kept, 3)
    lines[1][2], lines[2][2] = "sâu", "999"
    batch = run(begun(kept, [lines[0], [""] * 7, lines[1], [""] * 7, [""] * 7, lines[2]]))
    assert (batch.written, [fault.row for fault in batch.faults.order_by("row")]) == (1, [4, 7])


def test_a_row_that_comes_twice_is_taken_back_twice(kept: Kept) -> None:
    kept.add("G000", name="Giếng số 0", depth=10)
    lines = rows(kept, 1)
    twice = [[*line[:2], depth, *line[3:]] for depth in (20, 30) for line in lines]
    batch = run(begun(kept, twice, updates=True))
    assert batch.changed == 2
    batch = run(actions.undo(kept.officer, batch=batch))
    assert (batch.taken_back, batch.left) == (2, 0)
    assert Version.objects.get(register=kept.register, known__upper_inf=True, valid__upper_inf=True).data["depth"] == 10


def test_another_officials_import_is_none_of_ones_business(kept: Kept) -> None:
    batch = begun(kept, rows(kept, 1))
    other = browser_of(kept.province.other_clerk)
    for page in ("", "/cot"):
        assert other.get(f"{kept.address(page='nhap')}/{batch.pk}{page}").status_code in (403, 404)
    for page in ("dung", "tiep", "hoan-tac"):
        assert other.post(f"{kept.address(page='nhap')}/{batch.pk}/{page}").status_code in (403, 404)
    with pytest.raises(NotAllowed):
        actions.stop(kept.province.other_clerk, batch=batch)
    assert Import.objects.get(pk=batch.pk).state == "running"


def test_rows_of_another_commune_are_refused(kept: Kept) -> None:
    lines = rows(kept, 2)
    lines[1][5] = kept.there.code
    done = run(begun(kept, lines))
    assert (done.written, done.faulty) == (1, 1)


def test_the_way_through_the_pages(kept: Kept) -> None:
    browser = browser_of(kept.officer)
    lines = rows(kept, 3)
    lines[1][2] = "sâu"
    upload = SimpleUploadedFile("gieng.csv", as_csv(lines))
    answer = browser.post(kept.address(page="nhap"), {"file": upload})
    batch = Import.objects.get()
    assert answer.headers["Location"].endswith(f"{batch.pk}/cot")
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "Đã kiểm tra 3 dòng đầu: 1 dòng có lỗi." in page
    assert not Record.objects.exists()
    chosen = {f"cot-{number}": path for number, path in batch.mapping.items()}
    wrong = browser.post(f"{kept.address(page='nhap')}/{batch.pk}/cot", {**chosen, "cot-1": "", "viec": "nhap"})
    assert "Chưa có cột cho trường bắt buộc: Tên giếng." in wrong.content.decode()
    answer = browser.post(f"{kept.address(page='nhap')}/{batch.pk}/cot", {**chosen, "viec": "nhap"})
    assert answer.status_code == 302
    run(batch)
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "Đã đọc 3 trên 3 dòng" in page
    assert "sâu" in page
    assert "Hoàn tác lần nhập này" in page


def test_a_guess_never_uses_a_field_twice() -> None:
    spec = wells()
    places = mapping.targets(spec, frozenset(spec.fields))
    guessed = mapping.guess(["Tên giếng", "ten gieng", "name", "Tên giếng (2)"], places)
    assert sorted(guessed.values()) == ["name"]


def test_headings_are_told_apart() -> None:
    table = files.read("a.csv", "Tên,Tên,,\nA,B,C,D\n".encode())
    assert table.columns == ["Tên", "Tên (2)", "Cột 3", "Cột 4"]
    assert table.rows == [["A", "B", "C", "D"]]
