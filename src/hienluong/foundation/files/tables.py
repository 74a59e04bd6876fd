"""Reading a table out of an uploaded file: Excel or CSV, within limits, bombs refused before they unfold."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

import python_calamine
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

Table = list[list[str]]
_Cell = TypeVar("_Cell")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2})?)?", re.ASCII)
#: How many parts an Excel file may have.
MAX_PARTS = 500


@dataclass(frozen=True)
class Limits:
    """What a table may measure: bytes of the file, bytes it unfolds to, rows beside the headings, columns."""

    size: int = 10 * 1024 * 1024
    unfolded: int = 120 * 1024 * 1024
    rows: int = 5000
    columns: int = 120


SMALL = Limits()


def read_excel(content: bytes, limits: Limits = SMALL) -> Table:
    """The first sheet of an .xlsx file as texts; raises :class:`InvalidInput` for anything else."""
    return [[_text(cell) for cell in row] for row in read_cells(content, limits)]


def read_cells(content: bytes, limits: Limits = SMALL) -> list[list[str | float]]:
    """As :func:`read_excel`, with the fractions left as the numbers that they are."""
    require_size(content, limits)
    _refuse_bomb(content, limits)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        rows = workbook.get_sheet_by_index(0).to_python(nrows=limits.rows + 2)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader may panic on a broken file, and a panic is no Exception
        raise InvalidInput(_("Không đọc được tệp Excel. Hãy lưu lại dạng .xlsx rồi thử lại."), field="file") from error
    return _within([[_cell(cell) for cell in row] for row in rows], limits)


def read_csv(content: bytes, limits: Limits = SMALL) -> Table:
    """A CSV file as texts: UTF-8, comma or semicolon or tab."""
    require_size(content, limits)
    text = decoded(content)
    head = text[:4096].split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter)
        rows = [[_bare(cell) for cell in row] for _number, row in zip(range(limits.rows + 2), reader, strict=False)]
    except csv.Error as error:
        raise InvalidInput(_("Tệp CSV không đúng: %(error)s") % {"error": error}, field="file") from None
    return _within(rows, limits)


def decoded(content: bytes) -> str:
    """A file of text, in UTF-8; raises :class:`InvalidInput` for any other."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(_("Tệp phải ở bảng mã UTF-8."), field="file") from None


def require_size(content: bytes, limits: Limits = SMALL) -> None:
    """Raise :class:`InvalidInput` for a file that is empty or too large."""
    if not content:
        raise InvalidInput(_("Tệp rỗng."), field="file")
    if len(content) > limits.size:
        raise too_large(limits)


def too_large(limits: Limits = SMALL) -> InvalidInput:
    """The refusal of a file that is too large."""
    return InvalidInput(_("Tệp lớn hơn %(limit)d MB.") % {"limit": limits.size // 1024 // 1024}, field="file")


def _refuse_bomb(content: bytes, limits: Limits) -> None:
    """Unfold by pieces and stop at the limit: what an archive says of its own size proves nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or total > limits.unfolded:
                raise InvalidInput(_("Tệp Excel bung ra quá lớn, không nhận."), field="file")
            total = 0
            for part in parts:
                with archive.open(part) as stream:
                    while piece := stream.read(256 * 1024):
                        total += len(piece)
                        if total > limits.unfolded:
                            raise InvalidInput(_("Tệp Excel bung ra quá lớn, không nhận."), field="file")
    except InvalidInput:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zipfile.LargeZipFile):
        raise InvalidInput(_("Đây không phải tệp Excel (.xlsx)."), field="file") from None
    except Exception as error:  # a broken compressed stream raises the errors of its own library
        raise InvalidInput(_("Tệp Excel bị hỏng."), field="file") from error


def _within(rows: list[list[_Cell]], limits: Limits) -> list[list[_Cell]]:
    if len(rows) > limits.rows + 1:
        raise InvalidInput(_("Tệp có quá %(limit)d dòng.") % {"limit": limits.rows}, field="file")
    if any(len(row) > limits.columns for row in rows):
        raise InvalidInput(_("Tệp có quá %(limit)d cột.") % {"limit": limits.columns}, field="file")
    return rows


def day(text: str) -> date | None:
    """A day as a sheet has it: ``2026-11-26`` (a cell that is a date; a time of the day is left out) or ``26/11/2026``,
    ``26-11-2026``, ``26.11.2026``; None for an empty cell, ValueError for anything else."""
    tidy = text.strip()
    if not tidy:
        return None
    if found := _DAY_FIRST.fullmatch(tidy):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if found := _YEAR_FIRST.fullmatch(tidy):
        return date(int(found[1]), int(found[2]), int(found[3]))
    raise ValueError(tidy[:60])


def _cell(cell: object) -> str | float:
    return cell if isinstance(cell, float) and not cell.is_integer() and "e" not in str(cell) else _text(cell)


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, float) and "e" in str(cell):  # as people write it: 0.0000001
        return f"{cell:.15f}".rstrip("0")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return _bare(str(cell).replace("\x00", "").replace("_x000D_", ""))


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running a cell as a formula; line breaks as ours."""
    cell = cell.replace("\r\n", "\n").replace("\r", "\n").strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell
