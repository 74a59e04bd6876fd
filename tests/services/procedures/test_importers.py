"""Files in and out: nothing is lost, every fault has its row and column, no file breaks the house."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.services.procedures import exporters, importers, national, packs, queries
from hienluong.services.procedures.columns import COLUMNS, row_of
from hienluong.services.procedures.importers import Format
from hienluong.services.procedures.models import ImportBatch, Procedure
from hienluong.services.procedures.spec import ProcedureSpec
from tests.thorough import examples

from .samples import ACTOR, published, spec

DAY = date(2025, 7, 1)
EXPORTS = {"xlsx": exporters.to_excel, "csv": exporters.to_csv, "json": exporters.to_json}


def _shipped() -> list[ProcedureSpec]:
    loaded = [item.spec for folder in packs.shipped_folders() for item in packs.load(folder).procedures]
    return loaded or [spec()]


def _csv(*rows: list[str]) -> bytes:
    lines = [[column.heading for column in COLUMNS], *rows]
    return "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in lines).encode()


@pytest.mark.django_db
@pytest.mark.parametrize("format_name", ["xlsx", "csv", "json"])
def test_what_goes_out_comes_in_again_without_loss(format_name: Format) -> None:
    before = [*_shipped(), spec("1.999999", name="=1+1 | \\ gạch\\n", conditions=["-x", "a|b\nc"], summary="@x")]
    found = importers.preview(EXPORTS[format_name](before), format_name, effective_from=DAY)
    assert found.errors == []
    after = {(s.code, s.effective_from): s for s in found.wanted}
    for item in before:
        assert after[item.code, item.effective_from] == item


@pytest.mark.django_db
def test_the_national_answer_is_read(client: object) -> None:
    answer = {"error_code": "0", "result": [national.to_national(spec())]}
    found = importers.preview(json.dumps(answer).encode(), "json", effective_from=DAY)
    assert found.errors == []
    assert found.wanted[0].effective_from == DAY


@pytest.mark.django_db
def test_faults_are_told_by_row_and_column() -> None:
    good, bad = row_of(spec()), row_of(spec("1.000002"))
    place = {column.heading: index for index, column in enumerate(COLUMNS)}
    bad[place["Mức trực tuyến"]] = "Toàn phần"
    bad[place["Tên thủ tục"]] = ""
    bad[place["Cách nộp và thời hạn"]] = "Trực tiếp | ba | ngày"
    bad[place["Hiệu lực từ"]] = "31/02/2025"
    bad[place["Kết quả"]] = "gks"
    worse = row_of(spec("1.000003"))
    worse[place["Mã thủ tục"]] = "abc"
    found = importers.preview(_csv(good, bad, worse, good), "csv", effective_from=DAY)
    told = {(error.row, error.column) for error in found.errors}
    columns = ("Mức trực tuyến", "Tên thủ tục", "Cách nộp và thời hạn", "Hiệu lực từ", "Kết quả")
    assert told == {(3, column) for column in columns} | {(4, "Mã thủ tục"), (5, "Mã thủ tục")}
    assert [row.kind for row in found.rows] == ["new", "faulty", "faulty", "faulty"] or found.rows[3].spec is None
    assert [item.code for item in found.wanted] == ["1.000001"]


@pytest.mark.django_db
def test_nothing_is_written_before_it_is_confirmed_and_only_once() -> None:
    published()
    content = exporters.to_csv(
        [spec(), spec("1.000002", name="Khai tử"), spec(summary="x", effective_from="2026-01-01")]
    )
    found = importers.preview(content, "csv", effective_from=DAY)
    assert [row.kind for row in found.rows] == ["same", "new", "new"]
    assert Procedure.objects.count() == 1
    batch = importers.keep(ACTOR, found=found, name="danh-muc.csv")
    assert importers.confirm(ACTOR, batch=batch, and_publish=True) == []
    importers.confirm(ACTOR, batch=batch, and_publish=True)
    assert queries.current_version("1.000002").source == "import:danh-muc.csv"
    assert queries.current_version("1.000001").number == 2
    assert ImportBatch.objects.get().confirmed


@pytest.mark.django_db
def test_strangers_import_nothing() -> None:
    found = importers.preview(exporters.to_json([spec()]), "json", effective_from=DAY)
    with pytest.raises(NotAllowed):
        importers.keep(Actor(kind="account", account_id=1), found=found, name="x")


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (130 * 1024 * 1024))
    return out.getvalue()


def _lying_bomb() -> bytes:
    """Its directory says a few bytes; it unfolds to much more."""
    bomb = bytearray(_bomb())
    size = (130 * 1024 * 1024).to_bytes(4, "little")
    return bytes(bomb.replace(size, (10).to_bytes(4, "little")))


def _many_rows() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number in range(6000):
            sheet.write(number, 0, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "format_name"),
    [
        (b"", "xlsx"), (b"PK\x03\x04", "xlsx"), (b"%PDF-1.7", "xlsx"), (_bomb, "xlsx"), (_lying_bomb, "xlsx"),
        (_many_rows, "xlsx"), (b"\xff\xfe", "csv"), (b"", "csv"), (b"a,b\n1,2", "csv"), (b"x" * 11_000_000, "csv"),
        (b"[" * 100_000, "json"), (b"{}x", "json"), (b"[]", "json"), (b"\xff", "json"),
    ],
)  # fmt: skip
def test_files_that_are_not_a_catalogue_are_refused_in_words(
    content: bytes | Callable[[], bytes], format_name: Format
) -> None:
    given = content() if callable(content) else content
    with pytest.raises(InvalidInput) as caught:
        importers.preview(given, format_name, effective_from=DAY)
    assert str(caught.value.message)


def test_only_the_formats_we_take() -> None:
    assert importers.format_of("Danh mục.XLSX") == "xlsx"
    with pytest.raises(InvalidInput):
        importers.format_of("x.exe")


CELLS = st.text(max_size=30) | st.sampled_from(
    ["|", "a|b|c", "\\", "=1", "31/12/2025", "{}", "[]", "Trực tiếp | 1 | ngày"]
)


@pytest.mark.django_db
@settings(max_examples=examples(60, 240), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(range(len(COLUMNS))), min_size=1, max_size=5), st.lists(CELLS, min_size=5, max_size=5))
def test_any_cell_gives_a_row_or_a_fault(places: list[int], cells: list[str]) -> None:
    row = row_of(spec())
    for place, cell in zip(places, cells, strict=False):
        row[place] = cell
    found = importers.preview(_csv(row), "csv", effective_from=DAY)
    assert found.errors or found.rows[0].spec


@pytest.mark.django_db
@settings(max_examples=examples(60, 240), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(["MATTHC", "TENTTHC", "LINHVUCTHUCHIEN", "CACHTHUCTHUCHIEN", "THANHPHANHOSO", "CANCUPHAPLY"]),
        st.recursive(st.none() | st.text(max_size=9) | st.integers(), lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["KENH", "THOIGIAN", "GIAYTO", "TENGIAYTO", "THOIGIANGIAIQUYET"]), x, max_size=3), max_leaves=6),
    )
)  # fmt: skip
def test_any_national_answer_gives_a_row_or_a_fault(record: dict[str, object]) -> None:
    content = json.dumps([{"MATTHC": "1.000001", **record}]).encode()
    found = importers.preview(content, "json", effective_from=DAY)
    assert found.errors or found.rows[0].spec


@pytest.mark.parametrize(
    ("changed", "column", "told"),
    [
        ({"level_2022": 9}, "Mức 2022", "Phải là một trong: 1, 2, 3, 4."),
        (
            {"papers": [{"code": "A", "name": "A"}, {"code": "B", "name": "B", "copies": -1}]},
            "Thành phần hồ sơ",
            "Mục 2: Phải từ 0 trở lên.",
        ),
        ({"ways": []}, "Cách nộp và thời hạn", "Phải có ít nhất 1 mục."),
        ({"effective_from": "ngày mai"}, "Hiệu lực từ", "Phải là ngày, ví dụ 01/07/2025."),
        ({"name": 5}, "Tên thủ tục", "Phải là chữ."),
        ({"field": {"code": "x y"}}, "", "Thiếu phần này."),
        ({"lạ": 1}, "lạ", "Quy cách không có phần này."),
    ],
)
def test_faults_of_shape_are_told_in_vietnamese(changed: dict[str, object], column: str, told: str) -> None:
    content = {**json.loads(exporters.to_json([spec()]))["procedures"][0], **changed}
    found = importers.preview(json.dumps([content]).encode(), "json", effective_from=DAY)
    told_here = {error.message for error in found.errors if not column or error.column == column}
    assert told in told_here, [(e.column, e.message) for e in found.errors]
    english = ("Input should", "String should", "Field required", "List should", "Extra inputs", "valid ")
    assert not [e.message for e in found.errors if any(word in e.message for word in english)]
